/** A provider that `ccpb init` knows. */
export interface ProviderPreset {
  /** As `--provider` names it. */
  readonly id: string;
  readonly title: string;
  readonly type: "anthropic" | "openai";
  readonly baseUrl: string;
  readonly auth: "api_key" | "auth_token" | "passthrough";
  /** The environment variable of its key; absent: it takes the client's own login. */
  readonly variable?: string;
  /** It works without a key too. */
  readonly isOptional?: boolean;
  readonly bigModel: string;
  readonly smallModel: string;
}

/** All presets, in the order in which they are offered. Model names are examples: vendors rename theirs often. */
export const presets: readonly ProviderPreset[] = [
  {
    id: "anthropic",
    title: "Anthropic, with an API key",
    type: "anthropic",
    baseUrl: "https://api.anthropic.com",
    auth: "api_key",
    variable: "ANTHROPIC_API_KEY",
    bigModel: "passthrough",
    smallModel: "passthrough",
  },
  {
    id: "claude-login",
    title: "Anthropic, with Claude Code's own login",
    type: "anthropic",
    baseUrl: "https://api.anthropic.com",
    auth: "passthrough",
    bigModel: "passthrough",
    smallModel: "passthrough",
  },
  {
    id: "openrouter",
    title: "OpenRouter",
    type: "openai",
    baseUrl: "https://openrouter.ai/api/v1",
    auth: "api_key",
    variable: "OPENROUTER_API_KEY",
    bigModel: "anthropic/claude-sonnet-4.5",
    smallModel: "anthropic/claude-haiku-4.5",
  },
  {
    id: "openai",
    title: "OpenAI",
    type: "openai",
    baseUrl: "https://api.openai.com/v1",
    auth: "api_key",
    variable: "OPENAI_API_KEY",
    bigModel: "gpt-5",
    smallModel: "gpt-5-mini",
  },
  {
    id: "deepseek",
    title: "DeepSeek",
    type: "anthropic",
    baseUrl: "https://api.deepseek.com/anthropic",
    auth: "auth_token",
    variable: "DEEPSEEK_API_KEY",
    bigModel: "deepseek-chat",
    smallModel: "deepseek-chat",
  },
  {
    id: "moonshot",
    title: "Moonshot (Kimi)",
    type: "anthropic",
    baseUrl: "https://api.moonshot.ai/anthropic",
    auth: "auth_token",
    variable: "MOONSHOT_API_KEY",
    bigModel: "kimi-k2-0905-preview",
    smallModel: "kimi-k2-0905-preview",
  },
  {
    id: "zai",
    title: "Z.AI (GLM)",
    type: "anthropic",
    baseUrl: "https://api.z.ai/api/anthropic",
    auth: "auth_token",
    variable: "ZAI_API_KEY",
    bigModel: "glm-4.6",
    smallModel: "glm-4.5-air",
  },
  {
    id: "gemini",
    title: "Google Gemini",
    type: "openai",
    baseUrl: "https://generativelanguage.googleapis.com/v1beta/openai",
    auth: "api_key",
    variable: "GEMINI_API_KEY",
    bigModel: "gemini-2.5-pro",
    smallModel: "gemini-2.5-flash",
  },
  {
    id: "groq",
    title: "Groq",
    type: "openai",
    baseUrl: "https://api.groq.com/openai/v1",
    auth: "api_key",
    variable: "GROQ_API_KEY",
    bigModel: "openai/gpt-oss-120b",
    smallModel: "openai/gpt-oss-20b",
  },
  {
    id: "ollama",
    title: "Ollama on this machine",
    type: "openai",
    baseUrl: "http://127.0.0.1:11434/v1",
    auth: "api_key",
    variable: "OLLAMA_API_KEY",
    isOptional: true,
    bigModel: "qwen3-coder",
    smallModel: "qwen3-coder",
  },
];

/** The preset of an id. */
export function presetById(id: string): ProviderPreset | undefined {
  return presets.find((preset) => preset.id === id);
}

/** A commented `providers.yaml` with the presets in order of preference; secrets are named by their environment variables only. */
export function configFileText(chosen: readonly ProviderPreset[]): string {
  return `# Configuration of ccpb. Keys come from the environment: \${NAME}, or \${NAME:-default}.
# "ccpb check" finds mistakes, "ccpb check --live" asks each provider once, "ccpb schema" is for your editor.

# In order of preference: the first that works serves, the others stand by.
providers:
${chosen.map(providerText).join("\n")}
settings:
  host: 127.0.0.1          # another host needs auth.api_keys, see below
  port: 8080
  log_level: INFO          # DEBUG | INFO | WARNING | ERROR
  failure_cooldown: 60     # seconds that a provider stays out after a failure; doubles while it keeps failing
  request_timeout: 30      # seconds until a stream must have begun to answer

  # selection_strategy: priority    # round_robin | weighted | random | least_latency | least_busy
  # session_affinity: session       # keep a conversation where its prompt cache is warm
  # timeouts: {connect: 10, first_content: 120, idle: 120, total: 300, call: 600}
  # auth: {api_keys: ["\${CCPB_SERVER_KEY}"]}    # ask clients for a key, at least 16 characters
`;
}

function providerText(preset: ProviderPreset): string {
  const { id, title, type, baseUrl, auth, variable, isOptional, bigModel, smallModel } = preset;
  const passesThrough = bigModel === "passthrough";
  const credential =
    variable === undefined
      ? [["auth_type: passthrough", "Claude Code's own login, for this provider only"]]
      : [
          [`auth_type: ${auth}`],
          [`auth_value: \${${variable}${isOptional === true ? `:-${id}` : ""}}`, "or a list of keys"],
        ];
  const lines = [
    [`type: ${type}`, type === "anthropic" ? "requests are passed through" : "requests are translated"],
    [`base_url: ${baseUrl}`],
    ...credential,
    [
      `big_model: ${bigModel}`,
      passesThrough ? "the model that is asked for" : "for opus and sonnet: see the vendor's list",
    ],
    [`small_model: ${smallModel}`, ...(passesThrough ? [] : ["for haiku"])],
  ];
  const body = lines.map(([line = "", note]) => `    ${note === undefined ? line : `${line.padEnd(42)} # ${note}`}\n`);
  return `  # ${title}\n  - name: ${id}\n${body.join("")}`;
}
