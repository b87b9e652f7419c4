import type { VendorGuide } from "./guide.ts";
import { localPreset } from "./local-preset.ts";

export const llamaCppGuide: VendorGuide = {
  apis: [
    {
      vendor: "llama.cpp, vLLM, SGLang, gpustack",
      hosts: "– (the family tells)",
      requests: "neutral",
      answers: "`timings`; `matched_stop`; gpustack sends no `[DONE]`",
      evidence: "r",
    },
  ],
  presets: [
    /* @__PURE__ */ localPreset({
      id: "llama-cpp",
      name: "llama.cpp",
      port: 8081,
      model: "default",
      models: "https://github.com/ggml-org/llama.cpp",
    }),
  ],
};
