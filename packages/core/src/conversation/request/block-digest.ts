import { documentText, plainText } from "./block-text.ts";
import { jsonText } from "./invalid-request.ts";
import { isObject, type JsonObject } from "../../base/json.ts";
import type { RequestScope } from "./request-scope.ts";

/**
 * What Anthropic's servers did in an earlier turn, in words for another model: `[web_search {"query":"x"}]`, `[results: …]`. `""` for a block that
 * says nothing to a model, undefined for one that is not known. Encrypted content is never shown.
 */
export function digestServerBlock(block: JsonObject, path: string, scope: RequestScope): string | undefined {
  const digest = digestOf(block, path, scope);
  if (digest !== undefined && digest !== "") {
    scope.warnings.add("server_block_digested", "server-side blocks of earlier turns summarised as text", path);
  }
  return digest;
}

function digestOf(block: JsonObject, path: string, scope: RequestScope): string | undefined {
  switch (block["type"]) {
    case "server_tool_use":
      return callText(nameOf(block["name"]), block["input"], path);
    case "mcp_tool_use":
      return callText(`${nameOf(block["server_name"])}.${nameOf(block["name"])}`, block["input"], path);
    case "mcp_tool_result":
      return resultText(plainText(block["content"], `${path}.content`), block["is_error"] === true);
    case "web_search_tool_result":
      return searchText(block["content"]);
    case "web_fetch_tool_result":
      return fetchText(block["content"], path);
    case "code_execution_tool_result":
    case "bash_code_execution_tool_result":
    case "text_editor_code_execution_tool_result":
      return executionText(block["content"]);
    case "tool_search_tool_result":
      return toolSearchText(block["content"], scope);
    case "advisor_tool_result":
      return isObject(block["content"]) ? resultText(stringOf(block["content"]["text"]), false) : "";
    case "container_upload":
      return `[file ${nameOf(block["file_id"])}]`;
    case "fallback":
    case "mcp_tool_listing":
    case "tool_addition":
    case "tool_removal":
      return "";
    default:
      return undefined;
  }
}

function callText(name: string, input: unknown, path: string): string {
  return `[${name} ${jsonText(input ?? {}, `${path}.input`)}]`;
}

function resultText(text: string, isError: boolean): string {
  return text === "" ? "" : `[${isError ? "error" : "result"}: ${text}]`;
}

function searchText(content: unknown): string {
  if (!Array.isArray(content)) return failureText(content);
  const entries = content
    .filter(isObject)
    .map((entry) => `${stringOf(entry["title"])} ${stringOf(entry["url"])}`.trim());
  return `[results: ${entries.filter((entry) => entry !== "").join("; ")}]`;
}

function fetchText(content: unknown, path: string): string {
  if (!isObject(content) || content["type"] !== "web_fetch_result") return failureText(content);
  const page = content["content"];
  const source = isObject(page) ? page["source"] : undefined;
  const text = isObject(page) && isObject(source) ? documentText(page, source, `${path}.content.content`) : undefined;
  return `[fetched ${stringOf(content["url"])}]${text === undefined ? "" : `\n${text}`}`;
}

function executionText(content: unknown): string {
  if (!isObject(content) || stringOf(content["error_code"]) !== "") return failureText(content);
  const { stdout, stderr, return_code: returnCode, content: file } = content;
  const lines = [stringOf(stdout), stringOf(stderr), stringOf(file)].filter((line) => line !== "");
  if (typeof returnCode === "number" && returnCode !== 0) lines.push(`exit code ${returnCode}`);
  return `[output: ${lines.join("\n")}]`;
}

function toolSearchText(content: unknown, scope: RequestScope): string {
  const references = isObject(content) ? content["tool_references"] : undefined;
  if (!Array.isArray(references)) return failureText(content);
  return scope.references.functionsText(
    references.filter(isObject).map((reference) => stringOf(reference["tool_name"])),
  );
}

function failureText(content: unknown): string {
  const code = isObject(content) ? stringOf(content["error_code"]) : "";
  return code === "" ? "" : `[failed: ${code}]`;
}

function nameOf(value: unknown): string {
  return stringOf(value) || "unknown";
}

function stringOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
