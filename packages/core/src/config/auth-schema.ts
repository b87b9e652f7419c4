import * as z from "zod";
import { clientSchema } from "./clients-schema.ts";
import type { SettingsDocument } from "./document-types.ts";
import { flag, text } from "./schema-fields.ts";
import { serverDefaults } from "./server-document.ts";
import { exemptPathFault, keyFault } from "./text-rules.ts";

/** The section `auth` of `settings`. */
export const authSchema: z.ZodType<NonNullable<SettingsDocument["auth"]>> = z
  .strictObject({
    enabled: flag("Whether clients need a key. Default: true once there is one.").optional(),
    api_key: text("The same as `api_keys` with one.", keyFault, { examples: ["${CCPB_API_KEY}"] }).optional(),
    api_keys: z
      .array(text("", keyFault))
      .min(1)
      .meta({
        description:
          "Keys that clients show as `Authorization: Bearer`, `x-api-key` or `api-key`; at least 16 characters each.",
        examples: [["${CCPB_API_KEY}"]],
      })
      .optional(),
    clients: z
      .array(clientSchema)
      .min(1)
      .meta({
        description:
          "Clients with names: each with a key, a role, limits and budgets. Once one of them is an operator, `api_keys` are clients, too.",
        examples: [[{ name: "alice", key: "${ALICE_KEY}", budget: { usd: 20, per: "day" } }]],
      })
      .optional(),
    exempt_paths: z
      .array(text("", exemptPathFault, { examples: ["/health"] }))
      .meta({
        description: "Routes that need no key; methods may stand in front. Replaces the default.",
        default: serverDefaults.exemptPaths,
      })
      .optional(),
  })
  .meta({ description: "Keys that the server asks its own clients for." });

/** The section in the template, filled in. */
export const authSample: string = [
  'api_keys: ["${CCPB_API_KEY}"] # at least 16 characters each',
  "clients: # with names: each has a key, and may have a role, limits and budgets (docs/team.md)",
  "  - name: alice",
  "    key: ${ALICE_KEY} # or key_sha256",
  '    models: ["*"] # default: all',
  '    providers: ["*"]',
  "    limits: { concurrent: 8, requests_per_minute: 120, tokens_per_minute: 400000 }",
  "    budget: { usd: 20, per: day } # usd, eur, cny, tokens; day | week | month",
  "    priority: 1 # who goes first where requests wait",
  "  - name: ops",
  "    key: ${OPS_KEY}",
  "    role: operator # client | monitor | operator",
  'exempt_paths: ["GET|HEAD /", /health, HEAD /api/hello]',
].join("\n");
