import { title, type ProviderPreset } from "./preset.ts";

/** Clouds that host models of others. */
export const cloudPresets: readonly ProviderPreset[] = [
  {
    id: "azure-openai",
    title: title("Azure OpenAI"),
    type: "openai",
    baseUrl: "https://${AZURE_OPENAI_RESOURCE}.openai.azure.com/openai/v1",
    auth: "api_key",
    keys: ["AZURE_OPENAI_API_KEY"],
    bigModel: "gpt-6.1-sol",
    smallModel: "gpt-6.1-terra",
    note: {
      en: "The model names are those of your deployments.",
      zh: "模型名是你自己的部署名。",
    },
    models: "https://learn.microsoft.com/azure/ai-foundry/openai/",
  },
  {
    id: "foundry",
    title: title("Claude in Microsoft Foundry", "Microsoft Foundry 上的 Claude"),
    type: "anthropic",
    baseUrl: "https://${FOUNDRY_RESOURCE}.services.ai.azure.com/anthropic",
    auth: "api_key",
    keys: ["FOUNDRY_API_KEY"],
    bigModel: "claude-opus-5",
    smallModel: "claude-haiku-4-5",
    note: {
      en: "The model names are those of your deployments.",
      zh: "模型名是你自己的部署名。",
    },
    models: "https://learn.microsoft.com/azure/ai-foundry/",
  },
  {
    id: "bedrock",
    title: title("Amazon Bedrock (OpenAI API)", "Amazon Bedrock（OpenAI API）"),
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
    id: "vertex",
    title: title("Google Vertex AI (OpenAI API)", "Google Vertex AI（OpenAI API）"),
    type: "openai",
    baseUrl: "https://aiplatform.googleapis.com/v1/projects/${GOOGLE_CLOUD_PROJECT}/locations/global/endpoints/openapi",
    auth: "api_key",
    keys: [],
    command: ["gcloud", "auth", "print-access-token"],
    bigModel: "google/gemini-3.8-flash",
    smallModel: "google/gemini-3.5-flash-lite",
    note: {
      en: "Needs `gcloud auth login` once. ccpb runs the command and renews the token by itself.",
      zh: "需要先运行一次 `gcloud auth login`。ccpb 会运行这条命令并自动续期令牌。",
    },
    models: "https://cloud.google.com/vertex-ai/generative-ai/docs/models",
  },
  {
    id: "claude-bedrock",
    title: title("Claude on Amazon Bedrock", "Amazon Bedrock 上的 Claude"),
    type: "bedrock",
    baseUrl: "https://bedrock-runtime.${AWS_REGION}.amazonaws.com",
    auth: "api_key",
    keys: ["AWS_BEARER_TOKEN_BEDROCK"],
    bigModel: "claude-opus-5-5",
    smallModel: "claude-haiku-4-5",
    more: ["region: ${AWS_REGION}"],
    note: {
      en: "With a Bedrock API key; with AWS's own credentials write `auth_type: aws` instead, see [Claude on the clouds](clouds.md). Without big_model and small_model each model is asked for by Bedrock's name of it.",
      zh: "使用 Bedrock API 密钥；如果用 AWS 凭证，请改写为 `auth_type: aws`，见 [Claude on the clouds](clouds.md)。去掉 big_model 和 small_model 时，会按 Bedrock 对每个模型的命名请求。",
    },
    models: "https://docs.aws.amazon.com/bedrock/latest/userguide/models-supported.html",
  },
  {
    id: "claude-vertex",
    title: title("Claude on Google Vertex AI", "Google Vertex AI 上的 Claude"),
    type: "vertex",
    baseUrl: "https://aiplatform.googleapis.com/v1",
    auth: "api_key",
    keys: [],
    command: ["gcloud", "auth", "print-access-token"],
    bigModel: "claude-opus-5-5",
    smallModel: "claude-haiku-4-5",
    more: ["region: global", "project: ${GOOGLE_CLOUD_PROJECT}"],
    note: {
      en: "Needs `gcloud auth login` once; in a container or on Google Cloud write `auth_type: google` instead, see [Claude on the clouds](clouds.md).",
      zh: "需要先运行一次 `gcloud auth login`；在容器或 Google Cloud 上请改写为 `auth_type: google`，见 [Claude on the clouds](clouds.md)。",
    },
    models: "https://cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude",
  },
];

interface LocalServer {
  readonly id: string;
  readonly name: string;
  readonly port: number;
  readonly model: string;
  readonly models: string;
}

const local = ({ id, name, port, model, models }: LocalServer): ProviderPreset => ({
  id,
  title: title(`${name} on this machine`, `本机上的 ${name}`),
  type: "openai",
  baseUrl: `http://127.0.0.1:${port}/v1`,
  auth: "api_key",
  keys: [`${id.toUpperCase().replaceAll(/[^A-Z]/g, "")}_API_KEY`],
  isOptional: true,
  bigModel: model,
  smallModel: model,
  note: {
    en: "The model is the one that is loaded there. Give it a context of 32,000 tokens or more: Claude Code's prompts are long.",
    zh: "模型名以那里加载的为准。上下文请设为 32,000 个 token 以上：Claude Code 的提示词很长。",
  },
  models,
});

/** Servers on the same machine. */
export const localPresets: readonly ProviderPreset[] = [
  local({ id: "ollama", name: "Ollama", port: 11434, model: "qwen3-coder", models: "https://ollama.com/library" }),
  local({
    id: "lmstudio",
    name: "LM Studio",
    port: 1234,
    model: "qwen/qwen3-coder-30b",
    models: "https://lmstudio.ai/models",
  }),
  local({
    id: "vllm",
    name: "vLLM",
    port: 8000,
    model: "Qwen/Qwen3-Coder-30B-A3B-Instruct",
    models: "https://docs.vllm.ai",
  }),
  local({
    id: "llama-cpp",
    name: "llama.cpp",
    port: 8081,
    model: "default",
    models: "https://github.com/ggml-org/llama.cpp",
  }),
];

/** Services that pass requests on to others, at an address that the user knows. */
export const relayPresets: readonly ProviderPreset[] = [
  {
    id: "relay",
    title: title("Any relay that speaks the Messages API", "任何支持 Messages API 的中转服务"),
    type: "anthropic",
    baseUrl: "${RELAY_BASE_URL}",
    auth: "auth_token",
    keys: ["RELAY_API_KEY"],
    bigModel: "passthrough",
    smallModel: "passthrough",
    note: {
      en: "The base URL is what the relay tells you to set as ANTHROPIC_BASE_URL, without /v1.",
      zh: "base_url 就是中转服务让你设为 ANTHROPIC_BASE_URL 的地址，不带 /v1。",
    },
  },
  {
    id: "relay-openai",
    title: title("Any relay that speaks OpenAI's API", "任何支持 OpenAI API 的中转服务"),
    type: "openai",
    baseUrl: "${RELAY_OPENAI_BASE_URL}",
    auth: "api_key",
    keys: ["RELAY_OPENAI_API_KEY"],
    bigModel: "gpt-6.1-sol",
    smallModel: "gpt-6.1-terra",
    note: {
      en: "The base URL includes /v1 where the relay has it.",
      zh: "base_url 要包含 /v1（如果中转服务的地址里有）。",
    },
  },
];
