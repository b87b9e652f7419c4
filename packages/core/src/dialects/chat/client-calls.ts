import { encodeToolId, readToolId } from "../../conversation/ids/tool-ids.ts";
import { isObject, textOf, type JsonObject, parseNestedJson } from "../../base/json.ts";
import { invalidRequest } from "../../conversation/request/invalid-request.ts";
import type { MessageBlock } from "./client-parts.ts";

/** A call of an assistant's message. `clientId` is `""` where the client gave none, as for the older `function_call`. */
export interface ClientCall {
  readonly clientId: string;
  readonly name: string;
  readonly block: MessageBlock;
}

const wireId = /^[A-Za-z0-9_-]+$/;

/** Makes the ids of calls fit the Messages API: its own characters, and each id once in a conversation. */
export class ClientCallIds {
  readonly #taken = new Set<string>();
  /** Highest copy that was tried, by the upstream's own id. */
  readonly #copies = new Map<string, number>();

  /** Returns the id for the next call that the client names `clientId`; the same in every request of a conversation. */
  claim(clientId: string, thoughtSignature?: string): string {
    const name = clientId === "" ? "call" : clientId;
    const known = readToolId(name);
    const signature = thoughtSignature ?? known.signature;
    let made = wireId.test(name) && signature === known.signature ? name : encodeToolId(known.id, signature);
    while (this.#taken.has(made)) {
      const copy = (this.#copies.get(known.id) ?? 1) + 1;
      this.#copies.set(known.id, copy);
      made = encodeToolId(known.id, signature, copy);
    }
    this.#taken.add(made);
    return made;
  }
}

/**
 * Reads `tool_calls`, the older `function_call` and the `tool_use` parts of an assistant's message. Cursor sends such parts for models of Claude
 * (automazeio/vibeproxy#411). A part with the id of one of `tool_calls` is the same call: LangChain sends a turn of Claude's in both forms
 * (langchain-ai/langchainjs#9636).
 *
 * @throws `CcpbError` `invalid_request` (400) for a call without a name.
 */
export function readCalls(message: JsonObject, path: string, ids: ClientCallIds): readonly ClientCall[] {
  const calls: ClientCall[] = [];
  const list = message["tool_calls"] ?? [];
  if (!Array.isArray(list)) throw invalidRequest(`${path}.tool_calls`, "an array is required");
  for (const [index, call] of list.entries()) calls.push(readCall(call, `${path}.tool_calls[${index}]`, ids));
  const legacy = message["function_call"];
  if (isObject(legacy)) calls.push(readCall({ function: legacy }, path, ids));
  const named: ReadonlySet<unknown> = new Set(calls.map(({ clientId }) => clientId).filter((id) => id !== ""));
  for (const [index, { id, name, input }] of partsOf(message, "tool_use")) {
    if (named.has(id)) continue;
    calls.push(readCall({ id, function: { name, arguments: input } }, `${path}.content[${index}]`, ids));
  }
  return calls;
}

/** The parts of a message's content that have a type, with their places. */
export function partsOf(
  message: JsonObject,
  type: "tool_use" | "tool_result",
): readonly (readonly [number, JsonObject])[] {
  const { content } = message;
  if (!Array.isArray(content)) return [];
  return content.flatMap((part: unknown, index) =>
    isObject(part) && part["type"] === type ? [[index, part] as const] : [],
  );
}

function readCall(call: unknown, path: string, ids: ClientCallIds): ClientCall {
  if (!isObject(call)) throw invalidRequest(path, "a tool call is required");
  const clientId = typeof call["id"] === "string" ? call["id"] : "";
  const isCustom = isObject(call["custom"]);
  const member = isCustom ? "custom" : "function";
  const called = call[member];
  const name = isObject(called) ? called["name"] : undefined;
  if (!isObject(called) || typeof name !== "string" || name === "") {
    throw invalidRequest(`${path}.${member}.name`, "the name of the called tool is required");
  }
  const input = isCustom ? { input: textOf(called["input"]) ?? "" } : readArguments(called["arguments"]);
  const id = ids.claim(clientId, thoughtSignature(call));
  return { clientId, name, block: { type: "tool_use", id, name, input } };
}

/** Models write arguments that are no object, and clients send them back: the model is to see what it wrote. */
function readArguments(value: unknown): JsonObject {
  if (isObject(value)) return value;
  const text = textOf(value) ?? "";
  if (text.trim() === "") return {};
  const parsed = parseNestedJson(text);
  return isObject(parsed) ? parsed : { value: parsed === undefined ? text : parsed };
}

/** Gemini's compatible API puts it beside the call, under `google` or `vertex`. */
function thoughtSignature(call: JsonObject): string | undefined {
  const extra = isObject(call["extra_content"]) ? call["extra_content"] : {};
  for (const holder of [extra["google"], extra["vertex"]]) {
    const signature = isObject(holder) ? holder["thought_signature"] : undefined;
    if (typeof signature === "string" && signature !== "") return signature;
  }
  return undefined;
}
