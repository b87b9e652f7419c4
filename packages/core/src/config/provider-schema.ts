import * as z from "zod";
import { checkBaseUrl, proxyFault } from "./base-url.ts";
import type { ProviderDocument } from "./document-types.ts";
import { profileSchema } from "./profile-schema.ts";
import { flag, map, oneOf, text, whole } from "./schema-fields.ts";
import {
  forwardedHeaderFault,
  headerNameFault,
  headerValueFault,
  keyFault,
  lineFault,
  nameFault,
} from "./text-rules.ts";
import { timeoutsSchema } from "./timeouts-schema.ts";

const passthrough = "or passthrough to keep the client's name";

/** One entry of `providers`. */
export const providerSchema: z.ZodType<ProviderDocument> = z
  .strictObject({
    name: text("Required, unique. Appears in logs, in `/providers` and in the `x-ccpb-provider` header.", nameFault, {
      examples: ["anthropic_official"],
    }),
    type: oneOf(
      ["anthropic", "openai"],
      "Required. The API that the provider speaks: `anthropic` is passed through byte for byte, `openai` (Chat Completions or Responses) is translated.",
      { examples: ["anthropic"] },
    ),
    base_url: text(
      "Required. `/v1/messages` is added for `anthropic`, `/chat/completions` or `/responses` for `openai` (so it includes `/v1` there). http or https, without credentials, query or fragment; link-local and cloud metadata addresses are refused.",
      (url) => {
        const check = checkBaseUrl(url);
        return check.ok ? undefined : check.message;
      },
      { examples: ["https://api.anthropic.com"] },
    ),
    auth_type: oneOf(
      ["api_key", "auth_token", "passthrough"],
      "`api_key` sends `x-api-key` (anthropic) or `Authorization: Bearer` (openai), `auth_token` sends `Authorization: Bearer`, `passthrough` forwards the client's own credential (anthropic only).",
      { default: "api_key" },
    ).optional(),
    auth_value: z
      .union([text("", keyFault), z.array(text("", keyFault)).min(1)])
      .meta({
        description:
          "The key, or a list of keys, each with its own health. Best written as `${NAME}`. Required unless `auth_type` is `passthrough`.",
        examples: ["${ANTHROPIC_API_KEY}"],
      })
      .optional(),
    big_model: text(
      `The model for names with \`opus\` or \`sonnet\` in them and for all other names but haiku; ${passthrough}. Required unless \`models\` or \`model_routes\` covers them.`,
      lineFault,
      { examples: ["claude-opus-5", "passthrough"] },
    ).optional(),
    small_model: text(
      `The model for names with \`haiku\` in them; ${passthrough}. Required unless \`models\` or \`model_routes\` covers them.`,
      lineFault,
      { examples: ["claude-haiku-5", "passthrough"] },
    ).optional(),
    models: map(
      `A finer map, asked before \`big_model\` and \`small_model\`: glob over the client's name (\`*\`, \`?\`, any case) → model, ${passthrough}. The first match wins.`,
      lineFault,
      text("", lineFault),
    ).optional(),
    enabled: flag("A disabled provider is listed but never asked, and its variables may be unset.", {
      default: true,
    }).optional(),
    weight: z
      .number()
      .gt(0)
      .max(1_000_000)
      .meta({ description: "Its share with `selection_strategy: weighted`.", default: 1 })
      .optional(),
    proxy: text(
      "URL of an http or https proxy; SOCKS is refused. Without it `HTTPS_PROXY` (for http providers `HTTP_PROXY`), else `ALL_PROXY`, and `NO_PROXY` are honoured.",
      proxyFault,
      {
        examples: ["http://127.0.0.1:3128"],
      },
    ).optional(),
    headers: map(
      "Extra headers of every request to this provider.",
      headerNameFault,
      text("", headerValueFault),
    ).optional(),
    forward_headers: z
      .array(text("", forwardedHeaderFault, { examples: ["x-tenant"] }))
      .meta({
        description:
          "Names of headers of the client's that this provider is sent besides those of `settings.forward_headers`, of an `openai` provider too.",
      })
      .optional(),
    timeouts: timeoutsSchema(
      "Deadlines of this provider, where they differ from `settings.timeouts`.",
      "provider",
    ).optional(),
    max_concurrent: whole(
      "Requests in flight at once; more go to the next provider. Divided between the workers of a server; at least as large as their number.",
      [1, 1_000_000],
      {
        examples: [20],
      },
    ).optional(),
    context_window: whole(
      "Tokens. Requests that need more go first to providers that can take them.",
      [1, 1_000_000_000],
      {
        examples: [200_000],
      },
    ).optional(),
    dialect: oneOf(
      ["auto", "chat", "responses"],
      "Of an `openai` provider: `chat` is Chat Completions, `responses` OpenAI Responses. `auto` uses Responses where the profile says that Chat Completions cannot do the job (tools with gpt-5.4 and later at OpenAI), and learns from an answer that sends it to the other one.",
      { default: "auto" },
    ).optional(),
    profile: profileSchema.optional(),
    signature_domain: text(
      "Providers with the same value accept each other's thinking signatures. Default: the host of `base_url`.",
      lineFault,
      { examples: ["api.anthropic.com"] },
    ).optional(),
  })
  .meta({ description: "One provider. Their order in the file is the order of preference." });
