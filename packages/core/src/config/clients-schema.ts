import * as z from "zod";
import type { BudgetDocument, ClientDocument } from "./document-types.ts";
import { oneOf, text, whole } from "./schema-fields.ts";
import type { BudgetSettings, ClientSettings } from "./server-document.ts";
import { clientNameFault, digestFault, keyFault, lineFault, timeZoneFault } from "./text-rules.ts";

const money = (currency: string): z.ZodNumber =>
  z
    .number()
    .gt(0)
    .max(1_000_000_000)
    .meta({ description: `Cost in ${currency}; costs in other currencies do not count.`, examples: [20] });

const budgetSchema = z
  .strictObject({
    usd: money("US dollars").optional(),
    eur: money("euros").optional(),
    cny: money("yuan").optional(),
    tokens: whole(
      "Tokens of input, output and cache writes; what came from a cache does not count.",
      [1, 1_000_000_000_000],
      {
        examples: [5_000_000],
      },
    ).optional(),
    per: oneOf(["day", "week", "month"], "When it begins anew: at midnight, on Monday, on the first.", {
      default: "day",
    }).optional(),
    timezone: text("Whose midnight; default: that of the machine.", timeZoneFault, {
      examples: ["Europe/Berlin"],
    }).optional(),
  })
  .meta({ description: "What a client may use in a day, week or month; each amount that is named counts." });

const limitsSchema = z
  .strictObject({
    concurrent: whole("Requests under way at once.", [1, 100_000], { examples: [8] }).optional(),
    requests_per_minute: whole("Requests within any 60 seconds.", [1, 10_000_000], { examples: [120] }).optional(),
    tokens_per_minute: whole(
      "Tokens of input, output and cache writes within any 60 seconds; they are known when an answer ends.",
      [1, 10_000_000_000],
      { examples: [400_000] },
    ).optional(),
  })
  .meta({ description: "Limits of the client. A request above one is answered with 429 and `retry-after`." });

const globs = (description: string): z.ZodArray<z.ZodString> =>
  z
    .array(text("", lineFault))
    .min(1)
    .meta({ description, default: ["*"] });

/** One entry of `auth.clients`. */
export const clientSchema: z.ZodType<ClientDocument> = z
  .strictObject({
    name: text("Stands for the client in the log, in metrics and in usage.", clientNameFault, { examples: ["alice"] }),
    key: text("Its key, at least 16 characters.", keyFault, { examples: ["${ALICE_KEY}"] }).optional(),
    key_sha256: text("SHA-256 of its key in hexadecimal, instead of `key`.", digestFault, {
      examples: ["2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"],
    }).optional(),
    role: oneOf(
      ["client", "monitor", "operator"],
      "A client asks models. A monitor reads status, metrics and usage. An operator may do everything: reload, reset, control providers.",
      { default: "client" },
    ).optional(),
    models: globs("Models that it may ask for; `*` and `?` stand for any characters, in any case.").optional(),
    providers: globs("Providers that may serve it, by name; `*` and `?` as in `models`.").optional(),
    limits: limitsSchema.optional(),
    budget: z
      .union([budgetSchema, z.array(budgetSchema).min(1)])
      .meta({
        description: "One budget or several, such as one a day and one a month.",
        examples: [{ usd: 20, per: "day" }],
      })
      .optional(),
    priority: whole("A client with a higher one goes first where requests wait for a provider.", [0, 100], {
      default: 0,
    }).optional(),
  })
  .meta({ description: "A client with a name and a key of its own." });

/** Reads one entry of `auth.clients`. */
export function readClient(client: ClientDocument): ClientSettings {
  const { name, key, key_sha256: digest, role = "client", models = ["*"], providers = ["*"], limits = {} } = client;
  const { budget = [], priority = 0 } = client;
  const { concurrent, requests_per_minute: requestsPerMinute, tokens_per_minute: tokensPerMinute } = limits;
  return {
    name,
    ...(key !== undefined && { key }),
    ...(digest !== undefined && { keySha256: digest.toLowerCase() }),
    role,
    models,
    providers,
    limits: {
      ...(concurrent !== undefined && { concurrent }),
      ...(requestsPerMinute !== undefined && { requestsPerMinute }),
      ...(tokensPerMinute !== undefined && { tokensPerMinute }),
    },
    budgets: (isList(budget) ? budget : [budget]).map(readBudget),
    priority,
  };
}

function readBudget({ per = "day", timezone, tokens, ...money }: BudgetDocument): BudgetSettings {
  const amounts = Object.entries(money).map(([currency, amount]) => [currency.toUpperCase(), amount] as const);
  return {
    per,
    ...(timezone !== undefined && { timezone }),
    ...(tokens !== undefined && { tokens }),
    cost: Object.fromEntries(amounts.filter(([, amount]) => amount !== undefined)) as Readonly<Record<string, number>>,
  };
}

/** Returns an entry of `auth.clients` that is read as this client. */
export function writeClient(client: ClientSettings): ClientDocument {
  const { name, key, keySha256, role, models, providers, limits, budgets, priority } = client;
  return {
    name,
    ...(key !== undefined && { key }),
    ...(keySha256 !== undefined && { key_sha256: keySha256 }),
    role,
    models,
    providers,
    ...(Object.keys(limits).length > 0 && {
      limits: {
        ...(limits.concurrent !== undefined && { concurrent: limits.concurrent }),
        ...(limits.requestsPerMinute !== undefined && { requests_per_minute: limits.requestsPerMinute }),
        ...(limits.tokensPerMinute !== undefined && { tokens_per_minute: limits.tokensPerMinute }),
      },
    }),
    ...(budgets.length > 0 && { budget: budgets.map(writeBudget) }),
    priority,
  };
}

function writeBudget({ per, timezone, tokens, cost }: BudgetSettings): BudgetDocument {
  return {
    ...Object.fromEntries(Object.entries(cost).map(([currency, amount]) => [currency.toLowerCase(), amount])),
    ...(tokens !== undefined && { tokens }),
    per,
    ...(timezone !== undefined && { timezone }),
  };
}

function isList<Item extends object>(value: Item | readonly Item[]): value is readonly Item[] {
  return Array.isArray(value);
}
