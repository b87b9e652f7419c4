import * as z from "zod";
import type { ConfigDocument, RouteCandidateDocument } from "./document-types.ts";
import { providerSchema } from "./provider-schema.ts";
import { flag, map, text } from "./schema-fields.ts";
import { settingsSchema } from "./settings-schema.ts";
import { lineFault } from "./text-rules.ts";

// The file format, key by key: the one place that knows its names, types, bounds and descriptions. Messages, the JSON schema for editors and
// docs/configuration.md are made from it. Rules over several keys are checked in provider-rules.ts and settings-rules.ts.

const routeCandidateSchema: z.ZodType<RouteCandidateDocument> = z
  .strictObject({
    provider: text("Name of a provider.", lineFault, { examples: ["anthropic_official"] }),
    model: text("The model to ask it for, or passthrough to keep the client's name.", lineFault, {
      examples: ["passthrough"],
    }),
    priority: z
      .number()
      .meta({ description: "Lower comes first. Default: the place in the list, from 1.", examples: [1] })
      .optional(),
    enabled: flag("Leave this candidate out with false.", { default: true }).optional(),
  })
  .meta({ description: "One candidate of a route." });

/** The whole file. Top-level keys that begin with `x-` are free (a place for anchors) and are taken out before. */
export const documentSchema: z.ZodType<ConfigDocument> = z
  .strictObject({
    providers: z.array(providerSchema).meta({ description: "Required. In order of preference." }),
    settings: settingsSchema.optional(),
    model_routes: map(
      "Where a route covers the client's model, its candidates replace the provider list. An exact name comes before globs; any case.",
      lineFault,
      z.array(routeCandidateSchema).min(1),
    ).optional(),
  })
  .meta({ title: "ccpb providers.yaml", description: "Configuration of the Claude Code Provider Balancer." });
