import type { VendorGuide } from "./guide.ts";
import type { Vendor } from "./vendor.ts";

export const cerebras: Vendor = {
  name: "Cerebras",
  hosts: [{ host: /(?:^|\.)cerebras\.ai(?::|$)/, profile: { reasoningHistory: "drop", images: false } }],
};

export const cerebrasGuide: VendorGuide = {
  vendor: cerebras,
  evidence: {
    date: "2026-11-28",
    hosts: "recordings; Kilo-Org/kilocode#10375",
  },
  apis: [
    {
      vendor: "Cerebras",
      hosts: "`cerebras.ai`",
      requests: "no reasoning in the history; no images; no `strict` (some tools strict and some not is a 400)",
      answers: "`reasoning`",
      evidence: "r; t Kilo-Org/kilocode#10375",
    },
  ],
  presets: [
    {
      id: "cerebras",
      title: { en: "Cerebras", zh: "Cerebras" },
      type: "openai",
      baseUrl: "https://api.cerebras.ai/v1",
      auth: "api_key",
      keys: ["CEREBRAS_API_KEY"],
      bigModel: "gpt-oss-120b",
      smallModel: "gpt-oss-120b",
      models: "https://inference-docs.cerebras.ai/models/overview",
      modelsSeen: { url: "https://www.skills.sh/terminalskills/skills/cerebras", date: "2026-10" },
    },
  ],
};
