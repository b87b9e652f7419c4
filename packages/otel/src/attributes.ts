import type { Attributes } from "@opentelemetry/api";
import type { AttemptTrace, CallTrace, ProviderType, TokenUsage } from "@ccpb/core";

// Names of the semantic conventions for generative AI, of general ones, and of ccpb's own where those have none.
// https://github.com/open-telemetry/semantic-conventions-genai

/** Holds the properties of a provider beside its name. */
export interface ProviderPlace {
  readonly type: ProviderType;
  readonly baseUrl: string;
}

/** Hosts whose APIs have a well-known value of `gen_ai.provider.name`; of any other the configured name of the provider stands there. */
const knownHosts: readonly (readonly [host: string, name: string])[] = [
  ["anthropic.com", "anthropic"],
  ["openai.com", "openai"],
  ["openai.azure.com", "azure.ai.openai"],
  ["azure.com", "azure.ai.inference"],
  ["googleapis.com", "gcp.gemini"],
  ["groq.com", "groq"],
  ["mistral.ai", "mistral_ai"],
  ["deepseek.com", "deepseek"],
  ["perplexity.ai", "perplexity"],
  ["x.ai", "x_ai"],
  ["cohere.com", "cohere"],
];

/** Returns the value of `gen_ai.provider.name`. */
export function providerName(name: string, place: ProviderPlace | undefined): string {
  if (place === undefined) return name;
  if (place.type === "bedrock") return "aws.bedrock";
  if (place.type === "vertex") return "gcp.vertex_ai";
  const { hostname } = new URL(place.baseUrl.replaceAll(/[{}]/g, ""));
  return knownHosts.find(([host]) => hostname === host || hostname.endsWith(`.${host}`))?.[1] ?? name;
}

/** Returns the attributes of a span of an attempt, as it starts. */
export function attemptAttributes(
  { provider, model, number, probe }: Pick<AttemptTrace, "provider" | "model" | "number" | "probe">,
  place: ProviderPlace | undefined,
): Attributes {
  return {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": providerName(provider, place),
    "gen_ai.request.model": model,
    "ccpb.provider": provider,
    "ccpb.attempt.number": number,
    ...(probe && { "ccpb.attempt.probe": true }),
    ...serverAttributes(place),
  };
}

function serverAttributes(place: ProviderPlace | undefined): Attributes {
  if (place === undefined) return {};
  const url = new URL(place.baseUrl.replaceAll(/[{}]/g, ""));
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  return { "server.address": url.hostname.replaceAll(/[[\]]/g, ""), "server.port": port };
}

/** Returns the attributes of an ended attempt. An error's text is left out, since it may quote the request. */
export function attemptEndAttributes({
  status,
  outcome,
  reason,
  phase,
  cooldownMs,
  firstContentMs,
}: AttemptTrace): Attributes {
  return {
    "ccpb.attempt.outcome": outcome,
    ...(status !== undefined && { "http.response.status_code": status }),
    ...(reason !== undefined && outcome !== "complete" && { "error.type": reason.class }),
    ...(phase !== undefined && { "ccpb.attempt.deadline": phase }),
    ...(cooldownMs > 0 && { "ccpb.attempt.cooldown_ms": cooldownMs }),
    ...(firstContentMs !== undefined && { "gen_ai.response.time_to_first_chunk": firstContentMs / 1_000 }),
  };
}

/** Returns the attributes of an ended call. */
export function callEndAttributes(trace: CallTrace): Attributes {
  return {
    "ccpb.call.state": trace.state,
    "ccpb.call.attempts": trace.attempts.length,
    "http.response.status_code": trace.status,
    ...(trace.waitedMs !== undefined && { "ccpb.call.waited_ms": trace.waitedMs }),
    ...(trace.limit !== undefined && { "ccpb.call.limit": trace.limit }),
    ...(trace.state !== "complete" && { "error.type": errorType(trace) }),
  };
}

/** Returns the attributes of an answer: tokens, and why it ended. */
export function answerAttributes({ usage, stopReason }: Pick<CallTrace, "usage" | "stopReason">): Attributes {
  return {
    ...(usage !== undefined && usageAttributes(usage)),
    ...(stopReason !== undefined && { "gen_ai.response.finish_reasons": [stopReason] }),
  };
}

/**
 * Converts token counts. By the conventions `input_tokens` includes tokens read from and written to a cache, which
 * the Messages API counts apart.
 */
function usageAttributes(usage: TokenUsage): Attributes {
  return {
    "gen_ai.usage.input_tokens": inputTokens(usage),
    "gen_ai.usage.output_tokens": usage.outputTokens,
    "gen_ai.usage.cache_read.input_tokens": usage.cacheReadTokens,
    "gen_ai.usage.cache_creation.input_tokens": usage.cacheCreationTokens,
    ...(usage.thinkingTokens !== undefined && { "gen_ai.usage.reasoning.output_tokens": usage.thinkingTokens }),
  };
}

/** Returns all tokens of the prompt, cached or not. */
export function inputTokens({ inputTokens, cacheReadTokens, cacheCreationTokens }: TokenUsage): number {
  return inputTokens + cacheReadTokens + cacheCreationTokens;
}

/** Returns the class of the last failure, or how the call ended. */
export function errorType({ attempts, state }: CallTrace): string {
  return state === "client_cancelled" ? state : (attempts.at(-1)?.reason?.class ?? state);
}
