import type { VendorGuide } from "./guide.ts";
import type { Vendor } from "./vendor.ts";

export const fireworks: Vendor = {
  name: "Fireworks",
  hosts: [{ host: /(?:^|\.)fireworks\.ai(?::|$)/, profile: { topK: true } }],
};

export const fireworksGuide: VendorGuide = {
  vendor: fireworks,
  evidence: {
    date: "2026-11-28",
    hosts: "docs.fireworks.ai",
  },
  apis: [
    {
      vendor: "Fireworks",
      hosts: "`fireworks.ai`",
      requests: "`top_k`",
      answers: "–",
      evidence: "d",
    },
  ],
};
