import type { VendorGuide } from "./guide.ts";
import type { Vendor } from "./vendor.ts";

export const snowflake: Vendor = {
  name: "Snowflake Cortex",
  // Claude and others behind one API: what is assumed of any API holds (`strict` and system turns inside the conversation are refused).
  hosts: [{ host: /(?:^|\.)snowflakecomputing\.com(?::|$)/, profile: {} }],
};

export const snowflakeGuide: VendorGuide = {
  vendor: snowflake,
  evidence: {
    date: "2026-11-28",
    hosts: "recordings",
  },
  apis: [
    {
      vendor: "Snowflake Cortex",
      hosts: "`snowflakecomputing.com`",
      requests: "one system message",
      answers: "never a `finish_reason`; empty ids",
      evidence: "r",
    },
  ],
};
