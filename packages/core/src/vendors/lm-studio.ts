import type { VendorGuide } from "./guide.ts";
import { localPreset } from "./local-preset.ts";
import type { Vendor } from "./vendor.ts";

export const lmStudio: Vendor = {
  name: "LM Studio",
  hosts: [{ host: /:1234$/, profile: { imageUrls: false, toolChoice: "required" } }],
};

export const lmStudioGuide: VendorGuide = {
  vendor: lmStudio,
  evidence: {
    date: "2026-11-28",
    hosts: "lmstudio.ai/docs",
  },
  apis: [
    {
      vendor: "LM Studio",
      hosts: "port 1234",
      requests: "images as data only; one system message; a named tool goes alone with `required`; no `strict`",
      answers: "`reasoning_content` or `reasoning`",
      evidence: "d",
    },
  ],
  presets: [
    /* @__PURE__ */ localPreset({
      id: "lmstudio",
      name: "LM Studio",
      port: 1234,
      model: "qwen/qwen3-coder-30b",
      models: "https://lmstudio.ai/models",
    }),
  ],
};
