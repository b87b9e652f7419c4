import type { MessagesRequest } from "../protocol/anthropic.ts";
import { isObject } from "../base/json.ts";
import type { RequestNeeds } from "./capability.ts";

// Tools that Anthropic's servers run; what the client runs (custom, bash, text editor, memory) any provider can offer as a function.
const serverTool = /^(?:web_search|web_fetch|code_execution|tool_search|mcp_toolset|advisor|computer|browser)/;

/**
 * Reads the abilities that a request needs of a provider from its tools and blocks; `inputTokens` as estimated by the
 * caller.
 */
export function requestNeeds(request: MessagesRequest, inputTokens: number): RequestNeeds {
  const members: Readonly<Record<string, unknown>> = { ...request };
  const serverTools = listOf(members["tools"]).some(isServerTool) || listOf(members["mcp_servers"]).length > 0;
  const compaction = isObject(members["compaction"]);
  const found = { images: false, documents: false };
  for (const message of request.messages) noteBlocks(isObject(message) ? message["content"] : undefined, found);
  return { serverTools, compaction, ...found, inputTokens };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isServerTool(tool: unknown): boolean {
  return isObject(tool) && typeof tool["type"] === "string" && serverTool.test(tool["type"]);
}

function noteBlocks(content: unknown, found: { images: boolean; documents: boolean }): void {
  if (!Array.isArray(content)) return;
  for (const block of content) {
    if (!isObject(block)) continue;
    if (block["type"] === "image") found.images = true;
    else if (block["type"] === "document") found.documents ||= isBinaryDocument(block["source"]);
    else if (block["type"] === "tool_result") noteBlocks(block["content"], found);
  }
}

/** Text documents are inlined as text; only others need a provider that reads files. */
function isBinaryDocument(source: unknown): boolean {
  return isObject(source) && source["type"] !== "text" && source["type"] !== "content";
}
