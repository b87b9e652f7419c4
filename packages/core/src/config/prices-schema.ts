import * as z from "zod";
import type { PriceDocument } from "./document-types.ts";
import { text } from "./schema-fields.ts";
import { lineFault } from "./text-rules.ts";

const perMillion = (description: string): z.ZodNumber =>
  z
    .number()
    .min(0)
    .max(1_000_000)
    .meta({ description, examples: [3] });

const currency = (value: string): string | undefined =>
  /^[A-Z]{3}$/.test(value) ? undefined : "must be a currency of three capitals; write one such as USD or CNY";

/** One entry of `prices`. */
export const priceSchema: z.ZodType<PriceDocument> = z
  .strictObject({
    model: text("The upstream's name of the model; `*` and `?` stand for any characters, in any case.", lineFault, {
      examples: ["glm-5*"],
    }),
    provider: text("Only at this provider. Default: at every one.", lineFault, { examples: ["zai"] }).optional(),
    input: perMillion("Price of a million tokens of input."),
    output: perMillion("Price of a million tokens of output, thinking included."),
    cache_read: perMillion("Price of a million tokens that came from a cache. Default: `input`.").optional(),
    cache_write: perMillion("Price of a million tokens that went into a cache. Default: `input`.").optional(),
    cache_write_1h: perMillion(
      "Price of a million tokens that went into a cache for one hour. Default: 1.6 times `cache_write`.",
    ).optional(),
    currency: text("Three letters (ISO 4217).", currency, { default: "USD", examples: ["CNY"] }).optional(),
  })
  .meta({ description: "What some models cost, for usage and budgets; stands before the prices that ccpb knows." });
