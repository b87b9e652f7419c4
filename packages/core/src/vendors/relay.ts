import type { VendorGuide } from "./guide.ts";

/** Services that pass requests on to others, at an address that the user knows. */
export const relayGuide: VendorGuide = {
  presets: [
    {
      id: "relay",
      title: { en: "Any relay that speaks the Messages API", zh: "任何支持 Messages API 的中转服务" },
      type: "anthropic",
      baseUrl: "${RELAY_BASE_URL}",
      auth: "auth_token",
      keys: ["RELAY_API_KEY"],
      bigModel: "passthrough",
      smallModel: "passthrough",
      note: {
        en: "The base URL is what the relay tells you to set as ANTHROPIC_BASE_URL, without /v1.",
        zh: "base_url 就是中转服务让你设为 ANTHROPIC_BASE_URL 的地址，不带 /v1。",
      },
    },
    {
      id: "relay-openai",
      title: { en: "Any relay that speaks OpenAI's API", zh: "任何支持 OpenAI API 的中转服务" },
      type: "openai",
      baseUrl: "${RELAY_OPENAI_BASE_URL}",
      auth: "api_key",
      keys: ["RELAY_OPENAI_API_KEY"],
      bigModel: "gpt-6.1-sol",
      smallModel: "gpt-6.1-terra",
      note: {
        en: "The base URL includes /v1 where the relay has it.",
        zh: "base_url 要包含 /v1（如果中转服务的地址里有）。",
      },
    },
  ],
};
