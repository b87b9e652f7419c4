import type { VendorGuide } from "./guide.ts";
import type { Vendor } from "./vendor.ts";

export const crusoe: Vendor = {
  name: "Crusoe",
  hosts: [{ host: /(?:^|\.)crusoe(?:cloud)?\.(?:ai|com)(?::|$)/, profile: { reasoningHistory: "reasoning" } }],
};

export const crusoeGuide: VendorGuide = {
  vendor: crusoe,
  evidence: {
    date: "2026-11-28",
    hosts: "recordings",
  },
  apis: [
    {
      vendor: "Crusoe",
      hosts: "`crusoe.ai`, `crusoecloud.com`",
      requests: "`reasoning` replayed",
      answers: "`reasoning`",
      evidence: "r",
    },
  ],
};
