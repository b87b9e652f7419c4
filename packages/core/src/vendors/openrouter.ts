import type { VendorGuide } from "./guide.ts";
import type { Vendor } from "./vendor.ts";

const host = /(?:^|\.)openrouter\.ai(?::|$)/;

export const openrouter: Vendor = {
  name: "OpenRouter",
  // OpenRouter maps parameters itself; it drops what a model does not take.
  hosts: [
    {
      host,
      profile: {
        maxTokensField: "max_tokens",
        sampling: true,
        stopLimit: 4,
        topK: true,
        files: true,
        toolResultImages: "inline",
        toolIdLimit: 40,
        toolSchema: "json-schema",
        strictTools: true,
        thoughtSignatures: "drop",
        effortWithTools: true,
        reasoning: "openrouter",
        efforts: ["minimal", "low", "medium", "high", "xhigh"],
        reasoningHistory: "reasoning_details",
        thinkTags: false,
      },
    },
    { host, model: /^(?:openai|x-ai|deepseek|moonshotai)\//, profile: { midSystem: "system" } },
    { host, model: /^(?:anthropic|google|qwen|alibaba)\//, profile: { cacheControl: "pass" } },
    // "Gemini models require OpenRouter reasoning details to be preserved" (massgen/MassGen#624); what stands in for them: RooCodeInc/Roo-Code.
    { host, model: /gemini-(?![12](?:\D|$))/, profile: { thoughtSignatures: "openrouter" } },
    {
      host,
      model: /^anthropic\//,
      // Claude can be told not to think; other models answer `none` with "Reasoning is mandatory for this endpoint" (claude-code-router#1238).
      profile: { efforts: ["none", "minimal", "low", "medium", "high", "xhigh"] },
    },
  ],
};

export const openrouterGuide: VendorGuide = {
  vendor: openrouter,
  evidence: {
    date: "2026-11-28",
    hosts: "recordings; openrouter.ai/docs; musistudio/claude-code-router#1238",
  },
  apis: [
    {
      vendor: "OpenRouter",
      hosts: "`openrouter.ai`",
      requests:
        "`max_tokens` and sampling for all models; `top_k`; `reasoning: {effort}` or `{max_tokens}`, and nothing where thinking is off, except for Claude; `cache_control` for Anthropic, Google and Qwen; images in tool messages; `reasoning_details` replayed",
      answers: "comment lines; finish chunk twice; blank lines before JSON; numeric error codes; error after `length`",
      evidence: "r; t musistudio/claude-code-router#1238",
    },
  ],
  presets: [
    {
      id: "openrouter",
      title: { en: "OpenRouter", zh: "OpenRouter" },
      type: "openai",
      baseUrl: "https://openrouter.ai/api/v1",
      auth: "api_key",
      keys: ["OPENROUTER_API_KEY"],
      bigModel: "anthropic/claude-opus-5.5",
      smallModel: "anthropic/claude-haiku-5.5",
      models: "https://openrouter.ai/models",
    },
  ],
};
