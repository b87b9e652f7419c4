import type { VendorGuide } from "./guide.ts";
import type { Vendor } from "./vendor.ts";

export const avian: Vendor = {
  name: "Avian",
  hosts: [{ host: /(?:^|\.)avian\.io(?::|$)/, profile: { reasoningHistory: "reasoning_content" } }],
};

export const avianGuide: VendorGuide = {
  vendor: avian,
  evidence: {
    date: "2026-11-28",
    hosts: "recordings",
  },
  apis: [
    {
      vendor: "Avian",
      hosts: "`avian.io`",
      requests: "`reasoning_content` replayed",
      answers: "finish chunk twice; text after a tool call; Kimi's ids",
      evidence: "r",
    },
  ],
};
