import type { MessagesRequest } from "../protocol/anthropic.ts";
import { imageTokens, pdfTokens } from "./media-tokens.ts";
import { jsonTokens, textTokens } from "./text-weight.ts";

export interface EstimateOptions {
  /** Corrects for the provider's and model's tokeniser; see `nextFactor`. Default 1. */
  readonly factor?: number;
}

const toolPreamble = 495; // Anthropic's API adds about that much as soon as one tool exists (measured)

/**
 * How many tokens a request's prompt is about: system, tools, messages with thinking, images and documents. At least 1; never throws, whatever the
 * request holds; deterministic. Measured on Claude Code's requests; other tokenisers differ, which `factor` corrects.
 */
export function estimateTokens(request: MessagesRequest, options: EstimateOptions = {}): number {
  const { system, tools, messages }: { [name in "system" | "tools" | "messages"]?: unknown } = request;
  let total = contentTokens(system, 0);
  if (Array.isArray(tools) && tools.length > 0) {
    total += toolPreamble;
    for (const tool of tools) total += toolTokens(tool);
  }
  if (Array.isArray(messages)) {
    for (const message of messages) if (isObject(message)) total += contentTokens(message["content"], 0);
  }
  return Math.max(1, Math.ceil(total * (options.factor ?? 1)));
}

function toolTokens(tool: unknown): number {
  if (!isObject(tool)) return 0;
  const { name, description, input_schema: schema } = tool;
  return jsonTokens(name) + jsonTokens(description) + (schema === undefined ? 0 : jsonTokens(schema));
}

function contentTokens(content: unknown, depth: number): number {
  if (typeof content === "string") return textTokens(content);
  if (!Array.isArray(content) || depth > 8) return 0;
  let total = 0;
  for (const block of content) total += isObject(block) ? blockTokens(block, depth) : 0;
  return total;
}

function blockTokens(block: Readonly<Record<string, unknown>>, depth: number): number {
  switch (block["type"]) {
    case "text":
      return stringTokens(block["text"]);
    case "thinking":
      return stringTokens(block["thinking"]);
    case "redacted_thinking":
      return stringTokens(block["data"]);
    case "image":
      return imageTokens(block["source"]);
    case "document":
      return documentTokens(block, depth);
    case "tool_use":
    case "server_tool_use":
    case "mcp_tool_use":
      return stringTokens(block["name"]) + jsonTokens(block["input"]);
    case "tool_result":
    case "mcp_tool_result":
    case "search_result":
      return stringTokens(block["title"]) + contentTokens(block["content"], depth + 1);
    default: {
      const { signature: _proof, cache_control: _mark, ...rest } = block;
      return jsonTokens(rest);
    }
  }
}

function documentTokens(block: Readonly<Record<string, unknown>>, depth: number): number {
  const { source, title, context } = block;
  const head = stringTokens(title) + stringTokens(context);
  if (!isObject(source)) return head;
  if (source["type"] === "text") return head + stringTokens(source["data"]);
  if (source["type"] === "content") return head + contentTokens(source["content"], depth + 1);
  return head + pdfTokens(source);
}

function stringTokens(value: unknown): number {
  return typeof value === "string" ? textTokens(value) : 0;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
