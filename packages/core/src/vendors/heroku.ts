import type { VendorGuide } from "./guide.ts";
import type { Vendor } from "./vendor.ts";

export const heroku: Vendor = {
  name: "Heroku",
  hosts: [{ host: /(?:^|\.)heroku\.com(?::|$)/, profile: { toolSchema: "json-schema", toolIdFormat: "plain" } }],
};

export const herokuGuide: VendorGuide = {
  vendor: heroku,
  evidence: {
    date: "2026-11-28",
    hosts: "recordings",
  },
  apis: [
    {
      vendor: "Heroku",
      hosts: "`heroku.com`",
      requests: "as Claude behind a gateway",
      answers: "–",
      evidence: "r",
    },
  ],
};
