import type { ChatContentPart, ChatTextPart } from "../../protocol/chat.ts";
import { readAssistantTurn } from "./assistant-turn.ts";
import { isBlank, toContentPart } from "./content-parts.ts";
import { type ClosedTurn, HistoryWriter, type SpokenMessage } from "./history-writer.ts";
import { invalidRequest, requireContent, requireObject } from "./invalid-request.ts";
import { isObject, type JsonObject } from "../../base/json.ts";
import { isMarked } from "./message-content.ts";
import type { RequestScope } from "./request-scope.ts";
import { systemContent } from "./system-text.ts";
import { readToolResult, type ToolResult } from "./tool-result.ts";
import { printableName } from "./warning-list.ts";

/**
 * Returns the conversation without the top-level system prompt, its turns as `render` writes them. Throws `invalid_request` where nothing is left, or a
 * message cannot be read.
 */
export function readHistory<Entry>(
  messages: readonly unknown[],
  scope: RequestScope,
  render: (closed: ClosedTurn) => readonly (Entry | SpokenMessage)[],
): (Entry | SpokenMessage)[] {
  const writer = new HistoryWriter<Entry>(scope, render);
  const start = lastCompaction(messages);
  const lastUser = messages.findLastIndex((entry) => isObject(entry) && entry["role"] === "user");
  for (const [index, entry] of messages.entries()) {
    const path = `messages.${index}`;
    const message = requireObject(entry, path);
    if (start && index < start.message) continue;
    if (index < lastUser && isCleared(message)) continue;
    addMessage(message, path, { scope, writer, compaction: start?.message === index ? start.block : undefined });
  }
  if (writer.isEmpty) throw invalidRequest("messages.0.content", "there is nothing to send, every message is empty");
  return writer.finish();
}

/** A system turn for one turn of the user's alone: it stays in the history, but Anthropic's API does not show it to the model any more. */
function isCleared(message: JsonObject): boolean {
  return message["role"] === "system" && message["clear_at"] === "next_user_message";
}

interface Place {
  readonly scope: RequestScope;
  readonly writer: Omit<HistoryWriter<unknown>, "finish">;
  /** Index of the compaction block that this message's content begins at. */
  readonly compaction: number | undefined;
}

function addMessage(message: JsonObject, path: string, place: Place): void {
  const { scope, writer, compaction } = place;
  const content = message["content"];
  if (compaction !== undefined && Array.isArray(content)) {
    const block: unknown = content[compaction];
    if (isObject(block)) writer.addUserText(`[summary of the conversation so far]\n${String(block["content"])}`, true);
  }
  switch (message["role"]) {
    case "user":
      addUser(content, `${path}.content`, place);
      return;
    case "assistant":
      writer.addAssistant(readAssistantTurn(content, `${path}.content`, scope, compaction));
      return;
    case "system":
      addSystem(content, `${path}.content`, place);
      return;
    default:
      throw invalidRequest(`${path}.role`, "user, assistant or system is required");
  }
}

function addUser(content: unknown, path: string, place: Place): void {
  const { scope, writer, compaction = 0 } = place;
  const blocks = requireContent(content, path);
  if (typeof blocks === "string") {
    writer.addUser([], isBlank(blocks) ? undefined : blocks);
    return;
  }
  const results: ToolResult[] = [];
  const parts: ChatContentPart[] = [];
  let omitted: unknown;
  for (const [index, entry] of blocks.entries()) {
    const block = requireObject(entry, `${path}.${index}`);
    if (index < compaction || block["type"] === "compaction") continue;
    if (block["type"] === "tool_result") {
      results.push(readToolResult(block, `${path}.${index}`, scope));
      continue;
    }
    const part = toContentPart(block, `${path}.${index}`, scope);
    if (part) parts.push(part);
    else if (block["type"] !== "text") omitted = block["type"];
  }
  // A turn that only held what cannot be told is told to have held it: without it the conversation would not be the same.
  if (parts.length === 0 && results.length === 0 && omitted !== undefined) {
    parts.push({ type: "text", text: `[${printableName(omitted)} omitted]` });
  }
  writer.addUser(results, toContent(parts, scope));
}

/** One text is a string, several stay parts, so that their borders and those of a prompt cache are kept. */
function toContent(parts: ChatContentPart[], scope: RequestScope): string | ChatContentPart[] | undefined {
  const [first] = parts;
  if (!first) return undefined;
  if (!scope.profile.contentParts) {
    return parts.map((part) => (part.type === "text" ? part.text : "")).join("\n\n");
  }
  return parts.length === 1 && first.type === "text" && !isMarked(first) ? first.text : parts;
}

function addSystem(content: unknown, path: string, place: Place): void {
  const { scope, writer } = place;
  const system = systemContent(content, path, scope);
  if (system === undefined) return;
  if (scope.profile.midSystem === "system") {
    writer.addSystem({ role: scope.profile.systemRole === "developer" ? "developer" : "system", content: system });
    return;
  }
  const text = typeof system === "string" ? system : joinTexts(system);
  writer.addUserText(`<system-reminder>\n${text}\n</system-reminder>`, false);
}

function joinTexts(parts: readonly ChatTextPart[]): string {
  return parts.map(({ text }) => text).join("\n\n");
}

/** Everything before the last compaction block is in its summary; Anthropic's API passes over it too. One without a summary is a failed one. */
function lastCompaction(
  messages: readonly unknown[],
): { readonly message: number; readonly block: number } | undefined {
  for (let message = messages.length - 1; message >= 0; message -= 1) {
    const entry = messages[message];
    const content: unknown = isObject(entry) ? entry["content"] : undefined;
    if (!Array.isArray(content)) continue;
    const block = content.findLastIndex(
      (one: unknown) => isObject(one) && one["type"] === "compaction" && typeof one["content"] === "string",
    );
    if (block !== -1) return { message, block };
  }
  return undefined;
}
