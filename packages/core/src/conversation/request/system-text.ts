import type { ChatTextPart } from "../../protocol/chat.ts";
import { isBlank } from "./content-parts.ts";
import { requireContent, requireObject, requireText } from "./invalid-request.ts";
import { isMarked } from "./message-content.ts";
import type { RequestScope } from "./request-scope.ts";
import { printableName } from "./warning-list.ts";

/** Blocks of a system turn that say nothing to a model: tools that come or go are told by the tool list. */
const toolChanges: ReadonlySet<unknown> = new Set(["tool_addition", "tool_removal"]);

/** Returns the text of a system prompt or system turn, blocks with a blank line between; parts where a cache mark has to be kept; undefined where it is empty. */
export function systemContent(system: unknown, path: string, scope: RequestScope): string | ChatTextPart[] | undefined {
  const content = requireContent(system, path);
  if (typeof content === "string") {
    const text = withoutAttribution(content);
    return isBlank(text) ? undefined : text;
  }
  const parts: ChatTextPart[] = [];
  for (const [index, entry] of content.entries()) {
    const place = `${path}.${index}`;
    const block = requireObject(entry, place);
    if (block["type"] !== "text") {
      if (!toolChanges.has(block["type"])) {
        scope.warnings.add("unknown_block_dropped", `unknown block ${printableName(block["type"])} dropped`, place);
      }
      continue;
    }
    const text = withoutAttribution(requireText(block["text"], `${place}.text`));
    if (isBlank(text)) continue;
    const part: ChatTextPart = { type: "text", text };
    scope.marks.carry(block, part, place);
    parts.push(part);
  }
  if (parts.length === 0) return undefined;
  return parts.some(isMarked) ? parts : parts.map(({ text }) => text).join("\n\n");
}

/**
 * Claude Code begins its system prompt with `x-anthropic-billing-header: cc_version=…`, which differs from conversation to conversation: no other
 * vendor's prompt cache would ever match behind it.
 */
function withoutAttribution(text: string): string {
  if (!text.startsWith("x-anthropic-billing-header:")) return text;
  const end = text.indexOf("\n");
  return end === -1 ? "" : text.slice(end + 1);
}
