import { cloudPresets, localPresets, relayPresets } from "./hosted-presets.ts";
import { title, type ProviderPreset } from "./preset.ts";
import { vendorPresets } from "./vendor-presets.ts";

/** When the model names below were last compared with what vendors and third parties publish. */
export const checkedOn = "2026-11-29";

const anthropicModels = "https://platform.claude.com/docs/en/about-claude/models/overview";

const claude: readonly ProviderPreset[] = [
  {
    id: "anthropic",
    title: title("Anthropic, with an API key", "Anthropic，使用 API 密钥"),
    type: "anthropic",
    baseUrl: "https://api.anthropic.com",
    auth: "api_key",
    keys: ["ANTHROPIC_API_KEY"],
    bigModel: "passthrough",
    smallModel: "passthrough",
    models: anthropicModels,
  },
  {
    id: "claude-login",
    title: title(
      "Anthropic, with Claude Code's own login (a subscription)",
      "Anthropic，使用 Claude Code 自己的登录（订阅）",
    ),
    type: "anthropic",
    baseUrl: "https://api.anthropic.com",
    auth: "passthrough",
    keys: [],
    bigModel: "passthrough",
    smallModel: "passthrough",
    note: {
      en: "Set only ANTHROPIC_BASE_URL for Claude Code. ANTHROPIC_AUTH_TOKEN would take the place of its login.",
      zh: "只为 Claude Code 设置 ANTHROPIC_BASE_URL；ANTHROPIC_AUTH_TOKEN 会顶替它自己的登录。",
    },
    models: anthropicModels,
  },
  {
    id: "openrouter",
    title: title("OpenRouter"),
    type: "openai",
    baseUrl: "https://openrouter.ai/api/v1",
    auth: "api_key",
    keys: ["OPENROUTER_API_KEY"],
    bigModel: "anthropic/claude-opus-5.5",
    smallModel: "anthropic/claude-haiku-5.5",
    models: "https://openrouter.ai/models",
  },
  {
    id: "second-subscription",
    title: title("A second Claude subscription", "第二个 Claude 订阅"),
    type: "anthropic",
    baseUrl: "https://api.anthropic.com",
    auth: "auth_token",
    keys: ["CLAUDE_SECOND_TOKEN"],
    bigModel: "passthrough",
    smallModel: "passthrough",
    note: {
      en: "Put it behind claude-login. The token is what `claude setup-token` prints while the second account is logged in. Read Anthropic's terms first.",
      zh: "放在 claude-login 之后。令牌是用第二个账号登录时 `claude setup-token` 打印的内容。请先阅读 Anthropic 的条款。",
    },
    models: anthropicModels,
  },
];

/** All presets, in the order in which they are offered. */
export const presets: readonly ProviderPreset[] = [
  ...claude,
  ...vendorPresets,
  ...cloudPresets,
  ...localPresets,
  ...relayPresets,
];

/** Returns the preset of an id; undefined where there is none. */
export function presetById(id: string): ProviderPreset | undefined {
  return presets.find((preset) => preset.id === id);
}

/** Returns the environment variables that a preset needs: of its address, and of its keys unless it works without. */
export function variablesOf({ baseUrl, keys, isOptional, more = [] }: ProviderPreset): readonly string[] {
  const ofAddress = [...[baseUrl, ...more].join(" ").matchAll(/\$\{([A-Z_]+)\}/g)].map(([, name = ""]) => name);
  return [...new Set([...ofAddress, ...(isOptional === true ? [] : keys)])];
}
