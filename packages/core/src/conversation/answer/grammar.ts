import type { AnyStreamEvent } from "./message-assembler.ts";
import { isObject, parseJson, type JsonObject } from "../../base/json.ts";

/** A rule of the message stream's grammar, by what breaks it. */
export type GrammarRule =
  | "start-first" // something before `message_start`
  | "start-once"
  | "start-shape" // no id, role, model or whole counts
  | "index-order" // blocks are numbered 0, 1, 2 …
  | "one-open" // a block was started while another was open
  | "block-unknown" // a delta or stop of a block that is not open
  | "delta-kind" // a delta that does not fit its block, or without its text
  | "tool-id" // an id that is malformed or used twice, or a tool without a name
  | "tool-json" // a closed tool call whose input is not JSON
  | "empty-text" // a closed text block without text
  | "signature" // a closed thinking block without exactly one signature
  | "delta-once" // not exactly one `message_delta`, or one without a reason
  | "usage" // counts that are no whole numbers
  | "open-at-end" // `message_delta` or `message_stop` while a block is open that is no tool call cut by a limit
  | "after-end" // something after `message_stop` or `error`
  | "no-end" // neither `message_stop` nor `error`
  | "event-name"; // the `event:` line is not the event's type

/** Breach of the grammar of a message stream. */
export interface GrammarProblem {
  /** Rule that was broken. */
  readonly rule: GrammarRule;
  /** Sentence that describes the violation. */
  readonly detail: string;
}

interface OpenBlock {
  readonly index: number;
  readonly type: unknown;
  length: number;
  json: string;
  signatures: number;
}

/**
 * Checks a message stream against the grammar that Claude Code and the official SDK rely on, for tests and a debug
 * mode. Blocks and deltas of unknown kinds are only checked for their order.
 *
 * @see https://docs.anthropic.com/en/docs/build-with-claude/streaming
 * @example
 * ```ts
 * const checker = new MessageStreamChecker();
 * for (const event of messageToEvents(message)) checker.push(event);
 * console.log(checker.end().length); // 0
 * ```
 */
export class MessageStreamChecker {
  readonly #problems: GrammarProblem[] = [];
  readonly #toolIds = new Set<unknown>();
  #open: OpenBlock | undefined;
  #nextIndex = 0;
  #hasStarted = false;
  #hasDelta = false;
  #hasEnded = false;

  /** Problems so far, in order. */
  get problems(): readonly GrammarProblem[] {
    return this.#problems;
  }

  /**
   * Checks the next event.
   *
   * @param event - event of the stream.
   * @param name - content of its `event:` line, if the stream was read from SSE.
   */
  push(event: AnyStreamEvent, name?: string): void {
    if (name !== undefined && name !== event.type) this.#note("event-name", `${name} is not ${event.type}`);
    if (this.#hasEnded) this.#note("after-end", event.type);
    const members: JsonObject = { ...event };
    if (!this.#hasStarted && event.type !== "message_start" && event.type !== "ping" && event.type !== "error") {
      this.#note("start-first", event.type);
    }
    switch (event.type) {
      case "message_start":
        this.#start(members);
        return;
      case "content_block_start":
        this.#blockStart(members);
        return;
      case "content_block_delta":
        this.#blockDelta(members);
        return;
      case "content_block_stop":
        this.#blockStop(members);
        return;
      case "message_delta":
        this.#messageDelta(members);
        return;
      case "message_stop":
        this.#messageStop();
        return;
      case "error":
        this.#hasEnded = true;
        return;
    }
  }

  /**
   * Ends the stream.
   *
   * @returns all problems, in order.
   */
  end(): readonly GrammarProblem[] {
    if (!this.#hasEnded) this.#note("no-end", "the stream has neither message_stop nor error");
    return this.#problems;
  }

  #start(event: JsonObject): void {
    if (this.#hasStarted) this.#note("start-once", "a second message_start");
    this.#hasStarted = true;
    const { message } = event;
    if (
      !isObject(message) ||
      typeof message["id"] !== "string" ||
      message["role"] !== "assistant" ||
      typeof message["model"] !== "string" ||
      !Array.isArray(message["content"])
    ) {
      this.#note("start-shape", "message_start holds no message");
      return;
    }
    this.#usage(message["usage"], ["input_tokens", "output_tokens"]);
  }

  #blockStart(event: JsonObject): void {
    const { index, content_block: block } = event;
    if (this.#open) this.#note("one-open", `block ${String(index)} starts while ${this.#open.index} is open`);
    if (index !== this.#nextIndex) this.#note("index-order", `block ${String(index)} instead of ${this.#nextIndex}`);
    if (this.#hasDelta) this.#note("delta-once", "a block after message_delta");
    this.#nextIndex = typeof index === "number" ? index + 1 : this.#nextIndex + 1;
    const type = isObject(block) ? block["type"] : undefined;
    const text = isObject(block) && typeof block["text"] === "string" ? block["text"] : "";
    this.#open = { index: this.#nextIndex - 1, type, length: text.length, json: "", signatures: 0 };
    if (type === "tool_use" && isObject(block)) this.#tool(block);
  }

  #tool(block: JsonObject): void {
    const { id, name } = block;
    if (typeof id !== "string" || !/^[A-Za-z0-9_-]+$/.test(id)) this.#note("tool-id", `malformed id ${String(id)}`);
    else if (this.#toolIds.has(id)) this.#note("tool-id", `id ${id} is used twice`);
    this.#toolIds.add(id);
    if (typeof name !== "string" || name === "") this.#note("tool-id", "a tool call without a name");
  }

  #blockDelta(event: JsonObject): void {
    const open = this.#open;
    const { index, delta } = event;
    if (open === undefined || open.index !== index) {
      this.#note("block-unknown", `a delta for block ${String(index)}, which is not open`);
      return;
    }
    if (!isObject(delta)) {
      this.#note("delta-kind", "a delta without a delta");
      return;
    }
    switch (delta["type"]) {
      case "text_delta":
        this.#fits(open, ["text"], delta["text"]);
        return;
      case "thinking_delta":
        this.#fits(open, ["thinking"], delta["thinking"]);
        return;
      case "signature_delta":
        open.signatures += 1;
        this.#fits(open, ["thinking"], delta["signature"]);
        return;
      case "input_json_delta":
        this.#fits(open, ["tool_use", "server_tool_use", "mcp_tool_use"], delta["partial_json"]);
        open.json += String(delta["partial_json"]);
        return;
    }
  }

  #fits(open: OpenBlock, types: readonly string[], text: unknown): void {
    if (!types.includes(String(open.type)))
      this.#note("delta-kind", `a delta of another kind on a ${String(open.type)} block`);
    if (typeof text === "string") open.length += text.length;
    else this.#note("delta-kind", "a delta without its text");
  }

  #blockStop(event: JsonObject): void {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined || open.index !== event["index"]) {
      this.#note("block-unknown", `a stop of block ${String(event["index"])}, which is not open`);
      return;
    }
    if (open.type === "text" && open.length === 0) this.#note("empty-text", `block ${open.index}`);
    if (open.type === "thinking" && open.signatures !== 1)
      this.#note("signature", `block ${open.index} has ${open.signatures} signatures`);
    if (open.json !== "" && !isObject(parseJson(open.json)))
      this.#note("tool-json", `block ${open.index}: ${open.json.slice(0, 100)}`);
  }

  #messageDelta(event: JsonObject): void {
    const { delta, usage } = event;
    if (this.#hasDelta) this.#note("delta-once", "a second message_delta");
    this.#hasDelta = true;
    if (this.#open && !isCutByLimit(this.#open, delta))
      this.#note("open-at-end", `message_delta while block ${this.#open.index} is open`);
    this.#open = undefined; // nothing more can come for it
    if (!isObject(delta) || typeof delta["stop_reason"] !== "string")
      this.#note("delta-once", "message_delta without a stop reason");
    this.#usage(usage, ["output_tokens"]);
  }

  #messageStop(): void {
    this.#hasEnded = true;
    if (!this.#hasDelta) this.#note("delta-once", "message_stop without message_delta");
    if (this.#open) this.#note("open-at-end", `message_stop while block ${this.#open.index} is open`);
  }

  #usage(usage: unknown, required: readonly string[]): void {
    const counts = isObject(usage) ? usage : {};
    for (const key of ["input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"]) {
      const count = counts[key];
      if ((count === undefined || count === null) && !required.includes(key)) continue;
      if (!Number.isInteger(count) || Number(count) < 0) this.#note("usage", `${key} is ${String(count)}`);
    }
  }

  #note(rule: GrammarRule, detail: string): void {
    this.#problems.push({ rule, detail });
  }
}

const limits: ReadonlySet<unknown> = new Set(["max_tokens", "model_context_window_exceeded"]);

/** A tool call that a limit cut has no end: clients run a call when its block ends. */
function isCutByLimit({ type }: OpenBlock, delta: unknown): boolean {
  return type === "tool_use" && isObject(delta) && limits.has(delta["stop_reason"]);
}
