import type { StopReason } from "../../protocol/anthropic.ts";

/** Meaning of a vendor's `finish_reason`, before it is known whether a tool was called. */
export type FinishKind = "stop" | "tool" | "length" | "context-window" | "refusal" | "stop-sequence" | "error";

// Lower case. Any other word is an ordinary stop, because vendors invent words for it.
const kinds: ReadonlyMap<string, FinishKind> = new Map([
  ["tool_calls", "tool"],
  ["tool_call", "tool"],
  ["tool_use", "tool"],
  ["function_call", "tool"],
  ["length", "length"],
  ["max_tokens", "length"],
  ["max_length", "length"],
  ["max_output_tokens", "length"],
  ["max_completion_tokens", "length"],
  ["model_length", "context-window"], // Mistral
  ["model_context_window_exceeded", "context-window"], // Z.AI, gateways to Claude
  ["content_filter", "refusal"],
  ["content_filtered", "refusal"],
  ["safety", "refusal"], // Gemini's own words come through some gateways
  ["recitation", "refusal"],
  ["blocklist", "refusal"],
  ["prohibited_content", "refusal"],
  ["spii", "refusal"],
  ["sensitive", "refusal"], // Z.AI
  ["refusal", "refusal"],
  ["guardrail_intervened", "refusal"], // Bedrock
  ["image_safety", "refusal"], // Gemini
  ["model_armor", "refusal"], // Vertex
  ["error_toxic", "refusal"], // Cohere
  ["error_limit", "context-window"], // Cohere
  ["stop_sequence", "stop-sequence"],
  ["error", "error"], // OpenRouter, Mistral
  ["network_error", "error"], // Z.AI
  ["insufficient_system_resource", "error"], // DeepSeek: the answer was interrupted
  ["malformed_function_call", "error"], // Gemini
  ["unexpected_tool_call", "error"],
  ["malformed_response", "error"],
  ["malformed_tool_use", "error"], // Bedrock
  ["malformed_model_output", "error"],
  ["timeout", "error"], // Cohere: the provider gave up in the middle of the answer
  ["function_call_filter", "error"], // Gemini's compatible API: "function_call_filter: MALFORMED_FUNCTION_CALL", with no content at all
  ["abort", "error"], // vLLM
]);

/** Reads a `finish_reason`; undefined while there is none. `""` is none either: Snowflake and some gateways put it where others put null. */
export function readFinishReason(reason: unknown): FinishKind | undefined {
  if (typeof reason !== "string" || reason === "") return undefined;
  const words = reason.toLowerCase();
  // Gemini's compatible API puts its own word behind OpenAI's: "content_filter: PROHIBITED_CONTENT".
  return kinds.get(words) ?? kinds.get(words.slice(0, Math.max(0, words.indexOf(":")))) ?? "stop";
}

/**
 * Decides whether an answer ended because the model wrote an invalid tool call. The next model may do better; the
 * provider is healthy.
 */
export function isToolFailure(reason: string): boolean {
  return /function_call|tool_call|tool_use/i.test(reason);
}

/** Returns the stop sequence of the request that ended an answer, as vLLM (`stop_reason`) and SGLang (`matched_stop`) report it beside the finish reason. */
export function readMatchedStop(
  choice: Readonly<Record<string, unknown>>,
  stopSequences: readonly string[],
): string | undefined {
  for (const key of ["stop_reason", "matched_stop"]) {
    const matched = choice[key];
    if (typeof matched === "string" && stopSequences.includes(matched)) return matched;
  }
  return undefined;
}

/**
 * Returns the Messages API's reason. With a tool call in the answer it is `tool_use` even if the vendor says "stop"; without one it is `end_turn` even if
 * the vendor says "tool_calls".
 */
export function toStopReason(finish: Exclude<FinishKind, "error"> | undefined, hasToolUse: boolean): StopReason {
  switch (finish) {
    case "length":
      return "max_tokens";
    case "context-window":
      return "model_context_window_exceeded";
    case "refusal":
      return "refusal";
    case "stop-sequence":
      return "stop_sequence";
    case "stop":
    case "tool":
    case undefined:
      return hasToolUse ? "tool_use" : "end_turn";
  }
}
