import type { VendorGuide } from "./guide.ts";
import type { Vendor } from "./vendor.ts";

export const together: Vendor = {
  name: "Together",
  hosts: [{ host: /(?:^|\.)together\.(?:xyz|ai)(?::|$)/, profile: { toolSchema: "json-schema", topK: true } }],
};

export const togetherGuide: VendorGuide = {
  vendor: together,
  evidence: {
    date: "2026-11-28",
    hosts: "recordings; docs.together.ai",
  },
  apis: [
    {
      vendor: "Together",
      hosts: "`together.xyz`, `together.ai`",
      requests: "`top_k`",
      answers: "finish reason `eos`",
      evidence: "r, d",
    },
  ],
};
