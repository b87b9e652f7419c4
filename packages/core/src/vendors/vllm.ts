import type { VendorGuide } from "./guide.ts";
import { localPreset } from "./local-preset.ts";

export const vllmGuide: VendorGuide = {
  presets: [
    /* @__PURE__ */ localPreset({
      id: "vllm",
      name: "vLLM",
      port: 8000,
      model: "Qwen/Qwen3-Coder-30B-A3B-Instruct",
      models: "https://docs.vllm.ai",
    }),
  ],
};
