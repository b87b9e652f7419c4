import type { VendorGuide } from "./guide.ts";
import { localPreset } from "./local-preset.ts";
import type { Vendor } from "./vendor.ts";

export const ollama: Vendor = {
  name: "Ollama",
  hosts: [
    {
      host: /(?:^|\.)ollama\.com(?::|$)/,
      profile: { imageUrls: false, reasoningHistory: "reasoning" },
    },
    // On one's own machine only the usual port tells; of llama.cpp, vLLM and gpustack the model's family says what matters.
    {
      host: /:11434$/,
      profile: { imageUrls: false, toolResultImages: "inline", reasoningHistory: "reasoning" },
    },
  ],
};

export const ollamaGuide: VendorGuide = {
  vendor: ollama,
  evidence: {
    date: "2026-11-28",
    hosts: "recordings; github.com/ollama/ollama, docs/openai.md",
  },
  apis: [
    {
      vendor: "Ollama",
      hosts: "port 11434; `ollama.com`",
      requests: "images as data only, also in tool messages; `reasoning` replayed",
      answers: "`reasoning`; usage in a last chunk without choices",
      evidence: "r",
    },
  ],
  presets: [
    /* @__PURE__ */ localPreset({
      id: "ollama",
      name: "Ollama",
      port: 11434,
      model: "qwen3-coder",
      models: "https://ollama.com/library",
    }),
  ],
};
