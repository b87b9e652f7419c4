import type { ChatFinishReason } from "../../protocol/chat-answer.ts";

const reasons: Readonly<Record<string, ChatFinishReason>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  pause_turn: "stop",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  refusal: "content_filter",
};

/** Returns the finish reason of a stop reason. A call in the answer outweighs a plain end, and its absence `tool_use`. */
export function toFinishReason(
  stopReason: string,
  calls: { readonly count: number; readonly isLegacy: boolean },
): ChatFinishReason {
  const reason = Object.hasOwn(reasons, stopReason) ? reasons[stopReason] : undefined;
  if (reason !== undefined && reason !== "stop") return reason;
  if (calls.count === 0) return "stop";
  return calls.isLegacy ? "function_call" : "tool_calls";
}
