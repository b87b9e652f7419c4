/** Where a row of `packages/core/src/vendors` comes from: recordings, public threads or the vendor's documentation, and when the row was written or last changed. */
export interface RowSource {
  readonly source: string;
  /** ISO date. */
  readonly date: string;
}

const date = "2026-11-28";

/** By the name of the vendor. */
export const vendorSources: Readonly<Record<string, RowSource>> = {
  OpenAI: { source: "recordings; types of `openai` 7.57; openai/codex#1346; microsoft/autogen#6377", date },
  Azure: { source: "recordings (30 streams)", date },
  OpenRouter: { source: "recordings; openrouter.ai/docs; musistudio/claude-code-router#1238", date },
  DeepSeek: { source: "recordings; api-docs.deepseek.com; anthropics/claude-code#65863", date },
  Mistral: { source: "recordings; docs.mistral.ai", date },
  xAI: { source: "recordings; NousResearch/hermes-agent#23435; mnfst/modelparams.dev#330", date },
  Groq: { source: "recordings; console.groq.com/docs; janhq/jan#8136", date },
  Cerebras: { source: "recordings; Kilo-Org/kilocode#10375", date },
  Gemini: { source: "recordings; ai.google.dev, OpenAI compatibility and thought signatures", date },
  "Vertex AI": { source: "earendil-works/pi#6733; docs.cloud.google.com", date },
  Moonshot: { source: "recordings; platform.moonshot.ai/docs", date },
  "Z.AI": { source: "recordings; docs.z.ai", date },
  MiniMax: { source: "platform.minimax.io/docs", date },
  Alibaba: { source: "recordings; help.aliyun.com, Model Studio", date },
  Perplexity: { source: "recordings", date },
  Ollama: { source: "recordings; github.com/ollama/ollama, docs/openai.md", date },
  "LM Studio": { source: "lmstudio.ai/docs", date },
  "Snowflake Cortex": { source: "recordings", date },
  "GitHub Copilot": { source: "recordings (Responses)", date },
  "Vercel AI Gateway": { source: "recordings", date },
  Crusoe: { source: "recordings", date },
  Baseten: { source: "recordings", date },
  Avian: { source: "recordings", date },
  "Hugging Face": { source: "recordings", date },
  Together: { source: "recordings; docs.together.ai", date },
  Fireworks: { source: "docs.fireworks.ai", date },
  Heroku: { source: "recordings", date },
  "Amazon Bedrock": { source: "recordings", date },
};

/** Of families of models: the first entry whose word stands in the row's pattern. */
export const familySources: readonly (readonly [string, RowSource])[] = [
  ["gpt-oss", { source: "recordings; openai.com, gpt-oss model card", date }],
  ["codex", { source: "developers.openai.com, model pages", date }],
  [
    "gpt-",
    {
      source: "recordings (400 for `max_tokens`, `top_p`, effort with tools); developers.openai.com, model pages",
      date,
    },
  ],
  ["claude", { source: "platform.claude.com/docs, Messages API", date }],
  ["kimi", { source: "continuedev/continue#11600; anomalyco/opencode#16318", date }],
  ["gemini", { source: "ai.google.dev, OpenAI compatibility; jeremychone/rust-genai#115", date }],
  ["mistral", { source: "recordings; zed-industries/zed#37021; NousResearch/hermes-agent#20154", date }],
  ["deepseek", { source: "api-docs.deepseek.com; chat templates of the models at huggingface.co", date }],
  ["qwen", { source: "chat templates of the models at huggingface.co", date }],
];
