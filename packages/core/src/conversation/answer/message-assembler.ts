import type { Message } from "../../protocol/anthropic.ts";
import { isObject, type JsonObject } from "../../base/json.ts";
import { readToolInput } from "./tool-json.ts";

type Members = Record<string, unknown>;

/** Event of a message stream, of a known kind or a later one. */
export interface AnyStreamEvent {
  /** Kind of the event. */
  readonly type: string;
}

/**
 * Assembles the events of a message stream into the message that the API would answer without streaming. Blocks,
 * deltas and members that are not known are kept as they came.
 *
 * @example
 * ```ts
 * const assembler = new MessageAssembler();
 * for (const event of messageToEvents(message)) assembler.push(event);
 * console.log(assembler.isComplete, assembler.message()?.stop_reason); // true end_turn
 * ```
 */
export class MessageAssembler {
  #message: Members | undefined;
  readonly #blocks = new Map<number, Members>();
  readonly #inputs = new Map<number, string[]>();
  readonly #ownLists = new WeakSet<unknown[]>();
  /** The message's counts, once an event has added to them. */
  #usage: Members | undefined;
  /** Tool calls that were ended with arguments that are no JSON. */
  readonly #broken = new Set<number>();
  readonly #closed = new Set<number>();
  #isComplete = false;
  #error: JsonObject | undefined;

  /** True after `message_stop`. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Content of an `error` event; undefined without one. */
  get error(): JsonObject | undefined {
    return this.#error;
  }

  /**
   * Reads the next event. An event that does not fit those before changes nothing.
   *
   * @param event - event of the stream.
   */
  push(event: AnyStreamEvent): void {
    const members: JsonObject = { ...event };
    switch (event.type) {
      case "message_start":
        if (isObject(members["message"])) this.#message ??= { ...members["message"] };
        return;
      case "content_block_start":
        if (isObject(members["content_block"])) this.#blocks.set(indexOf(members), { ...members["content_block"] });
        return;
      case "content_block_delta":
        if (isObject(members["delta"])) this.#delta(indexOf(members), members["delta"]);
        return;
      case "content_block_stop":
        this.#closed.add(indexOf(members));
        this.#closeInput(indexOf(members));
        return;
      case "message_delta":
        this.#messageDelta(members);
        return;
      case "message_stop":
        this.#isComplete = true;
        return;
      case "error":
        this.#error = isObject(members["error"]) ? members["error"] : {};
        return;
    }
  }

  /** True if a tool call has not ended, or its arguments are no whole JSON; `message` leaves such a call out. */
  get hasBrokenCall(): boolean {
    if (this.#broken.size > 0) return true;
    for (const [index, block] of this.#blocks) if (isCall(block) && !this.#closed.has(index)) return true;
    return false;
  }

  /**
   * Assembles the message as far as it has come. Tool calls that have not ended are left out, because a program that
   * finds a call may run it, and the rest of its arguments is unknown.
   *
   * @returns the message; undefined before `message_start`.
   */
  message(): Message | undefined {
    if (this.#message === undefined) return undefined;
    const content = [...this.#blocks.entries()]
      .filter(([index, block]) => !isCall(block) || (this.#closed.has(index) && !this.#broken.has(index)))
      .sort(([a], [b]) => a - b)
      .map(([, block]) => block);
    // The members are those that the stream itself declared; what is not known of them is the reader's to look at.
    return { ...this.#message, content } as unknown as Message;
  }

  #delta(index: number, delta: JsonObject): void {
    const block = this.#blocks.get(index);
    if (block === undefined) return;
    switch (delta["type"]) {
      case "input_json_delta": {
        const parts = this.#inputs.get(index);
        const part = typeof delta["partial_json"] === "string" ? delta["partial_json"] : "";
        if (parts) parts.push(part);
        else this.#inputs.set(index, [part]);
        return;
      }
      case "signature_delta":
        block["signature"] = delta["signature"];
        return;
      case "citations_delta":
        this.#append(block, "citations", [delta["citation"]]);
        return;
      case "text_delta":
        appendText(block, "text", delta["text"]);
        return;
      case "thinking_delta":
        // Its `estimated_tokens` tells of progress; in a block that comes back as history the API refuses it.
        appendText(block, "thinking", delta["thinking"]);
        return;
      default:
        this.#mergeDelta(block, delta);
    }
  }

  /** Compactions, and any delta of a later API: strings and arrays grow, everything else is replaced. */
  #mergeDelta(block: Members, delta: JsonObject): void {
    for (const [key, value] of Object.entries(delta)) {
      if (key === "type") continue;
      const before = block[key];
      if (typeof before === "string" && typeof value === "string") block[key] = before + value;
      else if (Array.isArray(before) && Array.isArray(value)) this.#append(block, key, value);
      else block[key] = value;
    }
  }

  /** Makes a list of a block longer. The first time it is copied, because it belongs to an event; copying it each time would take quadratic time. */
  #append(block: Members, key: string, more: readonly unknown[]): void {
    const before = block[key];
    const isOwn = Array.isArray(before) && this.#ownLists.has(before);
    const list: unknown[] = isOwn ? before : Array.isArray(before) ? [...before] : [];
    for (const one of more) list.push(one);
    this.#ownLists.add(list);
    block[key] = list;
  }

  #closeInput(index: number): void {
    const json = this.#inputs.get(index)?.join("") ?? "";
    this.#inputs.delete(index);
    const block = this.#blocks.get(index);
    if (block === undefined || json === "") return;
    const read = readToolInput(json);
    if (read) block["input"] = read.input;
    else this.#broken.add(index);
  }

  #messageDelta(event: JsonObject): void {
    const message = this.#message;
    if (message === undefined) return;
    const { type: _type, delta, usage, ...others } = event;
    Object.assign(message, others, isObject(delta) ? delta : undefined);
    // The counts are totals; what does not apply is left out or null and must not erase what `message_start` said.
    this.#usage ??= isObject(message["usage"]) ? { ...message["usage"] } : {};
    for (const [key, value] of Object.entries(isObject(usage) ? usage : {})) {
      if (value !== null && value !== undefined) this.#usage[key] = value;
    }
    message["usage"] = this.#usage;
  }
}

function isCall({ type }: JsonObject): boolean {
  return typeof type === "string" && type.endsWith("tool_use");
}

function appendText(block: Members, key: "text" | "thinking", more: unknown): void {
  const before = block[key];
  if (typeof more === "string") block[key] = typeof before === "string" ? before + more : more;
}

function indexOf(event: JsonObject): number {
  return typeof event["index"] === "number" ? event["index"] : 0;
}
