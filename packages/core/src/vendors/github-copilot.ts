import type { VendorGuide } from "./guide.ts";
import type { Vendor } from "./vendor.ts";

const host = /(?:^|\.)githubcopilot\.com(?::|$)/;

export const githubCopilot: Vendor = {
  name: "GitHub Copilot",
  hosts: [
    { host, profile: { toolIdLimit: 40, reasoning: "none" } },
    { host, model: /^(?!gemini)/, profile: { toolSchema: "json-schema", strictTools: true } },
  ],
};

export const githubCopilotGuide: VendorGuide = {
  vendor: githubCopilot,
  evidence: {
    date: "2026-11-28",
    hosts: "recordings (Responses)",
  },
  apis: [
    {
      vendor: "GitHub Copilot",
      hosts: "`githubcopilot.com`",
      requests: "no effort",
      answers: "null tool names; item ids that change",
      evidence: "r (Responses)",
    },
  ],
};
