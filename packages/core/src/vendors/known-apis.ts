/** Addresses and keys of a vendor's API, as its documentation has them, for remarks about a configuration. */
export interface KnownApi {
  /** Name for people. */
  readonly vendor: string;
  /** Matches the host names of the API. */
  readonly host: RegExp;
  /** Matches host names of websites that are mistaken for the API. */
  readonly site?: RegExp;
  /** Host of the API, to be written in the place of a website's or of a misspelt one; absent: it differs from user to user. */
  readonly api?: string;
  /** Paths of base URLs for type anthropic, the usual one first; empty: there is no Messages API; absent: not known. */
  readonly messages?: readonly string[];
  /** Paths of base URLs for type openai; as `messages`. */
  readonly openai?: readonly string[];
  /** Type to write where `messages` is empty. Default: openai. */
  readonly instead?: string;
  /** Matches the beginning of its keys, where it is the vendor's alone. */
  readonly key?: RegExp;
}

/**
 * Known APIs. They stand apart from the vendors' own files because only the configuration asks for them, and bundles without it leave them out. The URLs
 * of all presets are among them (a test holds the two together).
 *
 * As of 2026-11-29; sources: the vendors' documentation, and openrouter.ai/docs ("Claude Code") for its Messages API.
 */
export const knownApis: readonly KnownApi[] = [
  {
    vendor: "Anthropic",
    host: /^api\.anthropic\.com$/,
    site: /^(?:(?:www\.|console\.|docs\.|platform\.)?(?:anthropic|claude)\.com|claude\.ai)$/,
    api: "api.anthropic.com",
    messages: [""],
    openai: ["/v1"],
    key: /^sk-ant-/,
  },
  {
    vendor: "OpenAI",
    host: /^(?:[a-z]{2}\.)?api\.openai\.com$/,
    site: /^(?:(?:www\.|chat\.|platform\.)?openai\.com|chatgpt\.com)$/,
    api: "api.openai.com",
    messages: [],
    openai: ["/v1"],
    key: /^sk-(?:proj|svcacct|admin)-/,
  },
  {
    vendor: "OpenRouter",
    host: /^openrouter\.ai$/,
    site: /^www\.openrouter\.ai$/,
    api: "openrouter.ai",
    messages: ["/api"],
    openai: ["/api/v1"],
    key: /^sk-or-/,
  },
  {
    vendor: "DeepSeek",
    host: /^api\.deepseek\.com$/,
    site: /^(?:www\.|chat\.|platform\.|api-docs\.)?deepseek\.com$/,
    api: "api.deepseek.com",
    messages: ["/anthropic"],
    openai: ["/v1", "", "/beta"],
  },
  {
    vendor: "Moonshot",
    host: /^api\.moonshot\.(?:ai|cn)$/,
    site: /^(?:www\.|platform\.)moonshot\.ai$/,
    api: "api.moonshot.ai",
    messages: ["/anthropic"],
    openai: ["/v1"],
  },
  { vendor: "Kimi Code", host: /^api\.kimi\.com$/, messages: ["/coding"], openai: ["/coding/v1"] },
  {
    vendor: "Z.AI",
    host: /^(?:api\.z\.ai|open\.bigmodel\.cn)$/,
    site: /^(?:(?:www\.|chat\.)?z\.ai|www\.bigmodel\.cn|bigmodel\.cn)$/,
    api: "api.z.ai",
    messages: ["/api/anthropic"],
    openai: ["/api/paas/v4", "/api/coding/paas/v4"],
  },
  {
    vendor: "Alibaba Cloud",
    host: /^dashscope(?:-intl|-us)?\.aliyuncs\.com$/,
    messages: ["/apps/anthropic", "/api/v2/apps/claude-code-proxy"],
    openai: ["/compatible-mode/v1"],
  },
  {
    vendor: "MiniMax",
    host: /^api\.minimax(?:\.io|i\.com)$/,
    site: /^(?:www\.|platform\.)(?:minimax\.io|minimaxi\.com)$/,
    api: "api.minimax.io",
    messages: ["/anthropic"],
    openai: ["/v1"],
  },
  {
    vendor: "Mistral",
    host: /^api\.mistral\.ai$/,
    site: /^console\.mistral\.ai$/,
    api: "api.mistral.ai",
    openai: ["/v1"],
  },
  {
    vendor: "xAI",
    host: /^(?:[a-z0-9-]+\.)?api\.x\.ai$/,
    site: /^(?:www\.|console\.|docs\.)?x\.ai$/,
    api: "api.x.ai",
    openai: ["/v1"],
    key: /^xai-/,
  },
  {
    vendor: "Groq",
    host: /^api\.groq\.com$/,
    site: /^(?:www\.|console\.)?groq\.com$/,
    api: "api.groq.com",
    openai: ["/openai/v1"],
    key: /^gsk_/,
  },
  {
    vendor: "Cerebras",
    host: /^api\.cerebras\.ai$/,
    site: /^(?:www\.|cloud\.|inference-docs\.)?cerebras\.ai$/,
    api: "api.cerebras.ai",
    openai: ["/v1"],
    key: /^csk-/,
  },
  {
    vendor: "Google's Gemini API",
    host: /^generativelanguage\.googleapis\.com$/,
    site: /^(?:aistudio\.google\.com|ai\.google\.dev|gemini\.google\.com)$/,
    api: "generativelanguage.googleapis.com",
    messages: [],
    openai: ["/v1beta/openai"],
    key: /^AIza/,
  },
  {
    vendor: "Azure OpenAI",
    host: /^[a-z0-9-]+\.openai\.azure\.com$/,
    messages: [],
  },
  {
    vendor: "Foundry",
    host: /^[a-z0-9-]+\.services\.ai\.azure\.com$/,
    messages: ["/anthropic"],
    openai: ["/openai/v1", "/models"],
  },
  {
    vendor: "Amazon Bedrock",
    host: /^bedrock-runtime(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?$/,
    messages: [],
    instead: "bedrock",
    openai: ["/openai/v1"],
  },
  { vendor: "Vertex AI", host: /^(?:[a-z0-9-]+-)?aiplatform\.googleapis\.com$/, messages: [], instead: "vertex" },
  { vendor: "Fireworks", host: /^api\.fireworks\.ai$/, openai: ["/inference/v1"], key: /^fw_/ },
  { vendor: "Perplexity", host: /^api\.perplexity\.ai$/, key: /^pplx-/ },
  { vendor: "Hugging Face", host: /^router\.huggingface\.co$/, openai: ["/v1"], key: /^hf_/ },
];
