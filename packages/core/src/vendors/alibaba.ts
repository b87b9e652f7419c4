import type { VendorGuide } from "./guide.ts";
import type { TokenFamily } from "./token-family.ts";
import type { Vendor } from "./vendor.ts";

const host = /(?:^|\.)dashscope(?:-intl|-us)?\.aliyuncs\.com(?::|$)/;

export const alibaba: Vendor = {
  name: "Alibaba",
  models: [
    // They write their thinking into the text where a server has no parser for it (Groq's qwen3, llama.cpp); the templates of QwQ and Qwen3-Thinking write
    // the opening tag themselves, so that only the closing one comes.
    {
      model: /qwq|qwen-?3(?!.*(?:coder|instruct|embed|rerank|max|plus|flash))/,
      profile: { thinkTags: true },
    },
  ],
  hosts: [
    { host, profile: { toolSchema: "json-schema", jsonSchema: false, thinkTags: false } },
    { host, model: /^(?:qwen|qwq)/, profile: { topK: true } },
    {
      host,
      model: /^qwen(?:-(?:plus|flash|turbo)|3)(?!.*(?:coder|instruct|thinking))/,
      profile: { reasoning: "qwen" },
    },
  ],
};

/** Token families, from recorded usage. */
export const alibabaTokens: readonly TokenFamily[] = [
  { name: "qwen", model: /qwen|qwq/, tools: 80, toolFactor: 1.4, perCall: 50 },
];

export const alibabaGuide: VendorGuide = {
  vendor: alibaba,
  evidence: {
    date: "2026-11-28",
    hosts: "recordings; help.aliyun.com, Model Studio",
    models: "chat templates of the models at huggingface.co",
  },
  families: [
    {
      family: "qwen3 (no coder or instruct), QwQ",
      requests: "`<think>…</think>`, or `</think>` alone, in the text is thinking",
      evidence: "t",
    },
    {
      family: "Qwen",
      requests: "one system message, the first: later ones become user text",
      evidence: "t (chat templates)",
    },
  ],
  apis: [
    {
      vendor: "Alibaba (Qwen)",
      hosts: "`dashscope*.aliyuncs.com`",
      requests: "`enable_thinking` and `thinking_budget`, on only while streaming; `json_object` instead of a schema",
      answers: "empty tool id on continuations",
      evidence: "r, d",
    },
  ],
  presets: [
    {
      id: "qwen",
      title: { en: "Alibaba (Qwen, DashScope)", zh: "阿里云百炼（通义千问，DashScope）" },
      type: "anthropic",
      baseUrl: "https://dashscope-intl.aliyuncs.com/apps/anthropic",
      auth: "api_key",
      keys: ["DASHSCOPE_API_KEY"],
      bigModel: "qwen3.8-max",
      smallModel: "qwen3.8-flash",
      note: {
        en: "In mainland China: https://dashscope.aliyuncs.com/apps/anthropic.",
        zh: "中国大陆使用 https://dashscope.aliyuncs.com/apps/anthropic。",
      },
      models: "https://www.alibabacloud.com/help/en/model-studio/models",
    },
  ],
};
