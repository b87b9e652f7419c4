import type { VendorGuide } from "./guide.ts";
import type { TokenFamily } from "./token-family.ts";
import type { Vendor } from "./vendor.ts";

const host = /(?:^|\.)x\.ai(?::|$)/;

export const xai: Vendor = {
  name: "xAI",
  // `stop` is refused by its reasoning models, and an effort by all but a few (hermes-agent#23435, modelparams.dev#330).
  hosts: [
    {
      host,
      profile: {
        toolSchema: "json-schema",
        strictTools: true,
        midSystem: "system",
        reasoning: "none",
        webSearch: true,
      },
    },
    { host, model: /^grok-(?:3-mini|4|code|[5-9])(?!.*non-reasoning)/, profile: { stopLimit: 0 } },
    { host, model: /^grok-3-mini/, profile: { reasoning: "openai", efforts: ["low", "high"] } },
    { host, model: /^grok-4\.3/, profile: { reasoning: "openai", efforts: ["none", "low", "medium", "high"] } },
    { host, model: /^grok-4\.5/, profile: { reasoning: "openai", efforts: ["low", "medium", "high"] } },
    { host, model: /^grok-4\.6/, profile: { reasoning: "openai", efforts: ["low", "medium", "high", "xhigh"] } },
  ],
};

/** Token families, from recorded usage. */
export const xaiTokens: readonly TokenFamily[] = [
  { name: "grok", model: /grok/, base: 130, tools: 75, toolFactor: 1.5 },
];

export const xaiGuide: VendorGuide = {
  vendor: xai,
  evidence: {
    date: "2026-11-28",
    hosts: "recordings; NousResearch/hermes-agent#23435; mnfst/modelparams.dev#330",
  },
  apis: [
    {
      vendor: "xAI",
      hosts: "`x.ai`",
      requests: "an effort only for grok-3-mini, 4.3, 4.5, 4.6; no `stop` for reasoning models",
      answers: "reasoning tokens outside `completion_tokens`; a bad key is a 400 with `error` as text",
      evidence: "r; t NousResearch/hermes-agent#23435, mnfst/modelparams.dev#330",
    },
  ],
  presets: [
    {
      id: "xai",
      title: { en: "xAI (Grok)", zh: "xAI（Grok）" },
      type: "openai",
      baseUrl: "https://api.x.ai/v1",
      auth: "api_key",
      keys: ["XAI_API_KEY"],
      bigModel: "grok-4.7",
      smallModel: "grok-4.3",
      models: "https://docs.x.ai/docs/models",
    },
  ],
};
