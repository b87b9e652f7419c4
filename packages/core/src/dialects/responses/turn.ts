import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { ChatContentPart } from "../../protocol/chat.ts";
import type { ResponsesAssistantMessage, ResponsesInputItem, ResponsesReasoning } from "../../protocol/responses.ts";
import type { AssistantTurn, TurnText, TurnThought } from "../../conversation/request/assistant-turn.ts";
import {
  type ClosedTurn,
  type HistoryCall,
  interruptedCall,
  type SpokenMessage,
} from "../../conversation/request/history-writer.ts";
import { isBlank } from "../../conversation/request/content-parts.ts";
import { assistantText } from "../../conversation/request/message-content.ts";
import type { RequestScope } from "../../conversation/request/request-scope.ts";
import { toInputPart } from "./parts.ts";
import { resultText, type ToolResult } from "../../conversation/request/tool-result.ts";

type Phase = NonNullable<ResponsesAssistantMessage["phase"]>;

/** The result of a call whose parts are written when the cache marks are settled. */
export interface PendingOutput {
  readonly type: "pending_output";
  readonly id: string;
  readonly parts: readonly ChatContentPart[];
}

/** Returns a turn as items of Responses: its messages, calls and replayed reasoning in order, then the output of each call, then what follows. */
export function toResponsesTurn(
  { turn, calls, held }: ClosedTurn,
  scope: RequestScope,
): readonly (ResponsesInputItem | PendingOutput | SpokenMessage)[] {
  return [...turnItems(turn, calls, scope), ...calls.map((call) => toOutput(call, scope)), ...held];
}

/** Returns the output of a call as an item. */
export function toOutputItem({ id, parts }: PendingOutput): ResponsesInputItem {
  return { type: "function_call_output", call_id: id, output: parts.map(toInputPart) };
}

/** Reads a turn once: reasoning waits for what it was made for. */
function turnItems(turn: AssistantTurn, calls: readonly HistoryCall[], scope: RequestScope): ResponsesInputItem[] {
  const items: ResponsesInputItem[] = [];
  const waiting: TurnThought[] = [];
  const lastSpoken = turn.findLastIndex((piece) => piece.type !== "thought");
  let callIndex = 0;
  for (let index = 0; index < turn.length; index += 1) {
    const piece = turn[index];
    if (piece === undefined) break;
    if (piece.type === "thought") {
      waiting.push(piece);
      continue;
    }
    if (piece.type === "call") {
      for (const item of takeReasoning(waiting)) items.push(item);
      const call = calls[callIndex];
      callIndex += 1;
      if (call) items.push(toFunctionCall(call, scope));
      continue;
    }
    // A digest stands for an item that is not replayed, so that its reasoning may not be either.
    if (piece.isDigest) dropReasoning(waiting, scope);
    const texts = textsFrom(turn, index);
    index += texts.length - 1;
    const phase = phaseOf(waiting) ?? likelyPhase(texts, index < lastSpoken, scope);
    for (const item of takeReasoning(waiting)) items.push(item);
    items.push(toMessage(texts, phase));
  }
  dropReasoning(waiting, scope);
  return items;
}

/** The texts from `start` on, up to the next piece of another kind. */
function textsFrom(turn: AssistantTurn, start: number): readonly TurnText[] {
  const texts: TurnText[] = [];
  for (let index = start; index < turn.length; index += 1) {
    const piece = turn[index];
    if (piece?.type !== "text") break;
    texts.push(piece);
  }
  return texts;
}

function toMessage(texts: readonly TurnText[], phase: Phase | undefined): ResponsesAssistantMessage {
  // No part of an assistant's text is marked where OpenAI's marks are used, so that it is one string.
  const text = assistantText(texts);
  return {
    type: "message",
    role: "assistant",
    content: typeof text === "string" ? text : "",
    ...(phase !== undefined && { phase }),
  };
}

function toFunctionCall({ draft, id }: HistoryCall, { names }: RequestScope): ResponsesInputItem {
  return { type: "function_call", call_id: id, name: names.toUpstream(draft.name), arguments: draft.input };
}

function takeReasoning(waiting: TurnThought[]): readonly ResponsesReasoning[] {
  return waiting.splice(0).flatMap(toReasoningItem);
}

/** Reasoning whose item does not follow is a 400: "provided without its required following item" (recorded). */
function dropReasoning(waiting: TurnThought[], { warnings }: RequestScope): void {
  if (waiting.splice(0).length > 0) warnings.add("thinking_dropped", "thinking of earlier turns dropped");
}

function toReasoningItem({ origin, text }: TurnThought): readonly ResponsesReasoning[] {
  if (origin.kind === "rs" && origin.encryptedContent !== "") {
    const { id, encryptedContent } = origin;
    return [{ type: "reasoning", ...(id !== "" && { id }), summary: [], encrypted_content: encryptedContent }];
  }
  // Without its encrypted content OpenAI would look for the item in its store, where it is not; others take the text.
  return text === ""
    ? []
    : [{ type: "reasoning", id: idFor(text), summary: [], content: [{ type: "reasoning_text", text }] }];
}

/** Its own is not known any more; vLLM and others that hold to OpenAI's types take no item without one. */
function idFor(text: string): string {
  return `rs_${bytesToHex(sha256(new TextEncoder().encode(text))).slice(0, 32)}`;
}

function phaseOf(waiting: readonly TurnThought[]): Phase | undefined {
  const origin = waiting.at(-1)?.origin;
  const phase = origin?.kind === "rs" ? origin.phase : undefined;
  return phase === "commentary" || phase === "final_answer" ? phase : undefined;
}

/** Only reasoning carries what a message was labelled, and not every message has some, or was made there: what goes before more is commentary. */
function likelyPhase(texts: readonly TurnText[], isFollowed: boolean, { profile }: RequestScope): Phase | undefined {
  if (!profile.messagePhases || texts.every((text) => text.isDigest)) return undefined;
  return isFollowed ? "commentary" : "final_answer";
}

function toOutput({ id, result }: HistoryCall, scope: RequestScope): ResponsesInputItem | PendingOutput {
  if (!result) return { type: "function_call_output", call_id: id, output: interruptedCall };
  if (result.parts.some((part) => part.type !== "text") || scope.marks.has(result.block))
    return markedOutput(id, result, scope);
  const text = resultText(result);
  return { type: "function_call_output", call_id: id, output: text === "" ? scope.profile.emptyToolResult : text };
}

function markedOutput(id: string, { parts, block, path }: ToolResult, scope: RequestScope): PendingOutput {
  // A part of blank text is refused, where a blank string is not.
  const told = parts.filter((part) => part.type !== "text" || !isBlank(part.text));
  const written: readonly ChatContentPart[] = told.length > 0 ? told : [{ type: "text", text: "(no output)" }];
  const last = written.at(-1);
  if (last) scope.marks.carry(block, last, path);
  return { type: "pending_output", id, parts: written };
}
