import type { VendorGuide } from "./guide.ts";
import { documentedMembers } from "./messages-members.ts";
import type { Vendor } from "./vendor.ts";

export const volcengine: Vendor = {
  name: "Volcengine",
  messages: [
    {
      host: /(?:^|\.)volces\.com$/,
      profile: {
        midSystem: "user",
        bodyMembers: documentedMembers,
        userId: "hash", // at most 128 characters
        dropsRefusedSampling: true,
      },
    },
  ],
};

export const volcengineGuide: VendorGuide = {
  vendor: volcengine,
  evidence: {
    date: "2026-11-28",
    messages: "looplj/axonhub#1669",
  },
};
