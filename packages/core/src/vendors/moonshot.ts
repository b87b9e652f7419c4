import type { VendorGuide } from "./guide.ts";
import { documentedMembers } from "./messages-members.ts";
import type { TokenFamily } from "./token-family.ts";
import type { Vendor } from "./vendor.ts";

const host = /(?:^|\.)(?:moonshot\.(?:ai|cn)|kimi\.(?:com|ai))(?::|$)/;

export const moonshot: Vendor = {
  name: "Moonshot",
  models: [
    // A tool turn without its reasoning is a 400.
    {
      model: /kimi-(?:k2\.[5-9]|k2-thinking|k[3-9])/,
      profile: { reasoningHistory: "reasoning_content" },
    },
  ],
  hosts: [
    { host, profile: { midSystem: "system", imageUrls: false, jsonSchema: false } },
    // Only its own temperature is accepted, and thinking is a switch, not an effort.
    { host, model: /^kimi-(?:k2\.[5-9]|k[3-9])/, profile: { sampling: false, reasoning: "zai" } },
    // These always think, and know an effort.
    {
      host,
      model: /^kimi-(?:k2\.[7-9]|k[3-9]|code|for-coding)/,
      profile: {
        sampling: false,
        reasoning: "deepseek",
        thinkingOff: false,
        efforts: ["low", "high", "max"],
        // "tool_choice 'specified' is incompatible with thinking enabled" (UKGovernmentBEIS/inspect_ai#5152, enricoros/big-AGI#1161).
        toolChoice: "required",
      },
    },
    // The same of 'required'.
    { host, model: /^kimi-k2\.[7-9]/, profile: { toolChoice: "auto" } },
  ],
  messages: [
    {
      host: /(?:^|\.)(?:moonshot\.(?:ai|cn)|kimi\.(?:com|ai))$/,
      profile: {
        midSystem: "user",
        bodyMembers: documentedMembers,
        userId: "hash",
        dropsRefusedSampling: true,
        toolTurnThinking: "always", // "reasoning_content is missing in assistant tool call message"
        toolReferences: false, // "unsupported content type in ContentBlockParamUnion: tool_reference" (MoonshotAI/Kimi-K2#118)
        forcedCalls: "without-thinking", // "tool_choice 'specified' is incompatible with thinking enabled" (can1357/oh-my-pi#1077)
      },
    },
    // These always think.
    {
      host: /(?:^|\.)(?:moonshot\.(?:ai|cn)|kimi\.(?:com|ai))$/,
      model: /^kimi-(?:k2\.[7-9]|k[3-9]|code|for-coding)/,
      profile: { forcedCalls: "never" },
    },
  ],
};

/** Token families, from recorded usage. */
export const moonshotTokens: readonly TokenFamily[] = [
  { name: "kimi", model: /kimi|moonshot/, tools: 12, toolFactor: 1.25 },
];

export const moonshotGuide: VendorGuide = {
  vendor: moonshot,
  evidence: {
    date: "2026-11-28",
    hosts: "recordings; platform.moonshot.ai/docs",
    models: "continuedev/continue#11600; anomalyco/opencode#16318",
    messages: "continuedev/continue#11600",
  },
  families: [
    {
      family: "Kimi K2.5 and later, K2-thinking",
      requests:
        '`reasoning_content` on every assistant turn, `""` where the thinking is another provider\'s or unknown',
      evidence: "t continuedev/continue#11600, anomalyco/opencode#16318",
    },
  ],
  apis: [
    {
      vendor: "Moonshot (Kimi)",
      hosts: "`moonshot.ai`, `moonshot.cn`, `kimi.com`",
      requests:
        "images as data only; K2.5 and later: a thinking switch, its own temperature; K2.7, K3, Kimi Code: always think, effort `low`, `high` or `max`, no tool forced by name; K2.7: no forced call",
      answers: "tool ids `functions.name:0`, which go back as they came; usage inside the choice",
      evidence: "r; d",
    },
  ],
  presets: [
    {
      id: "moonshot",
      title: { en: "Moonshot (Kimi)", zh: "月之暗面 Moonshot（Kimi）" },
      type: "anthropic",
      baseUrl: "https://api.moonshot.ai/anthropic",
      auth: "auth_token",
      keys: ["MOONSHOT_API_KEY"],
      bigModel: "kimi-k3.1-pro",
      smallModel: "kimi-k3",
      note: {
        en: "In mainland China: https://api.moonshot.cn/anthropic, with a key of that platform.",
        zh: "中国大陆使用 https://api.moonshot.cn/anthropic 和该平台的密钥。",
      },
      models: "https://platform.moonshot.ai/docs",
    },
    {
      id: "kimi-code",
      title: { en: "Kimi Code (a membership)", zh: "Kimi Code（会员）" },
      type: "anthropic",
      baseUrl: "https://api.kimi.com/coding",
      auth: "api_key",
      keys: ["KIMI_CODE_API_KEY"],
      bigModel: "kimi-for-coding",
      smallModel: "kimi-for-coding",
      note: {
        en: "Keys of Moonshot's platform do not work here, nor the other way round.",
        zh: "它的密钥与 Moonshot 开放平台的密钥不能互换。",
      },
      models: "https://www.kimi.com/code/docs",
    },
  ],
};
