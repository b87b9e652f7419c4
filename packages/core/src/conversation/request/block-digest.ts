import { documentText, plainText } from "./block-text.ts";
import { jsonText } from "./invalid-request.ts";
import { isObject, type JsonObject } from "../../base/json.ts";
import type { RequestScope } from "./request-scope.ts";

/**
 * Describes a block of Anthropic's server tools from an earlier turn in words for another model: `[web_search
 * {"query":"x"}]`, `[results: …]`. `""`: the block means nothing to a model. Undefined: it is unknown. Encrypted
 * content is never shown.
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
      return advisorText(block["content"]);
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

/** A failure is told also where it has no words. */
function resultText(text: string, isError: boolean): string {
  if (isError) return `[error${text === "" ? "" : `: ${text}`}]`;
  return text === "" ? "" : `[result: ${text}]`;
}

function advisorText(content: unknown): string {
  if (!isObject(content)) return "";
  if (content["type"] === "advisor_redacted_result") return "[result: encrypted]";
  return failureText(content) || resultText(stringOf(content["text"]), false);
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
  switch (content["type"]) {
    case "text_editor_code_execution_create_result":
      return content["is_file_update"] === true ? "[file updated]" : "[file created]";
    case "text_editor_code_execution_str_replace_result": {
      const changed = texts(content["lines"]);
      return changed.length === 0 ? "[file edited]" : `[file edited:\n${changed.join("\n")}]`;
    }
    default:
      return outputText(content);
  }
}

function outputText(content: JsonObject): string {
  const { stdout, stderr, return_code: returnCode, content: shown, encrypted_stdout: encrypted } = content;
  const lines = [stringOf(stdout), stringOf(stderr), stringOf(shown)].filter((line) => line !== "");
  if (stringOf(encrypted) !== "") lines.push("(encrypted)");
  if (typeof returnCode === "number" && returnCode !== 0) lines.push(`exit code ${returnCode}`);
  const files = Array.isArray(shown) ? shown.filter(isObject).map((file) => stringOf(file["file_id"])) : [];
  for (const file of files) if (file !== "") lines.push(`file ${file}`);
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
  if (!isObject(content)) return "";
  const words = [stringOf(content["error_code"]), stringOf(content["error_message"])].filter((word) => word !== "");
  return words.length === 0 ? "" : `[failed: ${words.join(", ")}]`;
}

function nameOf(value: unknown): string {
  return stringOf(value) || "unknown";
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

function stringOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
