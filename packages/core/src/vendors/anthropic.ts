import type { VendorGuide } from "./guide.ts";
import type { TokenFamily } from "./token-family.ts";
import type { Vendor } from "./vendor.ts";

const models = "https://platform.claude.com/docs/en/about-claude/models/overview";

export const anthropic: Vendor = {
  name: "Anthropic",
  // Claude behind a gateway: Anthropic's own rule for ids holds.
  models: [
    { model: /claude/, profile: { toolIdFormat: "plain" } },
    // "Forced tool use is rejected" (openrouter.ai, "Opus 5.5 Migration Guide"): Opus and Sonnet from 5.5 on, Fable and Mythos from 5.1 on.
    {
      model:
        /(?:opus|sonnet)[-_ ]?(?:5[._-][5-9](?![\dkm])|[6-9](?![\dkm]))|(?:fable|mythos)[-_ ]?(?:5[._-][1-9](?![\dkm])|[6-9](?![\dkm]))/,
      profile: { toolChoice: "auto" },
    },
  ],
  messages: [
    {
      host: /(?:^|\.)anthropic\.com$/,
      profile: { checksSignatures: true },
    },
    // "Claude Platform on AWS" is Anthropic's own API, operated by Anthropic.
    {
      host: /^aws-external-anthropic\.[\w-]+\.api\.aws$/,
      profile: { checksSignatures: true },
    },
  ],
};

/**
 * Token families, from recorded usage; the factors of the newer models come from their documentation, because they
 * tokenise denser (platform.claude.com, "Token counting").
 */
export const anthropicTokens: readonly TokenFamily[] = [
  {
    name: "claude up to 4.1",
    model:
      /claude-?(?:[123]\b|v\d|instant|(?:opus|sonnet|haiku)-?(?:[123]|4(?:[.-][01])?(?![.\d-]|-?[2-9](?!\d))|4(?:[.-][01])?-?[@:-]?20\d{6}))/,
    perTool: 35,
    toolFactor: 1.27,
    perCall: 45,
    format: 140,
    citations: 560,
    factor: 1.05,
    tools: 300,
  },
  {
    name: "claude 4.5 and 4.6",
    model: /claude-?(?:opus|sonnet|haiku)-?4[.-][2-6](?!\d)/,
    perTool: 35,
    toolFactor: 1.27,
    perCall: 45,
    format: 140,
    citations: 560,
    factor: 1.08,
    tools: 468,
    demandedTool: 94,
  },
  {
    name: "claude since opus 4.7",
    model: /claude|fable|mythos/,
    perTool: 35,
    toolFactor: 1.27,
    perCall: 45,
    format: 140,
    citations: 560,
    factor: 1.45,
    tools: 265,
  },
];

export const anthropicGuide: VendorGuide = {
  vendor: anthropic,
  evidence: {
    date: "2026-11-28",
    models: "platform.claude.com/docs, Messages API",
    messages: "platform.claude.com/docs, extended thinking; docs.aws.amazon.com/claude-platform",
  },
  families: [
    {
      family: "Claude behind a gateway",
      requests:
        "tool ids of `[A-Za-z0-9_-]`; system turns inside the conversation become user text; Opus and Sonnet from 5.5 on, Fable and Mythos from 5.1 on: no forced call, for which a last text asks",
      evidence: "d",
    },
  ],
  presets: [
    {
      id: "anthropic",
      title: { en: "Anthropic, with an API key", zh: "Anthropic，使用 API 密钥" },
      type: "anthropic",
      baseUrl: "https://api.anthropic.com",
      auth: "api_key",
      keys: ["ANTHROPIC_API_KEY"],
      bigModel: "passthrough",
      smallModel: "passthrough",
      models,
    },
    {
      id: "claude-login",
      title: {
        en: "Anthropic, with Claude Code's own login (a subscription)",
        zh: "Anthropic，使用 Claude Code 自己的登录（订阅）",
      },
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
      models,
    },
    {
      id: "second-subscription",
      title: { en: "A second Claude subscription", zh: "第二个 Claude 订阅" },
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
      models,
    },
  ],
};
