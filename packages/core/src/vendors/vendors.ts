import { alibaba, alibabaGuide, alibabaTokens } from "./alibaba.ts";
import { anthropic, anthropicGuide, anthropicTokens } from "./anthropic.ts";
import { avian, avianGuide } from "./avian.ts";
import { azure, azureGuide } from "./azure.ts";
import { baseten, basetenGuide } from "./baseten.ts";
import { bedrock, bedrockGuide } from "./bedrock.ts";
import { cerebras, cerebrasGuide } from "./cerebras.ts";
import { crusoe, crusoeGuide } from "./crusoe.ts";
import { deepseek, deepseekGuide, deepseekTokens } from "./deepseek.ts";
import { fireworks, fireworksGuide } from "./fireworks.ts";
import { gemini, geminiGuide, geminiTokens } from "./gemini.ts";
import { githubCopilot, githubCopilotGuide } from "./github-copilot.ts";
import { groq, groqGuide } from "./groq.ts";
import type { VendorGuide } from "./guide.ts";
import { heroku, herokuGuide } from "./heroku.ts";
import { huggingFace, huggingFaceGuide } from "./hugging-face.ts";
import { llamaCppGuide } from "./llama-cpp.ts";
import { lmStudio, lmStudioGuide } from "./lm-studio.ts";
import { metaTokens } from "./meta.ts";
import { minimax, minimaxGuide, minimaxTokens } from "./minimax.ts";
import { mistral, mistralGuide, mistralTokens } from "./mistral.ts";
import { moonshot, moonshotGuide, moonshotTokens } from "./moonshot.ts";
import { ollama, ollamaGuide } from "./ollama.ts";
import { openai, openaiGuide, openaiTokens } from "./openai.ts";
import { openrouter, openrouterGuide } from "./openrouter.ts";
import { perplexity, perplexityGuide } from "./perplexity.ts";
import { relayGuide } from "./relay.ts";
import { snowflake, snowflakeGuide } from "./snowflake.ts";
import { together, togetherGuide } from "./together.ts";
import type { TokenFamily } from "./token-family.ts";
import type { Vendor } from "./vendor.ts";
import { vercelGateway, vercelGatewayGuide } from "./vercel-gateway.ts";
import { vertex, vertexGuide } from "./vertex.ts";
import { vllmGuide } from "./vllm.ts";
import { volcengine, volcengineGuide } from "./volcengine.ts";
import { xai, xaiGuide, xaiTokens } from "./xai.ts";
import { zai, zaiGuide, zaiTokens } from "./zai.ts";

/**
 * The built-in vendors. Their hosts are disjoint and their families of models name their makers, so that the order matters only within a vendor.
 */
export const vendors: readonly Vendor[] = [
  anthropic,
  openrouter,
  openai,
  deepseek,
  moonshot,
  zai,
  alibaba,
  minimax,
  mistral,
  xai,
  groq,
  cerebras,
  gemini,
  azure,
  bedrock,
  vertex,
  ollama,
  lmStudio,
  avian,
  baseten,
  crusoe,
  fireworks,
  githubCopilot,
  heroku,
  huggingFace,
  perplexity,
  snowflake,
  together,
  vercelGateway,
  volcengine,
];

/** Lists the token families. The first one that covers a name counts: `deepseek-r1-distill-llama-70b` is DeepSeek's. */
export const tokenFamilies: readonly (readonly TokenFamily[])[] = [
  anthropicTokens,
  openaiTokens,
  geminiTokens,
  deepseekTokens,
  moonshotTokens,
  zaiTokens,
  alibabaTokens,
  mistralTokens,
  xaiTokens,
  metaTokens,
  minimaxTokens,
];

/** Lists the guides of all vendors, in the order of `docs/vendors.md` and of the presets in `ccpb init`. */
export const guides: readonly VendorGuide[] = [
  anthropicGuide,
  openrouterGuide,
  openaiGuide,
  deepseekGuide,
  moonshotGuide,
  zaiGuide,
  alibabaGuide,
  minimaxGuide,
  mistralGuide,
  xaiGuide,
  groqGuide,
  cerebrasGuide,
  geminiGuide,
  azureGuide,
  bedrockGuide,
  vertexGuide,
  ollamaGuide,
  lmStudioGuide,
  vllmGuide,
  llamaCppGuide,
  avianGuide,
  basetenGuide,
  crusoeGuide,
  fireworksGuide,
  githubCopilotGuide,
  herokuGuide,
  huggingFaceGuide,
  perplexityGuide,
  snowflakeGuide,
  togetherGuide,
  vercelGatewayGuide,
  volcengineGuide,
  relayGuide,
];
