import type { VendorGuide } from "./guide.ts";
import type { Vendor } from "./vendor.ts";

export const baseten: Vendor = {
  name: "Baseten",
  hosts: [{ host: /(?:^|\.)baseten\.co(?::|$)/, profile: { reasoningHistory: "drop" } }],
};

export const basetenGuide: VendorGuide = {
  vendor: baseten,
  evidence: {
    date: "2026-11-28",
    hosts: "recordings",
  },
  apis: [
    {
      vendor: "Baseten",
      hosts: "`baseten.co`",
      requests: "no reasoning in the history",
      answers: "tool id in every chunk; usage in every chunk",
      evidence: "r",
    },
  ],
};
