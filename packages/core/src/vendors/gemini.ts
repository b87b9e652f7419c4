import type { VendorGuide } from "./guide.ts";
import type { TokenFamily } from "./token-family.ts";
import type { Vendor } from "./vendor.ts";

export const gemini: Vendor = {
  name: "Gemini",
  // Gemini's schema dialect is a subset; from version 3 on a tool call without its thought signature is a 400.
  models: [
    { model: /gemini/, profile: { toolSchema: "gemini", toolIdFormat: "openai" } },
    { model: /gemini-(?![12](?:\D|$))/, profile: { thoughtSignatures: "google" } },
  ],
  hosts: [
    {
      host: /(?:^|\.)generativelanguage\.googleapis\.com(?::|$)/,
      profile: { reasoning: "openai", efforts: ["low", "medium", "high"], parallelToolCalls: false },
    },
  ],
};

/** Token families, from recorded usage. */
export const geminiTokens: readonly TokenFamily[] = [
  { name: "gemini", model: /gemini|gemma/, perMessage: 0, tools: 5, toolFactor: 0.35 },
];

export const geminiGuide: VendorGuide = {
  vendor: gemini,
  evidence: {
    date: "2026-11-28",
    hosts: "recordings; ai.google.dev, OpenAI compatibility and thought signatures",
    models: "ai.google.dev, OpenAI compatibility; jeremychone/rust-genai#115",
  },
  families: [
    {
      family: "Gemini",
      requests:
        "its own schema dialect (references inlined, `const` as `enum`, no `additionalProperties`, `pattern`, …); system turns inside the conversation become user text",
      evidence: "d",
    },
    {
      family: "Gemini 3 and later",
      requests:
        "thought signatures come back in `extra_content`; the first call of a turn that Gemini did not make carries Google's placeholder",
      evidence: "t jeremychone/rust-genai#115, d",
    },
    {
      family: "Gemma",
      requests: "one system message, the first: later ones become user text",
      evidence: "t (chat templates)",
    },
  ],
  apis: [
    {
      vendor: "Gemini",
      hosts: "`generativelanguage.googleapis.com`",
      requests: "as the family; efforts `low`…`high`; no `parallel_tool_calls`",
      answers:
        "tool calls without id; error body in an array; `function_call_filter: MALFORMED_FUNCTION_CALL` in place of an answer",
      evidence: "r; t (the last)",
    },
  ],
  presets: [
    {
      id: "gemini",
      title: { en: "Google Gemini", zh: "Google Gemini" },
      type: "openai",
      baseUrl: "https://generativelanguage.googleapis.com/v1beta/openai",
      auth: "api_key",
      keys: ["GEMINI_API_KEY"],
      bigModel: "gemini-4-argon",
      smallModel: "gemini-3.5-flash-lite",
      models: "https://ai.google.dev/gemini-api/docs/models",
    },
  ],
};
