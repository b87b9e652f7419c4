import type { ProfileOverride } from "../base/profile-types.ts";
import type { VendorGuide } from "./guide.ts";
import type { TokenFamily } from "./token-family.ts";
import type { Vendor } from "./vendor.ts";

const host = /(?:^|\.)api\.openai\.com(?::|$)/;

/** OpenAI's reasoning models, at any host. Azure has `gpt-35-turbo`, and names such as `gpt-41` for what has a dot elsewhere. */
export const openaiReasoning: RegExp = /(?:^|[/.:])(?:o\d|gpt-(?:[5-9]|1\d))(?!.*-chat)/;

// They refuse max_tokens, temperature, top_p and stop (recorded 400s).
const reasoning: ProfileOverride = {
  maxTokensField: "max_completion_tokens",
  sampling: "effort-none",
  stopLimit: 0,
  reasoning: "openai",
  efforts: ["low", "medium", "high"],
};

export const openai: Vendor = {
  name: "OpenAI",
  models: [
    { model: openaiReasoning, profile: reasoning },
    {
      model: /(?:^|[/.:])gpt-5(?!\.\d)(?!.*-chat)/,
      profile: { efforts: ["minimal", "low", "medium", "high"] },
    },
    {
      model: /(?:^|[/.:])gpt-5\.1(?!.*-chat)/,
      profile: { efforts: ["none", "low", "medium", "high"] },
    },
    {
      model: /(?:^|[/.:])gpt-(?:5\.(?:[2-9]|\d\d)|[6-9]|1\d)(?!.*-chat)/,
      profile: { efforts: ["none", "low", "medium", "high", "xhigh"] },
    },
    // Up to 5.4 they do not think unless they are told to, and take sampling then (BerriAI/litellm-docs#1064, BerriAI/litellm#32060: from 5.5 on `medium`).
    { model: /(?:^|[/.:])gpt-5\.[1-4](?!\d)(?!.*-chat)/, profile: { sampling: "without-effort" } },
    // developers.openai.com, "Deployment checklist" and the models' pages: `max` from gpt-5.6 on.
    {
      model: /(?:^|[/.:])gpt-(?:5\.(?:[6-9]|\d\d)|[6-9]|1\d)(?!.*-chat)/,
      profile: { efforts: ["none", "low", "medium", "high", "xhigh", "max"] },
    },
    // The same pages: "GPT-6 Astra and GPT-6.1 Sol" know no effort of none, and sampling needs that effort.
    {
      model: /(?:^|[/.:])gpt-(?:6-astra|6\.[1-9]|[7-9]|1\d)(?!.*-chat)/,
      profile: { efforts: ["low", "medium", "high", "xhigh", "max"], sampling: false },
    },
    // Codex models always think: an effort of none is a 400.
    { model: /(?:^|[/.:])(?:gpt-5[\d.]*-)?codex/, profile: reasoning },
    {
      model: /(?:^|[/.:])gpt-5\.(?:1-codex-max|(?:[2-9]|\d\d)-codex)/,
      profile: { efforts: ["low", "medium", "high", "xhigh"] },
    },
    { model: /(?:^|[/.:])gpt-5(?:\.\d+)?-pro/, profile: { efforts: ["high"], sampling: false } },
    // "Function tools with reasoning_effort are not supported for gpt-5.4-mini in /v1/chat/completions" (recorded 400).
    {
      model: /(?:^|[/.:])gpt-(?:5\.(?:[4-9]|\d\d)|[6-9]|1\d)/,
      profile: { effortWithTools: false },
    },
    {
      model: /(?:^|[/.:])gpt-oss/,
      // Behind Amazon Bedrock its answers begin with `<reasoning>…</reasoning>` (promptfoo/promptfoo#9587, CherryHQ/cherry-studio#10225).
      profile: { reasoning: "openai", efforts: ["low", "medium", "high"], thinkTags: "reasoning" },
    },
  ],
  hosts: [
    {
      host,
      profile: {
        toolSchema: "json-schema",
        strictTools: true,
        midSystem: "system",
        files: true,
        promptCacheKey: true,
        toolIdLimit: 40,
        webSearch: true,
        webSearchSources: true,
        inputTokens: true,
      },
    },
    { host, model: openaiReasoning, profile: { systemRole: "developer" } },
    { host, model: /^o1-mini/, profile: { systemRole: "system", midSystem: "user" } },
    { host, model: /^gpt-(?:5\.(?:[6-9]|\d\d)|[6-9]|1\d)/, profile: { cacheControl: "openai-breakpoint" } },
    // "For models like gpt-5.3-codex and beyond … preserve and resend phase on all assistant messages" (openai types).
    {
      host,
      model: /^gpt-(?:5\.3-codex|5\.(?:[4-9]|\d\d)|[6-9]|1\d)(?!.*-chat)/,
      profile: { messagePhases: true },
    },
    // Chat Completions refuses tools together with an effort there (recorded 400), and these models altogether (openai/codex#1346, aichat#1318).
    { host, model: /^gpt-(?:5\.(?:[4-9]|\d\d)|[6-9]|1\d)(?!.*-chat)/, profile: { responsesFor: "tools" } },
    { host, model: /codex|^(?:o\d|gpt-[5-9].*)-pro|deep-research/, profile: { responsesFor: "all" } },
    {
      host,
      model: /^(?:gpt-3\.5|gpt-4(?:-|$)(?!turbo))/,
      profile: { images: false, files: false, jsonSchema: false },
    },
  ],
};

/** Token families, from recorded usage. */
export const openaiTokens: readonly TokenFamily[] = [
  { name: "gpt-oss", model: /gpt-?oss/, base: 60, tools: 30, toolFactor: 0.6, perCall: 35 },
  {
    name: "gpt",
    model: /gpt|chatgpt|codex|(?:^|\/)o\d/,
    perMessage: 3,
    tools: 22,
    perTool: 1,
    toolFactor: 0.42,
    perCall: 10,
  },
];

export const openaiGuide: VendorGuide = {
  vendor: openai,
  evidence: {
    date: "2026-11-28",
    hosts: "recordings; types of `openai` 7.57; openai/codex#1346; microsoft/autogen#6377",
    models: [
      ["gpt-oss", "recordings; openai.com, gpt-oss model card"],
      ["codex", "developers.openai.com, model pages"],
      ["gpt-", "recordings (400 for `max_tokens`, `top_p`, effort with tools); developers.openai.com, model pages"],
    ],
  },
  families: [
    {
      family: "OpenAI `o*`, `gpt-5` and later, not `-chat`",
      requests:
        "`max_completion_tokens`; no `stop`; `temperature` and `top_p` only with effort `none`, or without one (5.1 to 5.4); efforts `minimal`…`high` (gpt-5), `none`…`high` (5.1), `none`…`xhigh` (5.2 to 5.5), `none`…`max` (5.6 and later), `low`…`max` (gpt-6-astra, 6.1 and later), `high` (`-pro`)",
      evidence: "r (400 for `max_tokens`, `top_p`), d",
    },
    {
      family: "codex",
      requests: "efforts `low`…`high`, with `xhigh` from 5.1-codex-max on; never `none`",
      evidence: "d",
    },
    {
      family: "`gpt-5.4` and later",
      requests: "in Chat Completions no `reasoning_effort` together with function tools",
      evidence: "r (gpt-5.4-mini); later models by caution",
    },
    { family: "`gpt-oss`", requests: "efforts `low`, `medium`, `high`", evidence: "r, d" },
  ],
  apis: [
    {
      vendor: "OpenAI",
      hosts: "`api.openai.com`",
      requests:
        "role `developer` for reasoning models; PDF as `file`; `prompt_cache_key` from the session; `prompt_cache_breakpoint` from gpt-5.6 on; tool ids up to 40 characters; Responses for tools with gpt-5.4 and later, for codex, pro and deep-research models, and for `web_search`",
      answers: "usage in a last chunk without choices; `obfuscation`",
      evidence: "r; t microsoft/autogen#6377 (ids)",
    },
  ],
  presets: [
    {
      id: "openai",
      title: { en: "OpenAI (Responses)", zh: "OpenAI（Responses）" },
      type: "openai",
      baseUrl: "https://api.openai.com/v1",
      auth: "api_key",
      keys: ["OPENAI_API_KEY"],
      bigModel: "gpt-6.1-sol",
      smallModel: "gpt-6.1-terra",
      more: ["dialect: responses"],
      models: "https://platform.openai.com/docs/models",
    },
  ],
};
