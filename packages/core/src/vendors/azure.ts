import type { VendorGuide } from "./guide.ts";
import { openaiReasoning } from "./openai.ts";
import type { Vendor } from "./vendor.ts";

const host = /\.(?:openai\.azure\.com|cognitiveservices\.azure\.com|services\.ai\.azure\.com)(?::|$)/;

export const azure: Vendor = {
  name: "Azure",
  hosts: [
    { host, profile: { toolSchema: "json-schema", strictTools: true, toolIdLimit: 40 } },
    { host, model: /(?:^|[/.:])(?:gpt|o\d)/, profile: { midSystem: "system" } },
    { host, model: openaiReasoning, profile: { systemRole: "developer" } },
  ],
  messages: [
    {
      host: /(?:^|\.)(?:services\.ai\.azure\.com|azure-api\.net)$/,
      profile: { checksSignatures: true },
    },
  ],
};

export const azureGuide: VendorGuide = {
  vendor: azure,
  evidence: {
    date: "2026-11-28",
    hosts: "recordings (30 streams)",
    messages: "platform.claude.com/docs, Claude in Microsoft Foundry",
  },
  apis: [
    {
      vendor: "Azure OpenAI",
      hosts: "`*.openai.azure.com`, `*.cognitiveservices.azure.com`, `*.services.ai.azure.com`",
      requests: "as OpenAI, without files and cache keys",
      answers: "first chunk with empty `id`, no choices, `prompt_filter_results`; errors with `code` alone",
      evidence: "r",
    },
  ],
  presets: [
    {
      id: "azure-openai",
      title: { en: "Azure OpenAI", zh: "Azure OpenAI" },
      type: "openai",
      baseUrl: "https://${AZURE_OPENAI_RESOURCE}.openai.azure.com/openai/v1",
      auth: "api_key",
      keys: ["AZURE_OPENAI_API_KEY"],
      bigModel: "gpt-6.1-sol",
      smallModel: "gpt-6.1-terra",
      note: {
        en: "The model names are those of your deployments.",
        zh: "模型名是你自己的部署名。",
      },
      models: "https://learn.microsoft.com/azure/ai-foundry/openai/",
    },
    {
      id: "foundry",
      title: { en: "Claude in Microsoft Foundry", zh: "Microsoft Foundry 上的 Claude" },
      type: "anthropic",
      baseUrl: "https://${FOUNDRY_RESOURCE}.services.ai.azure.com/anthropic",
      auth: "api_key",
      keys: ["FOUNDRY_API_KEY"],
      bigModel: "claude-opus-5",
      smallModel: "claude-haiku-4-5",
      note: {
        en: "The model names are those of your deployments.",
        zh: "模型名是你自己的部署名。",
      },
      models: "https://learn.microsoft.com/azure/ai-foundry/",
    },
  ],
};
