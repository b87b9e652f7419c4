import type { VendorGuide } from "./guide.ts";
import type { TokenFamily } from "./token-family.ts";
import type { Vendor } from "./vendor.ts";

export const minimax: Vendor = {
  name: "MiniMax",
  models: [
    // They write their thinking into the text where a server has no parser for it; the templates of M2 write the opening tag themselves.
    {
      model: /minimax-m[1-9]/,
      profile: { thinkTags: true },
    },
  ],
  // Thinking comes in `reasoning_details` where it is asked to be split off, and goes back there.
  hosts: [
    {
      host: /(?:^|\.)(?:minimax\.(?:io|chat)|minimaxi\.com)(?::|$)/,
      profile: { reasoningHistory: "reasoning_details", extraBody: { reasoning_split: true } },
    },
  ],
};

/** Token families, from recorded usage. */
export const minimaxTokens: readonly TokenFamily[] = [{ name: "minimax", model: /minimax/, base: 30 }];

export const minimaxGuide: VendorGuide = {
  vendor: minimax,
  evidence: {
    date: "2026-11-28",
    hosts: "platform.minimax.io/docs",
    models: "chat templates of the models at huggingface.co",
  },
  families: [
    {
      family: "MiniMax",
      requests:
        "`<think>…</think>`, or `</think>` alone, in the text is thinking; one system message, the first: later ones become user text",
      evidence: "t (chat templates)",
    },
  ],
  apis: [
    {
      vendor: "MiniMax",
      hosts: "`minimax.io`, `minimax.chat`, `minimaxi.com`",
      requests: "`reasoning_split`; thinking goes back as `reasoning_details`",
      answers: "`reasoning_details`",
      evidence: "d",
    },
  ],
  presets: [
    {
      id: "minimax",
      title: { en: "MiniMax", zh: "MiniMax" },
      type: "anthropic",
      baseUrl: "https://api.minimax.io/anthropic",
      auth: "api_key",
      keys: ["MINIMAX_API_KEY"],
      bigModel: "MiniMax-M3",
      smallModel: "MiniMax-M2.7-highspeed",
      note: {
        en: "In mainland China: https://api.minimaxi.com/anthropic.",
        zh: "中国大陆使用 https://api.minimaxi.com/anthropic。",
      },
      models: "https://platform.minimax.io/docs/api-reference/text-anthropic-api",
    },
  ],
};
