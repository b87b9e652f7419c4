import * as z from "zod";
import { checkBaseUrl } from "./base-url.ts";
import { proxyFault } from "./proxy-fault.ts";
import type { ProviderDocument } from "./document-types.ts";
import { profileSchema } from "./profile-schema.ts";
import { flag, map, oneOf, text, whole } from "./schema-fields.ts";
import { projectFault, regionFault } from "./cloud-places.ts";
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
      ["anthropic", "openai", "bedrock", "vertex"],
      "Required. The API that the provider speaks: `anthropic` is passed through byte for byte, `openai` (Chat Completions or Responses) is translated; `bedrock` and `vertex` are Claude at Amazon Bedrock and Google Vertex AI, passed through in the clouds' own envelope.",
      { examples: ["anthropic"] },
    ),
    base_url: text(
      "Required, but for `bedrock` and `vertex` with a `region`. `/v1/messages` is added for `anthropic`, `/chat/completions` or `/responses` for `openai` (so it includes `/v1` there, as it does for `vertex`). http or https, without credentials, query or fragment; link-local and cloud metadata addresses are refused. Of `openai`, `{model}` in the path stands for the model, and `?api-version=…` may end it (Azure).",
      (url) => {
        const check = checkBaseUrl(url);
        return check.ok ? undefined : check.message;
      },
      { examples: ["https://api.anthropic.com"] },
    ).optional(),
    region: text(
      "Of `bedrock` and `vertex`: the cloud's region, such as `us-east-1`, `us-east5` or `global` (Vertex). With `auth_type: aws`, the region to sign for where the host of `base_url` names none.",
      regionFault,
      { examples: ["us-east-1"] },
    ).optional(),
    project: text("Of `vertex`: the id of the Google Cloud project.", projectFault, {
      examples: ["my-project-1234"],
    }).optional(),
    inference_profile: oneOf(
      ["global", "us", "eu", "apac", "jp", "au", "us-gov", "none"],
      "Of `bedrock`: the prefix of the inference profile that Anthropic's model names become, which says in which part of the world requests are served. Default: `us`, `eu`, `jp` or `us-gov` by the region, `global` elsewhere.",
    ).optional(),
    auth_type: oneOf(
      ["api_key", "auth_token", "passthrough", "command", "file", "aws", "google"],
      "`api_key` sends `x-api-key` (anthropic) or `Authorization: Bearer` (the others), `auth_token` sends `Authorization: Bearer`, `passthrough` forwards the client's own credential (anthropic only). `command` and `file` get a token from `auth_command` and `auth_file` and renew it. `aws` signs requests with AWS's credentials (needs the packages @smithy/signature-v4 and @aws-sdk/credential-providers), `google` uses Application Default Credentials (needs google-auth-library). Default: by the key that is given; else `aws` for `bedrock`, `google` for `vertex`, `api_key`.",
      { default: "api_key" },
    ).optional(),
    auth_value: z
      .union([text("", keyFault), z.array(text("", keyFault)).min(1)])
      .meta({
        description:
          "The key, or a list of keys, each with its own health. Best written as `${NAME}`. Required for `auth_type` `api_key` and `auth_token`.",
        examples: ["${ANTHROPIC_API_KEY}"],
      })
      .optional(),
    auth_command: z
      .array(text("", lineFault))
      .min(1)
      .meta({
        description:
          "The program that prints a token, and its arguments; run without a shell, for at most 10 seconds. It prints the token alone, or JSON with `token` and `expires_at`. The token is kept until 5 minutes before it expires (without `expires_at`: for 5 minutes), renewed in the background, and at once after a 401.",
        examples: [["gcloud", "auth", "print-access-token"]],
      })
      .optional(),
    auth_file: text(
      "A file with a key or token, relative to the configuration file's folder; read again when it changes. One newline at its end is not part of it.",
      lineFault,
      { examples: ["/run/secrets/anthropic"] },
    ).optional(),
    auth_header: oneOf(
      ["authorization", "x-api-key", "api-key"],
      "The header that the credential is sent in: `authorization` as `Bearer …`, the others as it is. Default: `x-api-key` for `api_key` of an `anthropic` provider, else `authorization`.",
    ).optional(),
    aws_profile: text(
      "With `auth_type: aws`: the profile of `~/.aws/config`. Default: AWS's own chain (environment, SSO, web identity, container, instance).",
      lineFault,
      { examples: ["production"] },
    ).optional(),
    big_model: text(
      `The model for names with \`opus\` or \`sonnet\` in them and for all other names but haiku; ${passthrough}. Required unless \`models\` or \`model_routes\` covers them.`,
      lineFault,
      { examples: ["claude-opus-5", "passthrough"] },
    ).optional(),
    small_model: text(
      `The model for names with \`haiku\` in them; ${passthrough}. Required unless \`models\` or \`model_routes\` covers them.`,
      lineFault,
      { examples: ["claude-haiku-5-5", "passthrough"] },
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
      "URL of an http, https or SOCKS proxy (`socks5://`; it resolves the names). Without it `HTTPS_PROXY` (for http providers `HTTP_PROXY`), else `ALL_PROXY`, and `NO_PROXY` are honoured.",
      proxyFault,
      { examples: ["http://127.0.0.1:3128"] },
    ).optional(),
    tls: z
      .strictObject({
        ca: text("PEM file with certificate authorities to trust besides the public ones.", lineFault, {
          examples: ["tls/ca.pem"],
        }).optional(),
        cert: text("PEM file with a client certificate, for mutual TLS; needs `key`.", lineFault, {
          examples: ["tls/client.pem"],
        }).optional(),
        key: text("PEM file with the private key of `cert`.", lineFault, { examples: ["tls/client.key"] }).optional(),
        server_name: text(
          "The name that the provider's certificate must be for. Default: the host of `base_url`.",
          lineFault,
          {
            examples: ["gateway.internal"],
          },
        ).optional(),
      })
      .meta({
        description:
          "TLS with this provider. Paths are relative to the configuration file's folder; files are read again when they change.",
      })
      .optional(),
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
    reserve: z
      .number()
      .min(0)
      .max(100)
      .meta({
        description:
          "Per cent of each quota window that is kept back: a key of which an answer has stated that no more is left is asked only where no other can serve, until the window resets. Windows are read from rate limit headers. Default: none is kept back; with `selection_strategy: drain_soonest` 0, so that a used-up key is passed over before it refuses.",
        examples: [5],
      })
      .optional(),
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
