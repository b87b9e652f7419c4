import { makeSignature } from "../../conversation/ids/signature.ts";
import { isObject, type JsonObject, stringifyJson } from "../../base/json.ts";
import { printableName, type WarningList } from "../../conversation/request/warning-list.ts";
import { callIdOf, readCallItem } from "./client-calls.ts";
import type { ClientConversation } from "./client-conversation.ts";
import { itemFields } from "./client-fields.ts";
import { type Block, readContent } from "./client-parts.ts";
import { listAt, objectAt, refusal } from "./client-refusal.ts";
import type { ClientTools } from "./client-tools.ts";
import { openThinking } from "./thinking-envelope.ts";

/** State that the items of the input are read into. */
export interface InputScope {
  readonly conversation: ClientConversation;
  readonly tools: ClientTools;
  readonly warnings: WarningList;
}

/** Reads `input`: a string, or items. @throws `CcpbError` with the path of what cannot be served. */
export function readInput(input: unknown, scope: InputScope): void {
  if (typeof input === "string") {
    scope.conversation.say("user", readContent(input, "input", scope.warnings));
    return;
  }
  for (const [index, item] of listAt(input, "input").entries()) {
    readItem(objectAt(item, `input[${index}]`), `input[${index}]`, scope);
  }
}

function readItem(item: JsonObject, path: string, scope: InputScope): void {
  const { warnings, conversation } = scope;
  const type = typeOf(item);
  const field = itemFields[type];
  if (field === undefined) {
    warnings.add("item_dropped", `item ${printableName(item["type"])} dropped: its type is not known`, path);
    return;
  }
  if (field.fate === "refused") throw refusal(type === "item_reference" ? `${path}.id` : `${path}.type`, field.how);
  if (field.fate === "warned") warnings.add("item_dropped", `item ${type} dropped: ${field.how}`, path);
  if (field.fate !== "carried") return;
  const call = readCallItem(item, path);
  if (call) {
    conversation.call(call);
    return;
  }
  if (type === "message") readMessage(item, path, scope);
  else if (type === "reasoning") conversation.answer(readReasoning(item));
  else if (type === "additional_tools") scope.tools.add(item["tools"], `${path}.tools`);
  else if (type.endsWith("_output")) readOutput(type, item, path, scope);
}

/** Clients leave out the type of messages, and of references. */
function typeOf(item: JsonObject): string {
  const { type } = item;
  if (typeof type === "string") return type;
  if (item["role"] !== undefined) return "message";
  return typeof item["id"] === "string" ? "item_reference" : "";
}

function readMessage(item: JsonObject, path: string, { conversation, warnings }: InputScope): void {
  const content = readContent(item["content"], `${path}.content`, warnings);
  const { role } = item;
  switch (role) {
    case "assistant":
      conversation.answer(content);
      return;
    case "user":
      conversation.say("user", content);
      return;
    case "system":
    case "developer":
      conversation.say("system", content);
      return;
    default:
      throw refusal(
        `${path}.role`,
        `"user", "assistant", "system" or "developer" is required, not ${printableName(role)}`,
      );
  }
}

/** Thinking as it was, where we wrote the item; else the text, with what only its maker can read in the signature. */
function readReasoning(item: JsonObject): readonly Block[] {
  const { encrypted_content: encrypted, id } = item;
  const sealed = openThinking(encrypted);
  if (sealed) return [{ ...sealed }];
  const thinking = partTexts(item["summary"]) || partTexts(item["content"]);
  const isForeign = typeof encrypted === "string" && encrypted !== "";
  if (!isForeign && thinking.trim() === "") return [];
  const origin = isForeign
    ? ({ kind: "rs", id: typeof id === "string" ? id : "", encryptedContent: encrypted } as const)
    : ({ kind: "rc" } as const);
  return [{ type: "thinking", thinking, signature: makeSignature({ provider: undefined, origin }) }];
}

function partTexts(parts: unknown): string {
  if (!Array.isArray(parts)) return "";
  const texts = parts.flatMap((part: unknown) =>
    isObject(part) && typeof part["text"] === "string" ? [part["text"]] : [],
  );
  return texts.join("\n\n");
}

function readOutput(type: string, item: JsonObject, path: string, scope: InputScope): void {
  if (type === "tool_search_output") {
    scope.tools.add(item["tools"], `${path}.tools`);
    // A search that the server made has no call to answer.
    if (typeof item["call_id"] !== "string") return;
  }
  const callId = callIdOf(item, path);
  const { content, isError } = outputContent(type, item, path, scope.warnings);
  scope.conversation.result(callId, content, isError, `${path}.call_id`);
}

function outputContent(
  type: string,
  item: JsonObject,
  path: string,
  warnings: WarningList,
): { readonly content: readonly Block[]; readonly isError: boolean } {
  const { output, status } = item;
  if (type === "tool_search_output") {
    const names = listAt(item["tools"], `${path}.tools`).map((tool) => (isObject(tool) ? String(tool["name"]) : ""));
    return { content: readContent(`Loaded tools: ${names.join(", ") || "none"}`, path, warnings), isError: false };
  }
  if (type === "shell_call_output") {
    return { content: readContent(shellOutput(output), `${path}.output`, warnings), isError: false };
  }
  // Codex before 0.40 wraps an output: {content, success}.
  const wrapped = isObject(output) && "content" in output ? output : undefined;
  const isError = (type === "apply_patch_call_output" && status === "failed") || wrapped?.["success"] === false;
  const content = wrapped ? wrapped["content"] : isObject(output) ? stringifyJson(output) : output;
  return { content: readContent(content, `${path}.output`, warnings), isError };
}

function shellOutput(output: unknown): string {
  if (!Array.isArray(output)) return typeof output === "string" ? output : "";
  return output.map((one: unknown) => (isObject(one) ? commandOutput(one) : "")).join("\n\n");
}

function commandOutput({ stdout, stderr, outcome }: JsonObject): string {
  const how = isObject(outcome)
    ? outcome["type"] === "timeout"
      ? "timed out"
      : `exit code ${String(outcome["exit_code"])}`
    : undefined;
  return [stdout, stderr, how].filter((text) => typeof text === "string" && text !== "").join("\n");
}
