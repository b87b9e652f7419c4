import type { VendorGuide } from "./guide.ts";
import type { Vendor } from "./vendor.ts";

export const vercelGateway: Vendor = {
  name: "Vercel AI Gateway",
  hosts: [
    {
      host: /(?:^|\.)ai-gateway\.vercel\.sh(?::|$)/,
      profile: {
        maxTokensField: "max_tokens",
        reasoning: "openrouter",
        reasoningHistory: "reasoning_details",
        toolSchema: "json-schema",
        strictTools: true,
        thoughtSignatures: "drop",
        toolIdLimit: 40,
        thinkTags: false,
      },
    },
  ],
};

export const vercelGatewayGuide: VendorGuide = {
  vendor: vercelGateway,
  evidence: {
    date: "2026-11-28",
    hosts: "recordings",
  },
  apis: [
    {
      vendor: "Vercel AI Gateway",
      hosts: "`ai-gateway.vercel.sh`",
      requests: "as OpenRouter",
      answers: "`reasoning_details`; reasoning tokens above the completion",
      evidence: "r",
    },
  ],
};
