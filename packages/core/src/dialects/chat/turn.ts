import type { ChatAssistantMessage, ChatContentPart, ChatMessage, ChatToolCall } from "../../protocol/chat.ts";
import { isObject } from "../../base/json.ts";
import { isOwnTag } from "../../conversation/ids/provenance.ts";
import { readToolId } from "../../conversation/ids/tool-ids.ts";
import type { AssistantTurn } from "../../conversation/request/assistant-turn.ts";
import { type ClosedTurn, type HistoryCall, interruptedCall } from "../../conversation/request/history-writer.ts";
import { assistantText, joinContent } from "../../conversation/request/message-content.ts";
import { type OpaqueMember, placeholderSignature, type ReasoningOrigin } from "../../conversation/ids/signature.ts";
import type { RequestScope } from "../../conversation/request/request-scope.ts";
import { toToolMessage } from "../../conversation/request/tool-result.ts";

/** Returns a turn as chat messages: the assistant's, one of a tool for each call, and what follows them. */
export function toChatTurn({ turn, calls, held }: ClosedTurn, scope: RequestScope): readonly ChatMessage[] {
  const messages: ChatMessage[] = [toAssistantMessage(turn, calls, scope)];
  const attachments: ChatContentPart[] = [];
  for (const { id, result } of calls) {
    if (result) {
      const translated = toToolMessage(result, id, scope);
      messages.push(translated.message);
      for (const attachment of translated.attachments) attachments.push(attachment);
    } else messages.push({ role: "tool", tool_call_id: id, content: interruptedCall });
  }
  if (attachments.length === 0) return [...messages, ...held];
  const [first, ...rest] = held;
  if (first?.role !== "user") return [...messages, { role: "user", content: attachments }, ...held];
  return [...messages, { role: "user", content: joinContent(attachments, first.content) }, ...rest];
}

function toAssistantMessage(
  turn: AssistantTurn,
  calls: readonly HistoryCall[],
  scope: RequestScope,
): ChatAssistantMessage {
  const content = assistantText(turn.filter((piece) => piece.type === "text")) ?? null;
  const message: ChatAssistantMessage = { role: "assistant", content, ...reasoningFields(turn, scope) };
  if (calls.length === 0) return message;
  message.tool_calls = calls.map((call, index) => toToolCall(call, index === 0, scope));
  if (scope.profile.thoughtSignatures === "openrouter") {
    message.reasoning_details = withPlaceholders(message.reasoning_details, calls);
  }
  return message;
}

/**
 * Gives calls that Gemini did not make Google's placeholder, in the place where OpenRouter looks for signatures: it refuses them without one ("Gemini
 * models require OpenRouter reasoning details to be preserved").
 */
function withPlaceholders(details: readonly unknown[] = [], calls: readonly HistoryCall[]): unknown[] {
  if (details.some((detail) => isObject(detail) && detail["type"] === "reasoning.encrypted")) return [...details];
  const placeholders = calls.map(({ id }, index) => ({
    type: "reasoning.encrypted",
    id,
    data: placeholderSignature,
    format: "google-gemini-v1",
    index: details.length + index,
  }));
  return [...details, ...placeholders];
}

type ReasoningFields = Pick<
  ChatAssistantMessage,
  "reasoning" | "reasoning_content" | "reasoning_details" | "reasoning_text" | OpaqueMember
>;

function reasoningFields(turn: AssistantTurn, { profile }: RequestScope): ReasoningFields {
  const thoughts = turn.filter((piece) => piece.type === "thought");
  const opaque = thoughts.findLast(({ origin }) => origin.kind === "ro");
  if (opaque?.origin.kind === "ro") return opaqueFields(opaque.origin, opaque.text);
  const text = thoughts.flatMap((thought) => (thought.text === "" ? [] : [thought.text])).join("\n\n");
  const details = thoughts.flatMap(({ origin }) => (origin.kind === "rd" ? origin.details : []));
  switch (profile.reasoningHistory) {
    case "drop":
      return {};
    case "reasoning_content":
      return { reasoning_content: text };
    case "reasoning_details":
      if (details.length > 0) return { reasoning_details: details };
      return text === "" ? {} : { reasoning: text };
    case "reasoning":
      return text === "" ? {} : { reasoning: text };
  }
}

/** Both come back under the names under which they came (GitHub Copilot, Venice): one without the other is refused, or not understood. */
function opaqueFields(origin: Extract<ReasoningOrigin, { kind: "ro" }>, text: string): ReasoningFields {
  const textMember = origin.member === "reasoning_opaque" ? "reasoning_text" : "reasoning_content";
  return { ...(text !== "" && { [textMember]: text }), [origin.member]: origin.value };
}

function toToolCall({ draft, id }: HistoryCall, isFirst: boolean, scope: RequestScope): ChatToolCall {
  const { names, profile, provenance } = scope;
  const call: ChatToolCall = {
    id,
    type: "function",
    function: { name: names.toUpstream(draft.name), arguments: draft.input },
  };
  const { thoughtSignatures } = profile;
  if (thoughtSignatures === "drop" || thoughtSignatures === "openrouter") return call;
  const { signature: given, maker } = readToolId(draft.clientId);
  const own = isOwnTag(maker, provenance) ? given : undefined;
  // Of parallel calls only the first carries one.
  const signature = own ?? (isFirst ? placeholderSignature : undefined);
  return signature === undefined
    ? call
    : { ...call, extra_content: { [thoughtSignatures]: { thought_signature: signature } } };
}
