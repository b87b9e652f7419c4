import type { ChatAnswerCall, ChatAnswerMessage, ChatCallDelta, ChatDelta } from "../../protocol/chat-answer.ts";

/** Returns an answer's message before anything has been added to it. */
export function toAnswerMessage(): ChatAnswerMessage {
  return { role: "assistant", content: null, refusal: null };
}

/** Adds what a chunk says to the message. */
export function addDelta(message: ChatAnswerMessage, delta: ChatDelta): void {
  const {
    content,
    reasoning_content: reasoning,
    reasoning_details: details,
    annotations,
    function_call: legacy,
  } = delta;
  if (content !== undefined && content !== null) message.content = (message.content ?? "") + content;
  if (reasoning !== undefined) message.reasoning_content = (message.reasoning_content ?? "") + reasoning;
  for (const detail of details ?? []) (message.reasoning_details ??= [])[detail.index] = detail; // an entry can come twice
  if (annotations) message.annotations = [...(message.annotations ?? []), ...annotations];
  if (legacy) {
    message.function_call ??= { name: legacy.name ?? "", arguments: "" };
    message.function_call.arguments += legacy.arguments;
  }
  for (const call of delta.tool_calls ?? []) addCall((message.tool_calls ??= []), call);
}

function addCall(calls: ChatAnswerCall[], piece: ChatCallDelta): void {
  const { index, id = "", custom } = piece;
  const call = (calls[index] ??= custom
    ? { id, type: "custom", custom: { name: custom.name ?? "", input: "" } }
    : { id, type: "function", function: { name: piece.function?.name ?? "", arguments: "" } });
  if (call.type === "custom") call.custom.input += custom?.input ?? "";
  else call.function.arguments += piece.function?.arguments ?? "";
}
