import type { MessagesRequest } from "../protocol/anthropic.ts";
import { isObject } from "../json.ts";
import { signaturePrefix } from "../translate/code/signature.ts";

// Hosts that check every signature; vendors with a compatible API use short ones of their own.
const strictHosts = /(?:^|\.)(?:anthropic\.com|amazonaws\.com|googleapis\.com)$/;
const shortestRealSignature = 40;

/** Whether the API at `baseUrl` refuses signatures that it did not make itself. */
export function checksSignatures(baseUrl: string): boolean {
  return strictHosts.test(new URL(baseUrl).hostname);
}

/**
 * Which thinking blocks an anthropic provider must not be sent: those that our translation made, and, where the host checks every signature,
 * those that no Anthropic API can have made: empty, short, or of another vendor's encryption (`gAAAA`).
 */
export function isForeignThinking(block: Readonly<Record<string, unknown>>, isStrict: boolean): boolean {
  if (!isThinking(block)) return false;
  const signature = signatureOf(block);
  if (signature.startsWith(signaturePrefix)) return true;
  return isStrict && (signature.length < shortestRealSignature || signature.startsWith("gAAAA"));
}

/** What proves a thinking block: its `signature`, or the `data` of a redacted one; empty where there is none. */
export function signatureOf(block: Readonly<Record<string, unknown>>): string {
  const proof = block["type"] === "thinking" ? block["signature"] : block["data"];
  return typeof proof === "string" ? proof : "";
}

/** The thinking blocks of the whole history. */
export function thinkingBlocks(request: MessagesRequest): readonly Readonly<Record<string, unknown>>[] {
  return assistantBlocks(request).filter(isThinking);
}

export function isThinking(block: Readonly<Record<string, unknown>>): boolean {
  return block["type"] === "thinking" || block["type"] === "redacted_thinking";
}

const prefixBytes = new TextEncoder().encode(signaturePrefix);
// The rarest byte of the prefix in prompts: looking for it first is what makes the search cheap.
const rareAt = signaturePrefix.indexOf("1");

/** Whether a signature made by our own translation may stand somewhere in the body; a false alarm costs a parse and nothing else. */
export function mayHoldOwnSignature(body: Uint8Array): boolean {
  const rare = prefixBytes[rareAt] as number;
  for (let at = body.indexOf(rare, rareAt); at >= 0; at = body.indexOf(rare, at + 1)) {
    if (prefixBytes.every((byte, index) => body[at - rareAt + index] === byte)) return true;
  }
  return false;
}

/** Whether the request carries any thinking block. */
export function hasThinkingBlocks(request: MessagesRequest): boolean {
  return assistantBlocks(request).some(isThinking);
}

/**
 * The request without the thinking blocks that `isDropped` names; a turn that is left without content goes too, tool turns stay. Where thinking is
 * `enabled` and the running tool turn has lost its thinking block, thinking is turned off, for the API demands one there; the thinking-clearing
 * edit, which needs thinking, goes with it. The input is not changed; it comes back itself where nothing is dropped.
 */
export function withoutThinking(
  request: MessagesRequest,
  isDropped: (block: Readonly<Record<string, unknown>>) => boolean,
): MessagesRequest {
  let hasChanged = false;
  const messages = request.messages.flatMap((message) => {
    const content: unknown = isObject(message) ? message["content"] : undefined;
    if (!Array.isArray(content)) return [message];
    const kept = content.filter((block: unknown) => !(isObject(block) && isDropped(block)));
    if (kept.length === content.length) return [message];
    hasChanged = true;
    return kept.length === 0 ? [] : [{ ...message, content: kept }];
  });
  if (!hasChanged) return request;
  const stripped = { ...request, messages } as MessagesRequest; // the same messages with fewer blocks
  return needsThinkingOff(stripped) ? withThinkingOff(stripped) : stripped;
}

function needsThinkingOff(request: MessagesRequest): boolean {
  const thinking: unknown = request["thinking" as keyof MessagesRequest];
  if (!isObject(thinking) || thinking["type"] !== "enabled") return false;
  const lastTurn = request.messages.findLast((message) => isObject(message) && message["role"] === "assistant");
  const content: unknown = isObject(lastTurn) ? lastTurn["content"] : undefined;
  if (!Array.isArray(content)) return false;
  const types = content.map((block: unknown) => (isObject(block) ? block["type"] : undefined));
  return types.includes("tool_use") && !types.some((type) => type === "thinking" || type === "redacted_thinking");
}

function withThinkingOff(request: MessagesRequest): MessagesRequest {
  const management: unknown = request["context_management" as keyof MessagesRequest];
  const edits: unknown = isObject(management) ? management["edits"] : undefined;
  const kept = Array.isArray(edits)
    ? edits.filter((edit: unknown) => !(isObject(edit) && String(edit["type"]).startsWith("clear_thinking")))
    : undefined;
  return {
    ...request,
    thinking: { type: "disabled" },
    ...(kept && isObject(management) && { context_management: { ...management, edits: kept } }),
  } as MessagesRequest; // the same request with thinking turned off
}

function assistantBlocks(request: MessagesRequest): readonly Readonly<Record<string, unknown>>[] {
  return request.messages.flatMap((message) => {
    const content: unknown = isObject(message) ? message["content"] : undefined;
    return Array.isArray(content) ? content.filter(isObject) : [];
  });
}
