import type { TokenUsage } from "../../base/events.ts";
import { isObject, isTokenCount } from "../../base/json.ts";

const members = ["input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"] as const;

/** Returns the counts after a native event or message: `message_start` carries the first, `message_delta` the later and final ones. */
export function mergeNativeUsage(
  known: TokenUsage | undefined,
  data: Readonly<Record<string, unknown>>,
): TokenUsage | undefined {
  const usage = usageOf(data);
  if (!isObject(usage)) return known;
  const oneHour = partOf(usage["cache_creation"], "ephemeral_1h_input_tokens") ?? known?.cacheCreation1hTokens;
  const thinking = partOf(usage["output_tokens_details"], "thinking_tokens") ?? known?.thinkingTokens;
  return {
    inputTokens: count(usage["input_tokens"], known?.inputTokens),
    outputTokens: count(usage["output_tokens"], known?.outputTokens),
    cacheReadTokens: count(usage["cache_read_input_tokens"], known?.cacheReadTokens),
    cacheCreationTokens: count(usage["cache_creation_input_tokens"], known?.cacheCreationTokens),
    ...(oneHour !== undefined && { cacheCreation1hTokens: oneHour }),
    ...(thinking !== undefined && { thinkingTokens: thinking }),
  };
}

function partOf(details: unknown, name: string): number | undefined {
  const value = isObject(details) ? details[name] : undefined;
  return isTokenCount(value) ? value : undefined;
}

/** Returns a warning for each count of a native event or message that is not finite, whole and from 0 to 2^53; `mergeNativeUsage` leaves it out. */
export function oddNativeCounts(data: Readonly<Record<string, unknown>>): readonly string[] {
  const usage = usageOf(data);
  if (!isObject(usage)) return [];
  return members
    .filter((name) => usage[name] !== undefined && usage[name] !== null && !isTokenCount(usage[name]))
    .map((name) => `the count ${name} is not a whole number from 0 to 2^53 and was left out`);
}

function usageOf(data: Readonly<Record<string, unknown>>): unknown {
  return (isObject(data["message"]) ? data["message"] : data)["usage"];
}

function count(value: unknown, known: number | undefined): number {
  return isTokenCount(value) ? value : (known ?? 0);
}
