import type { ProfileOverride } from "../base/profile-types.ts";

/** What holds at a vendor's host, for all of its models or some. `host` is tested against `name` or `name:port`. */
export interface VendorRule {
  /** The vendor's name, for people. */
  readonly vendor: string;
  readonly host: RegExp;
  readonly model?: RegExp;
  readonly profile: ProfileOverride;
}

const openai = /(?:^|\.)api\.openai\.com(?::|$)/;
const azure = /\.(?:openai\.azure\.com|cognitiveservices\.azure\.com|services\.ai\.azure\.com)(?::|$)/;
const openrouter = /(?:^|\.)openrouter\.ai(?::|$)/;
const deepseek = /(?:^|\.)deepseek\.com(?::|$)/;
const mistral = /(?:^|\.)mistral\.ai(?::|$)/;
const xai = /(?:^|\.)x\.ai(?::|$)/;
const groq = /(?:^|\.)groq\.com(?::|$)/;
const gemini = /(?:^|\.)generativelanguage\.googleapis\.com(?::|$)/;
const vertex = /(?:^|[.-])aiplatform\.googleapis\.com(?::|$)/;
const moonshot = /(?:^|\.)(?:moonshot\.(?:ai|cn)|kimi\.(?:com|ai))(?::|$)/;
const zai = /(?:^|\.)(?:z\.ai|bigmodel\.cn)(?::|$)/;
const minimax = /(?:^|\.)(?:minimax\.(?:io|chat)|minimaxi\.com)(?::|$)/;
const alibaba = /(?:^|\.)dashscope(?:-intl|-us)?\.aliyuncs\.com(?::|$)/;
const perplexity = /(?:^|\.)perplexity\.ai(?::|$)/;
const ollamaCloud = /(?:^|\.)ollama\.com(?::|$)/;
const ollama = /:11434$/;
const lmStudio = /:1234$/;
const snowflake = /(?:^|\.)snowflakecomputing\.com(?::|$)/;
const copilot = /(?:^|\.)githubcopilot\.com(?::|$)/;
const vercelGateway = /(?:^|\.)ai-gateway\.vercel\.sh(?::|$)/;
const cerebras = /(?:^|\.)cerebras\.ai(?::|$)/;
const crusoe = /(?:^|\.)crusoe(?:cloud)?\.(?:ai|com)(?::|$)/;
const baseten = /(?:^|\.)baseten\.co(?::|$)/;
const avian = /(?:^|\.)avian\.io(?::|$)/;
const huggingface = /(?:^|\.)huggingface\.co(?::|$)/;
const together = /(?:^|\.)together\.(?:xyz|ai)(?::|$)/;
const fireworks = /(?:^|\.)fireworks\.ai(?::|$)/;
const heroku = /(?:^|\.)heroku\.com(?::|$)/;
const bedrock = /(?:^|[.-])bedrock(?:-runtime|-mantle)?\.[a-z0-9-]+\.(?:amazonaws\.com|api\.aws)(?::|$)/;

const openaiReasoning = /(?:^|[/.:])(?:o\d|gpt-(?:[5-9]|\d\d))(?!.*-chat)/;

/** What a vendor is known to take beyond what every server does. */
const wholeSchemas: ProfileOverride = { toolSchema: "json-schema" };
const strictSchemas: ProfileOverride = { toolSchema: "json-schema", strictTools: true };

/** The built-in vendors; `docs/vendors.md` says what each row goes by. Later rows stand over earlier ones. */
export const vendorRules: readonly VendorRule[] = [
  {
    vendor: "OpenAI",
    host: openai,
    profile: {
      ...strictSchemas,
      midSystem: "system",
      files: true,
      promptCacheKey: true,
      toolIdLimit: 40,
      webSearch: true,
      webSearchSources: true,
      inputTokens: true,
    },
  },
  { vendor: "OpenAI", host: openai, model: openaiReasoning, profile: { systemRole: "developer" } },
  { vendor: "OpenAI", host: openai, model: /^o1-mini/, profile: { systemRole: "system", midSystem: "user" } },
  {
    vendor: "OpenAI",
    host: openai,
    model: /^gpt-(?:5\.(?:[6-9]|\d\d)|[6-9]|\d\d)/,
    profile: { cacheControl: "openai-breakpoint" },
  },
  // "For models like gpt-5.3-codex and beyond … preserve and resend phase on all assistant messages" (openai types).
  {
    vendor: "OpenAI",
    host: openai,
    model: /^gpt-(?:5\.3-codex|5\.(?:[4-9]|\d\d)|[6-9]|\d\d)(?!.*-chat)/,
    profile: { messagePhases: true },
  },
  // Chat Completions refuses tools together with an effort there (recorded 400), and these models altogether (openai/codex#1346, aichat#1318).
  {
    vendor: "OpenAI",
    host: openai,
    model: /^gpt-(?:5\.(?:[4-9]|\d\d)|[6-9]|\d\d)(?!.*-chat)/,
    profile: { responsesFor: "tools" },
  },
  {
    vendor: "OpenAI",
    host: openai,
    model: /codex|^(?:o\d|gpt-[5-9].*)-pro|deep-research/,
    profile: { responsesFor: "all" },
  },
  {
    vendor: "OpenAI",
    host: openai,
    model: /^(?:gpt-3\.5|gpt-4(?:-|$)(?!turbo))/,
    profile: { images: false, files: false, jsonSchema: false },
  },

  { vendor: "Azure", host: azure, profile: { ...strictSchemas, toolIdLimit: 40 } },
  { vendor: "Azure", host: azure, model: /(?:^|[/.:])(?:gpt|o\d)/, profile: { midSystem: "system" } },
  { vendor: "Azure", host: azure, model: openaiReasoning, profile: { systemRole: "developer" } },

  // OpenRouter maps parameters itself; it drops what a model does not take.
  {
    vendor: "OpenRouter",
    host: openrouter,
    profile: {
      maxTokensField: "max_tokens",
      sampling: true,
      stopLimit: 4,
      topK: true,
      files: true,
      toolResultImages: "inline",
      toolIdLimit: 40,
      ...strictSchemas,
      thoughtSignatures: "drop",
      effortWithTools: true,
      reasoning: "openrouter",
      efforts: ["minimal", "low", "medium", "high", "xhigh"],
      reasoningHistory: "reasoning_details",
      thinkTags: false,
    },
  },
  {
    vendor: "OpenRouter",
    host: openrouter,
    model: /^(?:openai|x-ai|deepseek|moonshotai)\//,
    profile: { midSystem: "system" },
  },
  {
    vendor: "OpenRouter",
    host: openrouter,
    model: /^(?:anthropic|google|qwen|alibaba)\//,
    profile: { cacheControl: "pass" },
  },
  {
    vendor: "OpenRouter",
    host: openrouter,
    model: /^anthropic\//,
    // Claude can be told not to think; other models answer `none` with "Reasoning is mandatory for this endpoint" (claude-code-router#1238).
    profile: { efforts: ["none", "minimal", "low", "medium", "high", "xhigh"] },
  },

  {
    vendor: "DeepSeek",
    host: deepseek,
    profile: {
      midSystem: "system",
      images: false,
      jsonSchema: false,
      parallelToolCalls: false,
      reasoning: "deepseek",
      efforts: ["low", "medium", "high", "xhigh", "max"],
      reasoningHistory: "reasoning_content",
      thinkTags: false,
    },
  },

  // Unknown members are a 422.
  {
    vendor: "Mistral",
    host: mistral,
    profile: {
      ...strictSchemas,
      toolIdFormat: "mistral",
      alternate: true,
      prefill: "prefix",
      reasoning: "none",
    },
  },
  {
    vendor: "Mistral",
    host: mistral,
    model: /^mistral-small/,
    profile: { reasoning: "openai", efforts: ["none", "high"] },
  },

  // `stop` is refused by its reasoning models, and an effort by all but a few (hermes-agent#23435, modelparams.dev#330).
  {
    vendor: "xAI",
    host: xai,
    profile: { ...strictSchemas, midSystem: "system", reasoning: "none", webSearch: true },
  },
  { vendor: "xAI", host: xai, model: /^grok-(?:3-mini|4|code|[5-9])(?!.*non-reasoning)/, profile: { stopLimit: 0 } },
  { vendor: "xAI", host: xai, model: /^grok-3-mini/, profile: { reasoning: "openai", efforts: ["low", "high"] } },
  {
    vendor: "xAI",
    host: xai,
    model: /^grok-4\.3/,
    profile: { reasoning: "openai", efforts: ["none", "low", "medium", "high"] },
  },
  {
    vendor: "xAI",
    host: xai,
    model: /^grok-4\.5/,
    profile: { reasoning: "openai", efforts: ["low", "medium", "high"] },
  },
  {
    vendor: "xAI",
    host: xai,
    model: /^grok-4\.6/,
    profile: { reasoning: "openai", efforts: ["low", "medium", "high", "xhigh"] },
  },

  // "property 'reasoning_content' is unsupported" (janhq/jan#8136, cherry-studio#12153).
  // `include` is none of what its Responses API takes (console.groq.com/docs/responses-api).
  { vendor: "Groq", host: groq, profile: { ...wholeSchemas, reasoningHistory: "drop", encryptedReasoning: false } },
  { vendor: "Groq", host: groq, model: /^(?:openai|moonshotai)\//, profile: { midSystem: "system" } },
  {
    vendor: "Groq",
    host: groq,
    model: /^(?!openai\/|moonshotai\/|meta-llama\/llama-4)/,
    profile: { jsonSchema: false },
  },
  { vendor: "Cerebras", host: cerebras, profile: { reasoningHistory: "drop", images: false } },

  {
    vendor: "Gemini",
    host: gemini,
    profile: { reasoning: "openai", efforts: ["low", "medium", "high"], parallelToolCalls: false },
  },
  {
    vendor: "Vertex AI",
    host: vertex,
    profile: { reasoning: "openai", efforts: ["low", "medium", "high"], parallelToolCalls: false },
  },
  // The signature stands under another name there (earendil-works/pi#6733).
  { vendor: "Vertex AI", host: vertex, model: /gemini-(?![12](?:\D|$))/, profile: { thoughtSignatures: "vertex" } },

  { vendor: "Moonshot", host: moonshot, profile: { midSystem: "system", imageUrls: false, jsonSchema: false } },
  // Only its own temperature is accepted, and thinking is a switch, not an effort.
  {
    vendor: "Moonshot",
    host: moonshot,
    model: /^kimi-(?:k2\.[5-9]|k[3-9])/,
    profile: { sampling: false, reasoning: "zai" },
  },
  // These always think, and know an effort.
  {
    vendor: "Moonshot",
    host: moonshot,
    model: /^kimi-(?:k2\.[7-9]|k[3-9]|code|for-coding)/,
    profile: { sampling: false, reasoning: "deepseek", thinkingOff: false, efforts: ["low", "high", "max"] },
  },

  {
    vendor: "Z.AI",
    host: zai,
    profile: {
      jsonSchema: false,
      reasoning: "zai",
      reasoningHistory: "reasoning_content",
      toolChoice: "auto",
      toolStream: true,
      thinkTags: false,
    },
  },
  {
    vendor: "Z.AI",
    host: zai,
    model: /^glm-(?:5\.[2-9]|[6-9])/,
    profile: { reasoning: "deepseek", efforts: ["low", "medium", "high", "xhigh", "max"] },
  },
  { vendor: "Z.AI", host: zai, model: /^glm-(?:5\.[3-9]|[6-9])/, profile: { thinkingOff: false } },
  // Thinking comes in `reasoning_details` where it is asked to be split off, and goes back there.
  {
    vendor: "MiniMax",
    host: minimax,
    profile: {
      reasoningHistory: "reasoning_details",
      extraBody: { reasoning_split: true },
    },
  },
  { vendor: "Alibaba", host: alibaba, profile: { ...wholeSchemas, jsonSchema: false, thinkTags: false } },
  { vendor: "Alibaba", host: alibaba, model: /^(?:qwen|qwq)/, profile: { topK: true } },
  {
    vendor: "Alibaba",
    host: alibaba,
    model: /^qwen(?:-(?:plus|flash|turbo)|3)(?!.*(?:coder|instruct|thinking))/,
    profile: { reasoning: "qwen" },
  },

  { vendor: "Perplexity", host: perplexity, profile: { alternate: true } },
  { vendor: "Ollama", host: ollamaCloud, profile: { imageUrls: false, reasoningHistory: "reasoning" } },
  // On one's own machine only the usual port tells; of llama.cpp, vLLM and gpustack the model's family says what matters.
  {
    vendor: "Ollama",
    host: ollama,
    profile: { imageUrls: false, toolResultImages: "inline", reasoningHistory: "reasoning" },
  },
  {
    vendor: "LM Studio",
    host: lmStudio,
    profile: { imageUrls: false, toolChoice: "required" },
  },

  // Claude and others behind one API: what is assumed of any API holds (`strict` and system turns inside the conversation are refused).
  { vendor: "Snowflake Cortex", host: snowflake, profile: {} },
  { vendor: "GitHub Copilot", host: copilot, profile: { toolIdLimit: 40, reasoning: "none" } },
  { vendor: "GitHub Copilot", host: copilot, model: /^(?!gemini)/, profile: strictSchemas },
  {
    vendor: "Vercel AI Gateway",
    host: vercelGateway,
    profile: {
      maxTokensField: "max_tokens",
      reasoning: "openrouter",
      reasoningHistory: "reasoning_details",
      ...strictSchemas,
      thoughtSignatures: "drop",
      toolIdLimit: 40,
      thinkTags: false,
    },
  },
  { vendor: "Crusoe", host: crusoe, profile: { reasoningHistory: "reasoning" } },
  { vendor: "Baseten", host: baseten, profile: { reasoningHistory: "drop" } },
  { vendor: "Avian", host: avian, profile: { reasoningHistory: "reasoning_content" } },
  { vendor: "Hugging Face", host: huggingface, profile: { reasoningHistory: "drop" } },
  { vendor: "Together", host: together, profile: { ...wholeSchemas, topK: true } },
  { vendor: "Fireworks", host: fireworks, profile: { topK: true } },
  { vendor: "Heroku", host: heroku, profile: { ...wholeSchemas, toolIdFormat: "plain" } },
  { vendor: "Amazon Bedrock", host: bedrock, profile: { images: false } },
];
