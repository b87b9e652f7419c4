import { isObject, type JsonObject } from "../../base/json.ts";
import { invalidRequest } from "../../conversation/request/invalid-request.ts";
import { printableName, type WarningList } from "../../conversation/request/warning-list.ts";
import { type ClientCall, ClientCallIds, partsOf, readCalls } from "./client-calls.ts";
import { type MessageBlock, readContent, textBlocks } from "./client-parts.ts";
import { type PlacedThinking, readReasoning } from "./client-reasoning.ts";

/** The system prompt and the turns of a conversation as the Messages API has them. */
export interface ClientConversation {
  readonly system: readonly MessageBlock[];
  readonly messages: readonly ClientTurn[];
}

export interface ClientTurn {
  readonly role: "user" | "assistant" | "system";
  readonly content: string | readonly MessageBlock[];
}

interface OpenTurn {
  readonly role: ClientTurn["role"];
  /** Results of the calls of the turn before; the Messages API wants them in front of everything else. */
  readonly results: MessageBlock[];
  readonly blocks: MessageBlock[];
}

/** Answers a call that the client sends no result for. */
const interrupted = "[no result: the tool call was interrupted]";

/** The members of a message that something reads, or that ask for nothing. SDKs add `parsed` to the answers that they send back. */
const knownMembers: ReadonlySet<string> = new Set([
  "role",
  "content",
  "refusal",
  "tool_calls",
  "function_call",
  "tool_call_id",
  "reasoning_content",
  "reasoning",
  "reasoning_details",
  "annotations",
  "parsed",
  "cache_control",
  "prefix",
  "is_error",
  "index",
  "id",
]);

/**
 * Reads the messages of a Chat Completions request: system messages at the beginning become the system prompt, later ones stay in their place, and
 * the results of tools follow their calls directly.
 *
 * @throws `CcpbError` `invalid_request` (400) where there is nothing to send, or a message cannot be read.
 */
export function readMessages(value: unknown, warnings: WarningList): ClientConversation {
  if (!Array.isArray(value)) throw invalidRequest("messages", "an array is required");
  if (value.length === 0) throw invalidRequest("messages", "at least one message is required");
  const history = new ClientHistory(warnings);
  for (const [index, message] of value.entries()) {
    const path = `messages[${index}]`;
    if (!isObject(message)) throw invalidRequest(path, "an object is required");
    warnMembers(message, path, warnings);
    history.add(message, path);
  }
  return history.finish();
}

function warnMembers(message: JsonObject, path: string, warnings: WarningList): void {
  for (const [key, member] of Object.entries(message)) {
    if (knownMembers.has(key) || member === null || member === undefined) continue;
    if (key === "audio") throw invalidRequest(`${path}.audio`, "audio of earlier answers is not available here");
    // The name of a function's result is that of its call.
    if (key === "name" && (message["role"] === "tool" || message["role"] === "function")) continue;
    const name = printableName(key);
    warnings.add("message_member_dropped", `${name} of messages dropped`, `${path}.${name}`);
  }
}

class ClientHistory {
  readonly #warnings: WarningList;
  readonly #system: MessageBlock[] = [];
  readonly #turns: OpenTurn[] = [];
  readonly #ids = new ClientCallIds();
  /** The calls of the last assistant's turn that have no result yet, by their ids in the Messages request. */
  readonly #waiting = new Map<string, ClientCall>();
  /** The turn that takes their results. */
  #answers: OpenTurn | undefined;

  constructor(warnings: WarningList) {
    this.#warnings = warnings;
  }

  add(message: JsonObject, path: string): void {
    switch (message["role"]) {
      case "system":
      case "developer":
        this.#addSystem(message, path);
        return;
      case "user":
        this.#addUser(message, path);
        return;
      case "assistant":
        this.#addAssistant(message, path);
        return;
      case "tool":
      case "function":
        this.#addResult(message, path);
        return;
      default:
        throw invalidRequest(`${path}.role`, "system, developer, user, assistant, tool or function is required");
    }
  }

  finish(): ClientConversation {
    this.#settleCalls();
    const messages = this.#turns.flatMap((turn) => toTurn(turn));
    if (messages.some(({ role }) => role !== "system")) return { system: this.#system, messages };
    // OpenAI answers a conversation that only holds instructions; the Messages API requires a message of the user.
    const last = this.#system.pop();
    if (last === undefined) throw invalidRequest("messages", "there is nothing to send, every message is empty");
    this.#warnings.add("system_as_user", "the last system message sent as the user's: there is no other message");
    return { system: this.#system, messages: [{ role: "user", content: contentOf([last]) }] };
  }

  #contentOf(message: JsonObject, path: string): MessageBlock[] {
    const passedOver =
      message["role"] === "assistant" ? "tool_use" : message["role"] === "user" ? "tool_result" : undefined;
    const blocks = readContent(message["content"], `${path}.content`, { warnings: this.#warnings, passedOver });
    const last = blocks.at(-1);
    // A mark on a message stands at its end.
    if (last && isObject(message["cache_control"])) last["cache_control"] ??= message["cache_control"];
    return blocks;
  }

  #addSystem(message: JsonObject, path: string): void {
    const blocks = this.#contentOf(message, path);
    if (blocks.length === 0) return;
    if (this.#turns.length === 0) append(this.#system, blocks);
    else this.#turns.push({ role: "system", results: [], blocks });
  }

  /** Results may stand in the user's message as the Messages API has them: Cursor sends them so for models of Claude (automazeio/vibeproxy#411). */
  #addUser(message: JsonObject, path: string): void {
    for (const [index, { tool_use_id: id, content, is_error: isError }] of partsOf(message, "tool_result")) {
      this.#addResult({ role: "tool", tool_call_id: id, content, is_error: isError }, `${path}.content[${index}]`);
    }
    append(this.#userTurn().blocks, this.#contentOf(message, path));
  }

  #addAssistant(message: JsonObject, path: string): void {
    this.#settleCalls();
    const calls = readCalls(message, path, this.#ids);
    const blocks = assistantBlocks(readReasoning(message), this.#textOf(message, path), calls);
    const last = this.#turns.at(-1);
    if (last?.role === "assistant") append(last.blocks, blocks);
    else this.#turns.push({ role: "assistant", results: [], blocks });
    if (calls.length === 0) return;
    for (const call of calls) this.#waiting.set(String(call.block["id"]), call);
    this.#answers = { role: "user", results: [], blocks: [] };
    this.#turns.push(this.#answers);
  }

  /** The content of an assistant's message as one text where it is one, so that thinking can go back to its place in it. */
  #textOf(message: JsonObject, path: string): string | MessageBlock[] {
    const refusal = typeof message["refusal"] === "string" ? message["refusal"] : "";
    const content = message["content"] ?? "";
    if (typeof content === "string" && refusal === "" && !isObject(message["cache_control"])) return content;
    return [...this.#contentOf(message, path), ...textBlocks(refusal)];
  }

  #addResult(message: JsonObject, path: string): void {
    const content = this.#contentOf(message, path);
    const id = this.#claimResult(message);
    if (id !== undefined && this.#answers) {
      const isError = message["is_error"] === true && { is_error: true };
      this.#answers.results.push({ type: "tool_result", tool_use_id: id, content: contentOf(content), ...isError });
      return;
    }
    this.#warnings.add("orphan_tool_result", "a tool message without a call before it sent as text", path);
    const label = printableName(message["tool_call_id"] ?? message["name"]);
    append(this.#userTurn().blocks, [{ type: "text", text: `[result of tool call ${label}]` }, ...content]);
  }

  /** Finds the call that a result answers: by its id, for the older form by its name, else the first that waits where the client names none. */
  #claimResult(message: JsonObject): string | undefined {
    const { tool_call_id: clientId, name } = message;
    const isLegacy = message["role"] === "function";
    const hasId = typeof clientId === "string" && clientId !== "";
    for (const [id, call] of this.#waiting) {
      if (isLegacy ? call.name !== name : hasId && call.clientId !== clientId) continue;
      this.#waiting.delete(id);
      return id;
    }
    return undefined;
  }

  /** The turn of the user's that more is added to. Turns are joined: some APIs refuse two of one speaker. */
  #userTurn(): OpenTurn {
    const last = this.#turns.at(-1);
    if (last?.role === "user") return last;
    const turn: OpenTurn = { role: "user", results: [], blocks: [] };
    this.#turns.push(turn);
    return turn;
  }

  /** Answers the calls that the client sends no result for: APIs refuse a call without one. */
  #settleCalls(): void {
    for (const [id] of this.#waiting) {
      this.#answers?.results.push({ type: "tool_result", tool_use_id: id, content: interrupted });
      this.#warnings.add("tool_result_added", "a tool call without a result answered as interrupted");
    }
    this.#waiting.clear();
    this.#answers = undefined;
  }
}

/** An assistant's blocks, its thinking where it stood in the answer: signatures hold only in that order. */
function assistantBlocks(
  thinking: readonly PlacedThinking[],
  content: string | readonly MessageBlock[],
  calls: readonly ClientCall[],
): MessageBlock[] {
  const made = calls.map(({ block }) => block);
  if (typeof content !== "string") return [...thinking.map(({ block }) => block), ...content, ...made];
  const blocks: MessageBlock[] = [];
  let textFrom = 0;
  let callsFrom = 0;
  for (const { block, contentLength, callCount } of thinking) {
    const textTo = Math.max(textFrom, Math.min(contentLength, content.length));
    const callsTo = Math.max(callsFrom, Math.min(callCount, made.length));
    append(blocks, [...textBlocks(stretch(content, textFrom, textTo)), ...made.slice(callsFrom, callsTo), block]);
    textFrom = textTo;
    callsFrom = callsTo;
  }
  append(blocks, [...textBlocks(stretch(content, textFrom, content.length)), ...made.slice(callsFrom)]);
  return blocks;
}

/** A stretch of a content without the blank line that answers put between two of them. */
function stretch(content: string, from: number, to: number): string {
  const text = content.slice(from, to);
  return from > 0 && text.startsWith("\n\n") ? text.slice(2) : text;
}

/** Adds to a list. A call with as many arguments as a foreign list is long could overflow the stack. */
function append(list: MessageBlock[], more: readonly MessageBlock[]): void {
  for (const block of more) list.push(block);
}

function toTurn({ role, results, blocks }: OpenTurn): readonly ClientTurn[] {
  const all = [...results, ...blocks];
  return all.length === 0 ? [] : [{ role, content: contentOf(all) }];
}

/** One plain text as a string, anything else as blocks. */
function contentOf(blocks: readonly MessageBlock[]): string | readonly MessageBlock[] {
  if (blocks.length === 0) return "";
  const [first] = blocks;
  const isPlain = blocks.length === 1 && first?.type === "text" && first["cache_control"] === undefined;
  return isPlain ? String(first["text"]) : blocks;
}
