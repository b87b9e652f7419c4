import type { ChatContentPart, ChatTextPart, ChatToolMessage } from "../../protocol/chat.ts";
import { isBlank, toContentPart } from "./content-parts.ts";
import { requireContent, requireObject, requireText } from "./invalid-request.ts";
import type { JsonObject } from "../../base/json.ts";
import type { RequestScope } from "./request-scope.ts";
import { printableName } from "./warning-list.ts";

/** A `tool_result` block as it is translated, before it is known which call it answers. */
export interface ToolResult {
  /** The client's id of the call. */
  readonly clientId: string;
  readonly path: string;
  /** The block that it was. */
  readonly block: JsonObject;
  readonly parts: readonly ChatContentPart[];
}

export function readToolResult(block: JsonObject, path: string, scope: RequestScope): ToolResult {
  const clientId = requireText(block["tool_use_id"], `${path}.tool_use_id`);
  const content = requireContent(block["content"], `${path}.content`);
  const parts = typeof content === "string" ? textParts(content) : readParts(content, `${path}.content`, scope);
  return { clientId, path, block, parts: block["is_error"] === true ? withErrorPrefix(parts) : parts };
}

/**
 * Returns the tool message of a result, and what of it has to follow in a user message: images and files, which most vendors do not take in a tool
 * message. `id` is the upstream's.
 */
export function toToolMessage(
  result: ToolResult,
  id: string,
  scope: RequestScope,
): { readonly message: ChatToolMessage; readonly attachments: readonly ChatContentPart[] } {
  const { parts, block, path } = result;
  const isInline = scope.profile.toolResultImages === "inline" && parts.some((part) => part.type !== "text");
  if (isInline) {
    // More than OpenAI's own types allow: this vendor takes images and files here.
    const last = parts.at(-1);
    if (last) scope.marks.carry(block, last, path);
    return { message: { role: "tool", tool_call_id: id, content: [...parts] as ChatTextPart[] }, attachments: [] };
  }
  const { text, attachments } = separate(parts, id);
  const content = text === "" ? scope.profile.emptyToolResult : text;
  const message: ChatToolMessage = { role: "tool", tool_call_id: id, content };
  if (scope.marks.has(block) && !isBlank(content)) {
    const part: ChatTextPart = { type: "text", text: content };
    scope.marks.carry(block, part, path);
    message.content = [part];
  }
  return { message, attachments };
}

/** Returns the text of a result that answers no call of the turn before it. */
export function orphanText(result: ToolResult): {
  readonly text: string;
  readonly attachments: readonly ChatContentPart[];
} {
  const { text, attachments } = separate(result.parts, result.clientId);
  return { text: `[result of an earlier tool call]\n${text}`, attachments };
}

/** Returns the text parts of a result, each on lines of its own. */
export function resultText({ parts }: ToolResult): string {
  return parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
}

function readParts(content: readonly unknown[], path: string, scope: RequestScope): readonly ChatContentPart[] {
  const parts: ChatContentPart[] = [];
  let left = "";
  for (const [index, entry] of content.entries()) {
    const block = requireObject(entry, `${path}.${index}`);
    const part = toResultPart(block, `${path}.${index}`, scope);
    if (part) parts.push(part);
    else if (block["type"] !== "text") left = `[${printableName(block["type"])} omitted]`;
  }
  // A result that only held what cannot be told is told to have held it.
  return parts.length === 0 && left !== "" ? [{ type: "text", text: left }] : parts;
}

function toResultPart(block: JsonObject, path: string, scope: RequestScope): ChatContentPart | undefined {
  if (block["type"] !== "tool_reference") return toContentPart(block, path, scope);
  return { type: "text", text: scope.references.functionsText([requireText(block["tool_name"], `${path}.tool_name`)]) };
}

function textParts(text: string): readonly ChatContentPart[] {
  return text === "" ? [] : [{ type: "text", text }];
}

function withErrorPrefix(parts: readonly ChatContentPart[]): readonly ChatContentPart[] {
  const [first] = parts;
  if (first?.type !== "text") return [{ type: "text", text: "Error" }, ...parts];
  // Claude Code's tools often say it themselves.
  if (/^\s*(?:<tool_use_error>)?error/i.test(first.text)) return parts;
  // Not a copy: a cache mark that the part carries could not be taken off any more where there are more than four.
  first.text = isBlank(first.text) ? "Error" : `Error: ${first.text}`;
  return parts;
}

/** Text on lines of its own, with a word in place of what is attached; and the attachments, each behind a word that says where it belongs. */
function separate(
  parts: readonly ChatContentPart[],
  id: string,
): { readonly text: string; readonly attachments: readonly ChatContentPart[] } {
  const lines: string[] = [];
  const attachments: ChatContentPart[] = [];
  const counts = { image_url: 0, file: 0 };
  for (const part of parts) {
    if (part.type === "text") {
      lines.push(part.text);
      continue;
    }
    counts[part.type] += 1;
    const label = `${part.type === "file" ? "file" : "image"} ${counts[part.type]}`;
    lines.push(`[${label} of this tool result follows in the next user message]`);
    attachments.push({ type: "text", text: `[${label} from tool result ${id}]` }, part);
  }
  return { text: lines.join("\n"), attachments };
}
