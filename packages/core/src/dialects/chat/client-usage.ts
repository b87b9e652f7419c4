import type { ChatUsage } from "../../protocol/chat-answer.ts";
import { isObject, isTokenCount, type JsonObject } from "../../base/json.ts";

/** Returns the counts of a Messages stream after a later event: its totals stand over earlier ones, null and absence leave these as they are. */
export function mergeUsage(before: JsonObject, usage: unknown): JsonObject {
  if (!isObject(usage)) return before;
  const said = Object.entries(usage).filter(([, value]) => value !== null && value !== undefined);
  return { ...before, ...Object.fromEntries(said) };
}

/** Returns the counts as Chat Completions has them: cached tokens are part of the prompt, thinking is part of the completion. */
export function toChatUsage(usage: JsonObject): ChatUsage {
  const cached = countOf(usage["cache_read_input_tokens"]);
  const written = countOf(usage["cache_creation_input_tokens"]);
  const prompt = countOf(usage["input_tokens"]) + cached + written;
  const completion = countOf(usage["output_tokens"]);
  const details = usage["output_tokens_details"];
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached, cache_write_tokens: written },
    completion_tokens_details: { reasoning_tokens: isObject(details) ? countOf(details["thinking_tokens"]) : 0 },
  };
}

function countOf(value: unknown): number {
  return isTokenCount(value) ? value : 0;
}
