import type { VendorGuide } from "./guide.ts";
import { documentedMembers } from "./messages-members.ts";
import type { TokenFamily } from "./token-family.ts";
import type { Vendor } from "./vendor.ts";

export const deepseek: Vendor = {
  name: "DeepSeek",
  models: [
    // A tool turn without its reasoning is a 400.
    {
      model: /deepseek-(?:v[4-9]|reasoner|flash|pro)/,
      profile: { reasoningHistory: "reasoning_content" },
    },
    // R1 writes its thinking into the text where a server has no parser for it (Azure, llama.cpp); its template writes the opening tag itself, so that only
    // the closing one comes.
    { model: /deepseek-r1/, profile: { reasoningHistory: "drop", thinkTags: true } },
  ],
  hosts: [
    {
      host: /(?:^|\.)deepseek\.com(?::|$)/,
      profile: {
        midSystem: "system",
        images: false,
        jsonSchema: false,
        parallelToolCalls: false,
        reasoning: "deepseek",
        efforts: ["low", "medium", "high", "xhigh", "max"],
        reasoningHistory: "reasoning_content",
        thinkTags: false,
      },
    },
  ],
  messages: [
    {
      host: /(?:^|\.)deepseek\.com$/,
      profile: {
        midSystem: "user", // user and assistant are the roles
        bodyMembers: documentedMembers,
        userId: "hash", // ^[a-zA-Z0-9_-]+$ (cc-connect#864)
        effortWithoutThinking: false, // anthropics/claude-code#65863
        dropsRefusedSampling: true,
        forcedCalls: "without-thinking", // "Thinking mode does not support this tool_choice" (deepseek-ai/DeepSeek-V3#1376)
        toolTurnThinking: "always", // "content[].thinking must be passed back", an empty one will do (DeepSeek-Reasonix#8927)
      },
    },
  ],
};

/** Token families, from recorded usage. */
export const deepseekTokens: readonly TokenFamily[] = [
  { name: "deepseek", model: /deepseek/, perMessage: 2, tools: 207, toolFactor: 1.4, perCall: 50 },
];

export const deepseekGuide: VendorGuide = {
  vendor: deepseek,
  evidence: {
    date: "2026-11-28",
    hosts: "recordings; api-docs.deepseek.com; anthropics/claude-code#65863",
    models: [
      ["deepseek-r1", "api-docs.deepseek.com; chat templates of the models at huggingface.co"],
      ["deepseek", "continuedev/continue#11600; anomalyco/opencode#16318"],
    ],
    messages:
      'api-docs.deepseek.com, "Messages API"; chenhg5/cc-connect#864; anthropics/claude-code#65863; esengine/DeepSeek-Reasonix#8927',
  },
  families: [
    {
      family: "DeepSeek V4 and `reasoner`",
      requests:
        '`reasoning_content` on every assistant turn, `""` where the thinking is another provider\'s or unknown',
      evidence: "t continuedev/continue#11600, anomalyco/opencode#16318",
    },
    {
      family: "DeepSeek R1",
      requests: "no reasoning in the history; `<think>…</think>`, or `</think>` alone, in the text is thinking",
      evidence: "d; t",
    },
  ],
  apis: [
    {
      vendor: "DeepSeek",
      hosts: "`deepseek.com`",
      requests:
        "`thinking: {type}` with an effort, never `disabled` with one; no images; `json_object` instead of a schema",
      answers: "`reasoning_content`; `prompt_cache_hit_tokens`; error bodies as `application/octet-stream`",
      evidence: "r; t anthropics/claude-code#65863; d",
    },
  ],
  presets: [
    {
      id: "deepseek",
      title: { en: "DeepSeek (Messages API)", zh: "DeepSeek（Messages API）" },
      type: "anthropic",
      baseUrl: "https://api.deepseek.com/anthropic",
      auth: "api_key",
      keys: ["DEEPSEEK_API_KEY"],
      bigModel: "deepseek-v4-pro",
      smallModel: "deepseek-flash",
      models: "https://api-docs.deepseek.com/quick_start/pricing",
    },
    {
      id: "deepseek-chat",
      title: { en: "DeepSeek (Chat Completions)", zh: "DeepSeek（Chat Completions）" },
      type: "openai",
      baseUrl: "https://api.deepseek.com/v1",
      auth: "api_key",
      keys: ["DEEPSEEK_API_KEY"],
      bigModel: "deepseek-v4-pro",
      smallModel: "deepseek-flash",
      models: "https://api-docs.deepseek.com/quick_start/pricing",
    },
  ],
};
