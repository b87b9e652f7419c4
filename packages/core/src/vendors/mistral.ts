import type { VendorGuide } from "./guide.ts";
import type { TokenFamily } from "./token-family.ts";
import type { Vendor } from "./vendor.ts";

const host = /(?:^|\.)mistral\.ai(?::|$)/;

export const mistral: Vendor = {
  name: "Mistral",
  models: [
    // Ids are 9 letters and digits. A user turn after a tool's is accepted by now (recorded).
    {
      model: /mistral|ministral|mixtral|codestral|devstral|magistral|pixtral/,
      profile: { toolIdFormat: "mistral", alternate: true },
    },
  ],
  hosts: [
    // Unknown members are a 422.
    {
      host,
      profile: {
        toolSchema: "json-schema",
        strictTools: true,
        toolIdFormat: "mistral",
        alternate: true,
        prefill: "prefix",
        reasoning: "none",
      },
    },
    { host, model: /^mistral-small/, profile: { reasoning: "openai", efforts: ["none", "high"] } },
  ],
};

/** Token families, from recorded usage. */
export const mistralTokens: readonly TokenFamily[] = [
  {
    name: "mistral",
    model: /mi[sx]tral|codestral|devstral|magistral/,
    perMessage: 3,
    tools: 18,
    toolFactor: 1.5,
  },
];

export const mistralGuide: VendorGuide = {
  vendor: mistral,
  evidence: {
    date: "2026-11-28",
    hosts: "recordings; docs.mistral.ai",
    models: "recordings; zed-industries/zed#37021; NousResearch/hermes-agent#20154",
  },
  families: [
    {
      family: "Mistral, Mixtral, Codestral, Devstral, Magistral",
      requests: "tool ids of 9 letters and digits; roles alternate",
      evidence: "t zed-industries/zed#37021, NousResearch/hermes-agent#20154",
    },
  ],
  apis: [
    {
      vendor: "Mistral",
      hosts: "`mistral.ai`",
      requests:
        "ids and order as the family; `prefix: true` on a beginning of the answer; `reasoning_effort` for `mistral-small`",
      answers: "content as an array with thinking; tool deltas without index; errors as `detail`",
      evidence: "r",
    },
  ],
  presets: [
    {
      id: "mistral",
      title: { en: "Mistral", zh: "Mistral" },
      type: "openai",
      baseUrl: "https://api.mistral.ai/v1",
      auth: "api_key",
      keys: ["MISTRAL_API_KEY"],
      bigModel: "mistral-large-latest",
      smallModel: "mistral-small-latest",
      models: "https://docs.mistral.ai/getting-started/models",
    },
  ],
};
