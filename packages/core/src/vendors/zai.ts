import type { VendorGuide } from "./guide.ts";
import { documentedMembers } from "./messages-members.ts";
import type { TokenFamily } from "./token-family.ts";
import type { Vendor } from "./vendor.ts";

const host = /(?:^|\.)(?:z\.ai|bigmodel\.cn)(?::|$)/;

export const zai: Vendor = {
  name: "Z.AI",
  models: [
    // A tool turn without its reasoning is a 400.
    {
      model: /glm-(?:4\.[5-9]|[5-9])/,
      profile: { reasoningHistory: "reasoning_content" },
    },
  ],
  hosts: [
    {
      host,
      profile: {
        jsonSchema: false,
        reasoning: "zai",
        reasoningHistory: "reasoning_content",
        toolChoice: "auto",
        toolStream: true,
        thinkTags: false,
      },
    },
    {
      host,
      model: /^glm-(?:5\.[2-9]|[6-9])/,
      profile: { reasoning: "deepseek", efforts: ["low", "medium", "high", "xhigh", "max"] },
    },
    { host, model: /^glm-(?:5\.[3-9]|[6-9])/, profile: { thinkingOff: false } },
  ],
  messages: [
    {
      host: /(?:^|\.)(?:z\.ai|bigmodel\.cn)$/,
      profile: {
        midSystem: "user",
        bodyMembers: documentedMembers,
        userId: "hash", // at most 128 characters
        dropsRefusedSampling: true,
      },
    },
  ],
};

/** Token families, from recorded usage. */
export const zaiTokens: readonly TokenFamily[] = [
  { name: "glm", model: /glm/, perMessage: 5, tools: 93, toolFactor: 1.4 },
];

export const zaiGuide: VendorGuide = {
  vendor: zai,
  evidence: {
    date: "2026-11-28",
    hosts: "recordings; docs.z.ai",
    models: "continuedev/continue#11600; anomalyco/opencode#16318",
    messages: "looplj/axonhub#1669",
  },
  families: [
    {
      family: "GLM 4.5 and later",
      requests:
        '`reasoning_content` on every assistant turn, `""` where the thinking is another provider\'s or unknown',
      evidence: "t continuedev/continue#11600, anomalyco/opencode#16318",
    },
  ],
  apis: [
    {
      vendor: "Z.AI, Zhipu (GLM)",
      hosts: "`z.ai`, `bigmodel.cn`",
      requests:
        "a thinking switch; `json_object` instead of a schema; `tool_stream` with tools; `tool_choice` only `auto`, with a last text that asks for a forced call; an effort from GLM-5.2 on; GLM-5.3 always thinks",
      answers: "`reasoning_content`",
      evidence: "r",
    },
  ],
  presets: [
    {
      id: "zai",
      title: { en: "Z.AI (GLM)", zh: "智谱 Z.AI（GLM）" },
      type: "anthropic",
      baseUrl: "https://api.z.ai/api/anthropic",
      auth: "auth_token",
      keys: ["ZAI_API_KEY"],
      bigModel: "glm-5.3",
      smallModel: "glm-5.3-flash",
      note: {
        en: "In mainland China: https://open.bigmodel.cn/api/anthropic.",
        zh: "中国大陆使用 https://open.bigmodel.cn/api/anthropic。",
      },
      models: "https://docs.z.ai/guides/overview/pricing",
    },
  ],
};
