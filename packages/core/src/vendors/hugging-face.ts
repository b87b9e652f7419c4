import type { VendorGuide } from "./guide.ts";
import type { Vendor } from "./vendor.ts";

export const huggingFace: Vendor = {
  name: "Hugging Face",
  hosts: [{ host: /(?:^|\.)huggingface\.co(?::|$)/, profile: { reasoningHistory: "drop" } }],
};

export const huggingFaceGuide: VendorGuide = {
  vendor: huggingFace,
  evidence: {
    date: "2026-11-28",
    hosts: "recordings",
  },
  apis: [
    {
      vendor: "Hugging Face",
      hosts: "`huggingface.co`",
      requests: "no reasoning in the history",
      answers: "those of the provider behind it",
      evidence: "r",
    },
  ],
};
