import type { BalancerConfig } from "@ccpb/core";

/** The providers of an application, and how patient it is with them: what the test beside this file is about. */
export const config: BalancerConfig = {
  providers: [
    {
      name: "preferred",
      type: "anthropic",
      baseUrl: "https://preferred.example",
      auth: { type: "api_key", keys: ["a key"] },
      bigModel: "passthrough",
      smallModel: "passthrough",
      // It is fast or it is broken.
      timeouts: { responseMs: 5_000 },
    },
    {
      name: "spare",
      type: "anthropic",
      baseUrl: "https://spare.example",
      auth: { type: "api_key", keys: ["another key"] },
      bigModel: "passthrough",
      smallModel: "passthrough",
    },
  ],
  settings: { failureCooldownMs: 90_000 },
};
