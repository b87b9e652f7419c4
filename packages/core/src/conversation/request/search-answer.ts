import type { Message, ServerToolUseBlock } from "../../protocol/anthropic.ts";
import { forgeServerToolId } from "../ids/server-tool-ids.ts";
import { shortHash } from "../ids/tool-names.ts";
import { isObject } from "../../base/json.ts";
import { isWebSearch } from "./tool-plan.ts";

type SearchName = ServerToolUseBlock["name"];

const claudeCodePrompt = /^\s*perform a web search for the query:\s*/i;
const longestQuery = 400; // characters: a query, not a prompt

/**
 * Returns the name of the search where a request is about nothing but a web search, as Claude Code's are when it searches: every tool that it offers is
 * Anthropic's `web_search`. A model without that tool would make up the results.
 */
export function loneWebSearch(tools: unknown): SearchName | undefined {
  if (!Array.isArray(tools) || tools.length === 0 || !tools.every((tool) => isWebSearch(tool))) return undefined;
  const [first]: readonly unknown[] = tools;
  const name =
    isObject(first) && typeof first["name"] === "string" && first["name"] !== "" ? first["name"] : "web_search";
  return name as SearchName; // a client that calls it otherwise is answered by its own name
}

/** Returns the answer to a request for a web search that the provider cannot make: the search, and the error that Anthropic's API documents for it. */
export function unavailableSearch(name: SearchName, messages: readonly unknown[], model: string): Message {
  const query = queryOf(messages);
  const id = forgeServerToolId(shortHash(`${messages.length} ${query}`));
  return {
    id: `msg_search_${shortHash(query)}`,
    type: "message",
    role: "assistant",
    model,
    content: [
      { type: "server_tool_use", id, name, input: { query } },
      {
        type: "web_search_tool_result",
        tool_use_id: id,
        content: { type: "web_search_tool_result_error", error_code: "unavailable" },
      },
      {
        type: "text",
        text: "The web search is unavailable: the provider that serves this request cannot search the web.",
      },
    ],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage: {
      input_tokens: 0,
      output_tokens: 0,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      server_tool_use: { web_search_requests: 0, web_fetch_requests: 0 },
    },
  };
}

function queryOf(messages: readonly unknown[]): string {
  const last = messages.findLast((message) => isObject(message) && message["role"] === "user");
  const content = isObject(last) ? last["content"] : undefined;
  const texts = Array.isArray(content)
    ? content.map((block: unknown) => (isObject(block) && typeof block["text"] === "string" ? block["text"] : ""))
    : [typeof content === "string" ? content : ""];
  const text = texts.findLast((one) => one.trim() !== "") ?? "";
  return text.replace(claudeCodePrompt, "").trim().slice(0, longestQuery);
}
