import type { TokenUsage } from "../events.ts";
import { isObject } from "../json.ts";

/** The counts after a native event or message: `message_start` carries the first, `message_delta` the later and final ones. */
export function mergeNativeUsage(
  known: TokenUsage | undefined,
  data: Readonly<Record<string, unknown>>,
): TokenUsage | undefined {
  const holder = isObject(data["message"]) ? data["message"] : data;
  const usage = holder["usage"];
  if (!isObject(usage)) return known;
  return {
    inputTokens: count(usage["input_tokens"], known?.inputTokens),
    outputTokens: count(usage["output_tokens"], known?.outputTokens),
    cacheReadTokens: count(usage["cache_read_input_tokens"], known?.cacheReadTokens),
    cacheCreationTokens: count(usage["cache_creation_input_tokens"], known?.cacheCreationTokens),
  };
}

function count(value: unknown, known: number | undefined): number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : (known ?? 0);
}
