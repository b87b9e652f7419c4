import { isObject } from "../../base/json.ts";

/** Statements of the conversation itself about the tools. */
export interface ConversationTools {
  /** Names that a tool search found, that were added, or that were called: deferred tools of these names are in use. */
  readonly loaded: ReadonlySet<string>;
  /** Names that were withdrawn and not added again. */
  readonly removed: ReadonlySet<string>;
  /** Whole definitions that were added inside the conversation (`tool_addition`). */
  readonly added: readonly unknown[];
}

interface Findings {
  readonly loaded: Set<string>;
  readonly removed: Set<string>;
  readonly added: unknown[];
}

/** Reads tool references, calls, additions and removals out of the messages; what it cannot read it passes over. */
export function conversationTools(messages: readonly unknown[]): ConversationTools {
  const findings: Findings = { loaded: new Set(), removed: new Set(), added: [] };
  for (const message of messages) if (isObject(message)) noteBlocks(message["content"], findings);
  return findings;
}

function noteBlocks(content: unknown, findings: Findings): void {
  if (!Array.isArray(content)) return;
  for (const block of content) {
    if (!isObject(block)) continue;
    switch (block["type"]) {
      case "tool_use":
        noteName(block["name"], findings.loaded);
        break;
      case "tool_result":
        if (Array.isArray(block["content"])) noteReferences(block["content"], findings);
        break;
      case "tool_search_tool_result":
        if (isObject(block["content"])) noteReferences(block["content"]["tool_references"], findings);
        break;
      case "tool_addition":
      case "tool_removal":
        noteChange(block["type"], block["tool"], findings);
        break;
      case "compaction":
        noteBlocks(block["tool_changes"], findings);
        break;
      default:
    }
  }
}

function noteReferences(entries: unknown, findings: Findings): void {
  if (!Array.isArray(entries)) return;
  for (const entry of entries) {
    if (isObject(entry) && entry["type"] === "tool_reference") noteName(entry["tool_name"], findings.loaded);
  }
}

function noteChange(type: "tool_addition" | "tool_removal", tool: unknown, findings: Findings): void {
  // The tools of an MCP server that Anthropic runs may be called as the client's own are.
  if (!isObject(tool) || tool["type"] === "mcp_tool_reference") return;
  const definition = tool["type"] === "tool_definition" ? tool["definition"] : undefined;
  const name = isObject(definition) ? definition["name"] : tool["name"];
  if (typeof name !== "string") return;
  if (type === "tool_removal") {
    findings.removed.add(name);
    return;
  }
  findings.removed.delete(name);
  findings.loaded.add(name);
  if (isObject(definition)) findings.added.push(definition);
}

function noteName(name: unknown, names: Set<string>): void {
  if (typeof name === "string") names.add(name);
}
