import type { VendorGuide } from "./guide.ts";
import type { Vendor } from "./vendor.ts";

export const perplexity: Vendor = {
  name: "Perplexity",
  hosts: [{ host: /(?:^|\.)perplexity\.ai(?::|$)/, profile: { alternate: true } }],
};

export const perplexityGuide: VendorGuide = {
  vendor: perplexity,
  evidence: {
    date: "2026-11-28",
    hosts: "recordings",
  },
  apis: [
    {
      vendor: "Perplexity",
      hosts: "`perplexity.ai`",
      requests: "roles alternate, one system message",
      answers: "CRLF; usage in every chunk; `chat.completion.done`; no `[DONE]`",
      evidence: "r",
    },
  ],
};
