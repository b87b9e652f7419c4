import type { WebSearchResult } from "../../protocol/anthropic.ts";
import { isObject, textOf, parseJson, type JsonObject } from "../../base/json.ts";

/** A search that the provider made by itself. */
export interface WebSearch {
  readonly query: string;
  readonly results: WebSearchResult[];
}

/**
 * Reads a `web_search_call`; undefined where it is none that has a query (OpenAI also reports pages that were opened). Results are there where the
 * request included `web_search_call.action.sources`; they have no titles.
 */
export function readWebSearch(item: JsonObject): WebSearch | undefined {
  const action = isObject(item["action"]) ? item["action"] : {};
  // xAI puts it into arguments, as if it were a function's.
  const args = typeof item["arguments"] === "string" ? parseJson(item["arguments"]) : undefined;
  const queries = action["queries"];
  const query =
    textOf(action["query"]) ??
    (Array.isArray(queries) ? textOf(queries[0]) : undefined) ??
    (isObject(args) ? textOf(args["query"]) : undefined);
  if (query === undefined) return undefined;
  const sources = Array.isArray(action["sources"]) ? action["sources"] : item["results"];
  return { query, results: Array.isArray(sources) ? sources.flatMap(toResult) : [] };
}

function toResult(source: unknown): WebSearchResult[] {
  const url = isObject(source) ? textOf(source["url"]) : undefined;
  if (!isObject(source) || url === undefined) return [];
  const title = textOf(source["title"]) ?? url;
  return [{ type: "web_search_result", url, title, encrypted_content: "", page_age: null }];
}
