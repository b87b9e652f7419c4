import type { VendorGuide } from "./guide.ts";
import type { Vendor } from "./vendor.ts";

const host = /(?:^|\.)groq\.com(?::|$)/;

export const groq: Vendor = {
  name: "Groq",
  hosts: [
    // "property 'reasoning_content' is unsupported" (janhq/jan#8136, cherry-studio#12153).
    // `include` is none of what its Responses API takes (console.groq.com/docs/responses-api).
    { host, profile: { toolSchema: "json-schema", reasoningHistory: "drop", encryptedReasoning: false } },
    { host, model: /^(?:openai|moonshotai)\//, profile: { midSystem: "system" } },
    { host, model: /^(?!openai\/|moonshotai\/|meta-llama\/llama-4)/, profile: { jsonSchema: false } },
  ],
};

export const groqGuide: VendorGuide = {
  vendor: groq,
  evidence: {
    date: "2026-11-28",
    hosts: "recordings; console.groq.com/docs; janhq/jan#8136",
  },
  apis: [
    {
      vendor: "Groq",
      hosts: "`groq.com`",
      requests: "no reasoning in the history; `json_object` except for models with schemas",
      answers: "`reasoning`; `x_groq`; `tool_use_failed` inside a 200 stream",
      evidence: "r; t janhq/jan#8136",
    },
  ],
  presets: [
    {
      id: "groq",
      title: { en: "Groq", zh: "Groq" },
      type: "openai",
      baseUrl: "https://api.groq.com/openai/v1",
      auth: "api_key",
      keys: ["GROQ_API_KEY"],
      bigModel: "openai/gpt-oss-120b",
      smallModel: "openai/gpt-oss-20b",
      models: "https://console.groq.com/docs/models",
      modelsSeen: {
        url: "https://github.com/ITSpecialist111/ai_automation_suggester/issues/187",
        date: "2026-09-05",
      },
    },
  ],
};
