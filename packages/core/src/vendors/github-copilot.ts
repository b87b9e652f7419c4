import type { VendorGuide } from "./guide.ts";
import { openaiReasoning } from "./openai.ts";
import type { Vendor } from "./vendor.ts";

const host = /(?:^|\.)githubcopilot\.com(?::|$)/;

export const githubCopilot: Vendor = {
  name: "GitHub Copilot",
  hosts: [
    { host, profile: { toolIdLimit: 40, reasoning: "none" } },
    { host, model: /^(?!gemini)/, profile: { toolSchema: "json-schema", strictTools: true } },
    // They think unasked there, GPT-5.4 too, and refuse temperature then (itayinbarr/little-coder#33).
    { host, model: openaiReasoning, profile: { sampling: "effort-none" } },
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
      requests: "no effort; no `temperature` and `top_p` to OpenAI's models that think",
      answers: "null tool names; item ids that change",
      evidence: "r (Responses)",
    },
  ],
};
