import type { ProfileOverride } from "../base/profile-types.ts";

/** What holds for a family of models wherever it is served; `model` is tested against the lower-case name. */
export interface ModelRule {
  readonly model: RegExp;
  readonly profile: ProfileOverride;
}

// They refuse max_tokens, temperature, top_p and stop (recorded 400s).
const openaiReasoning: ProfileOverride = {
  maxTokensField: "max_completion_tokens",
  sampling: "without-effort",
  stopLimit: 0,
  reasoning: "openai",
  efforts: ["low", "medium", "high"],
};

/**
 * The families that need something of their own. Gateways prefix names (`openai/gpt-5`, `openai.gpt-oss-20b`), so a family begins at the start or
 * after a separator. Later rules stand over earlier ones, those of vendors over all of them.
 */
export const modelRules: readonly ModelRule[] = [
  // OpenAI's reasoning models.
  {
    model: /(?:^|[/.:])(?:o\d|gpt-(?:[5-9]|\d\d))(?!.*-chat)/,
    profile: openaiReasoning,
  },
  { model: /(?:^|[/.:])gpt-5(?!\.\d)(?!.*-chat)/, profile: { efforts: ["minimal", "low", "medium", "high"] } },
  { model: /(?:^|[/.:])gpt-5\.1(?!.*-chat)/, profile: { efforts: ["none", "low", "medium", "high"] } },
  {
    model: /(?:^|[/.:])gpt-(?:5\.(?:[2-9]|\d\d)|[6-9]|\d\d)(?!.*-chat)/,
    profile: { efforts: ["none", "low", "medium", "high", "xhigh"] },
  },
  // Codex models always think (developers.openai.com, model pages): an effort of none is a 400.
  {
    model: /(?:^|[/.:])(?:gpt-5[\d.]*-)?codex/,
    profile: openaiReasoning,
  },
  {
    model: /(?:^|[/.:])gpt-5\.(?:1-codex-max|(?:[2-9]|\d\d)-codex)/,
    profile: { efforts: ["low", "medium", "high", "xhigh"] },
  },
  { model: /(?:^|[/.:])gpt-5(?:\.\d+)?-pro/, profile: { efforts: ["high"] } },
  // "Function tools with reasoning_effort are not supported for gpt-5.4-mini in /v1/chat/completions" (recorded 400).
  { model: /(?:^|[/.:])gpt-(?:5\.(?:[4-9]|\d\d)|[6-9]|\d\d)/, profile: { effortWithTools: false } },
  { model: /(?:^|[/.:])gpt-oss/, profile: { reasoning: "openai", efforts: ["low", "medium", "high"] } },

  // Claude behind a gateway: Anthropic's own rule for ids holds.
  { model: /claude/, profile: { toolIdFormat: "plain" } },
  // DeepSeek V4, Kimi K2.5 and later, GLM: a tool turn without its reasoning is a 400 (continuedev/continue#11600, opencode#16318).
  {
    model: /deepseek-(?:v[4-9]|reasoner|flash|pro)|kimi-(?:k2\.[5-9]|k2-thinking|k[3-9])|glm-(?:4\.[5-9]|[5-9])/,
    profile: { reasoningHistory: "reasoning_content" },
  },
  { model: /deepseek-r1/, profile: { reasoningHistory: "drop" } },
  // Gemini's schema dialect is a subset; from version 3 on a tool call without its thought signature is a 400.
  { model: /gemini/, profile: { toolSchema: "gemini", toolIdFormat: "openai" } },
  { model: /gemini-(?![12](?:\D|$))/, profile: { thoughtSignatures: "google" } },
  // Ids are 9 letters and digits. A user turn after a tool's is accepted by now (recorded).
  {
    model: /mistral|ministral|mixtral|codestral|devstral|magistral|pixtral/,
    profile: { toolIdFormat: "mistral", alternate: true },
  },
  // They write their thinking into the text where a server has no parser for it (Groq's qwen3, Azure's DeepSeek-R1, llama.cpp); the templates of R1, QwQ,
  // Qwen3-Thinking and MiniMax-M2 write the opening tag themselves, so that only the closing one comes.
  {
    model: /deepseek-r1|qwq|minimax-m[1-9]|qwen-?3(?!.*(?:coder|instruct|embed|rerank|max|plus|flash))/,
    profile: { thinkTags: true },
  },
];
