import type { VendorGuide } from "./guide.ts";
import { claudeOnCloud } from "./messages-members.ts";
import type { Vendor } from "./vendor.ts";

// Not "Claude Platform on AWS", which is Anthropic's own API.
const host = /^(?!aws-external-anthropic\.)(?:[^.]+\.)*(?:amazonaws\.com|api\.aws)$/;

/**
 * The values of `anthropic-beta` that Bedrock knows; it refuses a request with any other ("invalid beta flag"). Those for `context_management` are not
 * in it: that member is left out for the clouds. As of 2026-10-06. Sources: docs.aws.amazon.com/bedrock, "Anthropic Claude Messages API", request;
 * litellm, `anthropic_beta_headers_config.json`.
 */
export const bedrockBetas: readonly string[] = [
  "computer-use-2025-01-24",
  "computer-use-2025-11-24",
  "context-1m-2025-08-07",
  "dangerous-tool-use-2026-09-03",
  "effort-2025-11-24",
  "fine-grained-tool-streaming-2025-05-14",
  "interleaved-thinking-2025-05-14",
  "mid-conversation-output-config-2026-07-01",
  "mid-conversation-tool-changes-2026-07-01",
  "output-128k-2025-02-19",
  "thinking-binding-controls-2026-08-01",
  "thinking-display-updates-2026-08-18",
  "token-efficient-tools-2025-02-19",
  "tool-examples-2025-10-29",
  "tool-search-tool-2025-10-19",
  "advanced-tool-use-2025-11-20",
];

export const bedrock: Vendor = {
  name: "Amazon Bedrock",
  hosts: [
    {
      host: /(?:^|[.-])bedrock(?:-runtime|-mantle)?\.[a-z0-9-]+\.(?:amazonaws\.com|api\.aws)(?::|$)/,
      profile: { images: false },
    },
  ],
  messages: /* @__PURE__ */ claudeOnCloud(host, bedrockBetas),
};

export const bedrockGuide: VendorGuide = {
  vendor: bedrock,
  evidence: {
    date: "2026-11-28",
    hosts: "recordings",
    messages:
      'anthropics/claude-code#49548; docs.aws.amazon.com/bedrock, "Anthropic Claude Messages API"; litellm, `anthropic_beta_headers_config.json`; anthropics/claude-code-action#1005; recorded 400',
  },
  apis: [
    {
      vendor: "Amazon Bedrock (OpenAI API)",
      hosts: "`bedrock*.amazonaws.com`, `*.api.aws`",
      requests: "no images",
      answers: "`reasoning`",
      evidence: "r",
    },
  ],
  presets: [
    {
      id: "bedrock",
      title: { en: "Amazon Bedrock (OpenAI API)", zh: "Amazon Bedrock（OpenAI API）" },
      type: "openai",
      baseUrl: "https://bedrock-runtime.${AWS_REGION}.amazonaws.com/openai/v1",
      auth: "api_key",
      keys: ["AWS_BEARER_TOKEN_BEDROCK"],
      bigModel: "openai.gpt-oss-120b-1:0",
      smallModel: "openai.gpt-oss-20b-1:0",
      note: {
        en: "With a Bedrock API key. Claude on Bedrock is the entry `claude-bedrock`.",
        zh: "使用 Bedrock API 密钥。Bedrock 上的 Claude 见 `claude-bedrock`。",
      },
      models: "https://docs.aws.amazon.com/bedrock/latest/userguide/models-supported.html",
    },
    {
      id: "claude-bedrock",
      title: { en: "Claude on Amazon Bedrock", zh: "Amazon Bedrock 上的 Claude" },
      type: "bedrock",
      baseUrl: "https://bedrock-runtime.${AWS_REGION}.amazonaws.com",
      auth: "api_key",
      keys: ["AWS_BEARER_TOKEN_BEDROCK"],
      bigModel: "claude-opus-5-5",
      smallModel: "claude-haiku-4-5",
      more: ["region: ${AWS_REGION}"],
      note: {
        en: "With a Bedrock API key; with AWS's own credentials write `auth_type: aws` instead, see [Claude on the clouds](clouds.md). Without big_model and small_model each model is asked for by Bedrock's name of it.",
        zh: "使用 Bedrock API 密钥；如果用 AWS 凭证，请改写为 `auth_type: aws`，见[云上的 Claude](clouds.zh-CN.md)。去掉 big_model 和 small_model 时，会按 Bedrock 对每个模型的命名请求。",
      },
      models: "https://docs.aws.amazon.com/bedrock/latest/userguide/models-supported.html",
    },
  ],
};
