import { isObject, stringifyJson } from "../base/json.ts";
import type { MessagesRequest } from "../protocol/anthropic.ts";
import { imageTokens, pdfTokens } from "./media-tokens.ts";
import type { TextCounter } from "./text-tokens.ts";
import { weighTools } from "./tool-tokens.ts";

/** Parts of a prompt, in tokens unless stated otherwise; `estimateFrom` turns them into a count for a model. */
export interface PromptWeight {
  /** System prompt and messages. */
  readonly content: number;
  /** Tools as JSON. */
  readonly tools: number;
  /** Number of tools. */
  readonly toolCount: number;
  /** Number of messages, the system prompt being one. */
  readonly messageCount: number;
  /** Number of tool calls in the history. */
  readonly callCount: number;
  readonly demandsTool: boolean;
  readonly demandsFormat: boolean;
  /** A document or a search result is to be cited. */
  readonly demandsCitations: boolean;
  /** Tokens that do not depend on a tokeniser: pixels, pages, additions of the API. */
  readonly fixed: number;
  /** True if a tool may run at the provider, whose turns are then counted with the prompt. */
  readonly runsAtProvider: boolean;
}

const maxDepth = 8;
const encryptedPerToken = 3.5; // characters, of what two recorded searches sent back

/** Weighs a request's prompt with `countText`, which is called in the same order for the same request. Never throws; deterministic. */
export function weighPrompt(request: MessagesRequest, countText: TextCounter): PromptWeight {
  // Not copied: an object of a hundred thousand members takes a second to spread.
  const members: Readonly<Record<string, unknown>> = isObject(request) ? request : {};
  const { system, tools, messages, output_config: config, output_format: oldFormat } = members;
  const scale = new PromptScale(countText);
  scale.addContent(system, 0);
  let messageCount = 1;
  for (const message of Array.isArray(messages) ? messages : []) {
    if (!isObject(message)) continue;
    messageCount += 1;
    scale.addContent(message["content"], 0);
  }
  const format = isObject(config) ? config["format"] : oldFormat;
  if (isObject(format)) scale.addContent(stringifyJson(format["schema"]) ?? "", 0);
  const choice = isObject(members["tool_choice"]) ? members["tool_choice"]["type"] : undefined;
  const toolsWeight = weighTools(tools);
  let toolTokens = 0;
  for (const text of toolsWeight.texts) toolTokens += countText(text);
  return {
    content: scale.content,
    tools: toolTokens,
    toolCount: toolsWeight.count,
    messageCount,
    callCount: scale.calls,
    demandsTool: choice === "any" || choice === "tool",
    demandsFormat: isObject(format),
    demandsCitations: scale.demandsCitations,
    fixed: scale.fixed + toolsWeight.defined,
    runsAtProvider: toolsWeight.defined > 0 || members["mcp_servers"] !== undefined,
  };
}

/** Adds up what blocks weigh. */
class PromptScale {
  content = 0;
  fixed = 0;
  calls = 0;
  demandsCitations = false;
  readonly #countText: TextCounter;

  constructor(countText: TextCounter) {
    this.#countText = countText;
  }

  addContent(content: unknown, depth: number): void {
    if (typeof content === "string") this.#addText(content);
    else if (Array.isArray(content) && depth <= maxDepth) {
      for (const block of content) if (isObject(block)) this.#addBlock(block, depth);
    }
  }

  #addBlock(block: Readonly<Record<string, unknown>>, depth: number): void {
    this.demandsCitations ||= isObject(block["citations"]) && block["citations"]["enabled"] === true;
    switch (block["type"]) {
      case "text":
        return this.#addText(block["text"]);
      case "thinking":
        return this.#addText(block["thinking"]);
      case "redacted_thinking":
        // Encrypted: far more characters than tokens.
        this.fixed += typeof block["data"] === "string" ? block["data"].length / 15 : 0;
        return undefined;
      case "image":
        this.fixed += imageTokens(block["source"]);
        return undefined;
      case "document":
        return this.#addDocument(block, depth);
      case "tool_use":
      case "server_tool_use":
      case "mcp_tool_use":
        this.calls += 1;
        this.#addText(block["name"]);
        return this.#addText(stringifyJson(block["input"]) ?? "");
      case "tool_result":
      case "mcp_tool_result":
      case "search_result":
        this.#addText(block["title"]);
        return this.addContent(block["content"], depth + 1);
      default: {
        const { signature: _proof, cache_control: _mark, ...rest } = block;
        return this.#addText(stringifyJson(this.#withoutEncrypted(rest, depth)) ?? "");
      }
    }
  }

  /** Counts the encrypted parts of a web search by their length: they are sent back whole, and are no text. */
  #withoutEncrypted(value: unknown, depth: number): unknown {
    if (depth > maxDepth || typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map((one: unknown) => this.#withoutEncrypted(one, depth + 1));
    const kept: Record<string, unknown> = {};
    for (const [key, member] of Object.entries(value)) {
      if (typeof member === "string" && key.startsWith("encrypted_")) this.fixed += member.length / encryptedPerToken;
      else kept[key] = this.#withoutEncrypted(member, depth + 1);
    }
    return kept;
  }

  #addDocument(block: Readonly<Record<string, unknown>>, depth: number): void {
    const { source, title, context } = block;
    this.#addText(title);
    this.#addText(context);
    if (!isObject(source)) return;
    if (source["type"] === "text") this.#addText(source["data"]);
    else if (source["type"] === "content") this.addContent(source["content"], depth + 1);
    else if (typeof source["media_type"] !== "string" || !source["media_type"].startsWith("text/")) {
      this.fixed += pdfTokens(source);
    } else if (typeof source["data"] === "string") this.fixed += (source["data"].length * 0.75) / 4;
  }

  #addText(text: unknown): void {
    if (typeof text === "string" && text !== "") this.content += this.#countText(text);
  }
}
