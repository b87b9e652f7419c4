import * as z from "zod";
import { balancerSettings } from "./balancer-settings.ts";
import type { SettingsDocument } from "./document-types.ts";
import { text } from "./schema-fields.ts";
import { serverSettings } from "./server-settings.ts";
import type { Setting } from "./setting.ts";
import { forwardedHeaderFault } from "./text-rules.ts";

/** Keys of `settings` that are no fields of their own: they are read into each provider. */
const providerDefaults = {
  forward_headers: z.array(text("", forwardedHeaderFault, { examples: ["x-tenant"] })).meta({
    description:
      "Names of further headers of the client's that `anthropic` providers are sent; `anthropic-*`, `x-anthropic-*`, `x-claude-*`, `x-stainless-*`, `x-app` and `user-agent` are without it. Default: none.",
  }),
};

/** The rows of both halves, in the order of the reference. */
export const allSettings: readonly Setting<unknown>[] = [
  ...Object.values<Setting<unknown>>(balancerSettings),
  ...Object.values<Setting<unknown>>(serverSettings),
];

/** The section `settings`: every key of the rows, none of which has to be there. */
export const settingsSchema: z.ZodType<SettingsDocument> = z
  .strictObject({ ...shapeOf(allSettings), ...optional(providerDefaults) })
  .meta({ description: "Everything that is not about one provider." });

function shapeOf(rows: readonly Setting<unknown>[]): Readonly<Record<string, z.ZodType>> {
  return Object.assign({}, ...rows.map(({ key, schema, others = {} }) => optional({ [key]: schema, ...others })));
}

function optional(schemas: Readonly<Record<string, z.ZodType>>): Record<string, z.ZodType> {
  return Object.fromEntries(Object.entries(schemas).map(([key, schema]) => [key, schema.optional()]));
}
