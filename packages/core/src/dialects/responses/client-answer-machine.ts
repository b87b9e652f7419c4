import { checkAnswerContext } from "../../conversation/context.ts";
import type { MessagesError } from "../../failures/messages-error.ts";
import type { AnyStreamEvent } from "../../conversation/answer/message-assembler.ts";
import { isObject, type JsonObject } from "../../base/json.ts";
import type { ClientAnswerContext } from "../dialect.ts";
import type { ItemStatus } from "./client-calls.ts";
import { responsesErrorOf } from "./client-error.ts";
import { CallItem, MessageItem, type OutputItem, ReasoningItem } from "./client-items.ts";
import { responseObject, type ResponseState, responseUsage } from "./client-response.ts";
import { SearchItem } from "./client-search.ts";

/** An event of a Responses stream. */
export type ResponsesStreamEvent = JsonObject & { readonly type: string; readonly sequence_number: number };

type AnyItem = MessageItem | ReasoningItem | CallItem | SearchItem;

/**
 * Turns the events of a Messages stream into those of a Responses stream. Synchronous; one an answer. Whatever is pushed, the output is legal: items open
 * and close in order, and nothing follows the end. Only `message_stop` behind a `message_delta` with a stop reason ends a response well.
 */
export class ResponsesAnswerMachine {
  readonly #context: ClientAnswerContext;
  readonly #output: JsonObject[] = [];
  #events: ResponsesStreamEvent[] = [];
  #sequence = 0;
  #state: "waiting" | "open" | "ended" = "waiting";
  #item: AnyItem | undefined;
  /** The block that takes deltas now; undefined between blocks, and in one that is not shown. */
  #block: number | undefined;
  #usage: JsonObject = {};
  #stopReason: unknown;
  #isBroken = false;

  constructor(context: ClientAnswerContext) {
    checkAnswerContext(context);
    this.#context = context;
  }

  /** The response has come to its end, good or bad. */
  get hasEnded(): boolean {
    return this.#state === "ended";
  }

  /** The answer ended with an error: the provider's, or because its events make up no whole answer. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Returns the events that the next events of a Messages stream become. Unknown kinds of blocks and deltas are left out. */
  push(events: readonly AnyStreamEvent[]): readonly ResponsesStreamEvent[] {
    // A stream's events are read only; their types are those of the API, whose members are looked at one by one.
    for (const event of events) this.#take(event as unknown as JsonObject);
    return this.#drain();
  }

  /** Ends the response as failed: `error`, then `response.failed`, as OpenAI does. Returns nothing where it has ended already. */
  fail(error: Pick<MessagesError, "error">): readonly ResponsesStreamEvent[] {
    if (this.#state === "ended") return [];
    this.#start({});
    const { code, message, type, param } = responsesErrorOf(error);
    this.#emit("error", { code, message, param, error: { type, code, message, param } });
    this.#end({ status: "failed", output: this.#output, error: { code: code ?? type, message } });
    return this.#drain();
  }

  #drain(): readonly ResponsesStreamEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #take(event: JsonObject): void {
    if (this.#state === "ended") return;
    switch (event["type"]) {
      case "message_start":
        if (isObject(event["message"])) this.#start(event["message"]);
        return;
      case "content_block_start":
        if (isObject(event["content_block"])) this.#startBlock(event["index"], event["content_block"]);
        return;
      case "content_block_delta":
        if (this.#isBlock(event) && isObject(event["delta"])) this.#item?.delta(event["delta"]);
        return;
      case "content_block_stop":
        if (this.#isBlock(event)) this.#item?.endBlock();
        if (this.#isBlock(event)) this.#block = undefined;
        return;
      case "message_delta":
        this.#messageDelta(event);
        return;
      case "message_stop":
        this.#finish();
        return;
      case "error":
        this.#failWith(event["error"]);
    }
  }

  #isBlock({ index }: JsonObject): boolean {
    return this.#block !== undefined && index === this.#block;
  }

  #start(message: JsonObject): void {
    if (this.#state !== "waiting") return;
    this.#state = "open";
    this.#count(message["usage"]);
    const response = responseObject(this.#context, { status: "in_progress", output: [] });
    this.#emit("response.created", { response });
    this.#emit("response.in_progress", { response });
  }

  #startBlock(index: unknown, block: JsonObject): void {
    if (this.#state !== "open" || this.#stopReason !== undefined || typeof index !== "number") return;
    this.#item?.endBlock();
    this.#block = undefined;
    const item = this.#itemFor(block);
    if (item === undefined || this.hasEnded) return;
    this.#item = item;
    this.#block = index;
    if (typeof block["text"] === "string") item.delta({ type: "text_delta", text: block["text"] });
    if (typeof block["thinking"] === "string") item.delta({ type: "thinking_delta", thinking: block["thinking"] });
    if (typeof block["signature"] === "string") item.delta({ type: "signature_delta", signature: block["signature"] });
  }

  /** The item that a block belongs to; undefined for a block that is no item of its own. */
  #itemFor(block: JsonObject): AnyItem | undefined {
    const { type, id, name, input, data } = block;
    switch (type) {
      case "text":
        return this.#item?.type === "message" ? this.#item : new MessageItem(this.#next("msg"));
      case "thinking":
        return new ReasoningItem(this.#next("rs"), undefined);
      case "redacted_thinking":
        return typeof data === "string" ? new ReasoningItem(this.#next("rs"), data) : undefined;
      case "tool_use": {
        if (typeof id !== "string" || typeof name !== "string") return undefined;
        const tool = this.#context.customTools.get(name);
        const prefix = tool?.["type"] === "custom" ? "ctc" : "fc";
        return new CallItem(this.#next(prefix), { callId: id, name, tool, input: isObject(input) ? input : {} });
      }
      case "server_tool_use":
        if (name !== "web_search" && name !== "web_fetch") return undefined;
        return new SearchItem(this.#next("ws"), block);
      case "web_search_tool_result":
      case "web_fetch_tool_result":
        if (this.#item?.type === "search" && this.#item.toolUseId === block["tool_use_id"]) {
          this.#item.found(block["content"]);
        }
        return undefined;
      default:
        return undefined;
    }
  }

  /** Closes the item before, and returns the place of the next. */
  #next(prefix: string): { emit: (type: string, members: JsonObject) => void; id: string; outputIndex: number } {
    this.#closeItem("completed");
    const outputIndex = this.#output.length;
    const { id } = this.#context;
    return {
      emit: (type, members) => this.#emit(type, members),
      id: `${prefix}_${id.startsWith("resp_") ? id.slice("resp_".length) : id}_${outputIndex}`,
      outputIndex,
    };
  }

  #closeItem(status: ItemStatus): void {
    const item: OutputItem | undefined = this.#item;
    this.#item = undefined;
    this.#block = undefined;
    // Clients run a call once its item is done.
    if (status === "completed" && item instanceof CallItem && !item.isWhole) {
      this.#failWith({
        message: "the provider's stream is malformed: it holds a tool call whose arguments are cut or no JSON",
      });
      return;
    }
    const whole = item?.close(status);
    if (whole === undefined || this.#state === "ended") return;
    this.#emit("response.output_item.done", { output_index: this.#output.length, item: whole });
    this.#output.push(whole);
    this.#context.onItem?.(whole);
  }

  #messageDelta(event: JsonObject): void {
    if (this.#state !== "open") return;
    const delta = isObject(event["delta"]) ? event["delta"] : {};
    this.#count(event["usage"]);
    const { stop_reason: reason, stop_details: details } = delta;
    if (typeof reason !== "string" || this.#stopReason !== undefined) return;
    this.#stopReason = reason;
    const explanation = isObject(details) ? details["explanation"] : undefined;
    if (reason === "refusal" && typeof explanation === "string" && explanation !== "") this.#refuse(explanation);
    // Only what comes last can have been cut.
    this.#closeItem(incompleteReasons.has(reason) ? "incomplete" : "completed");
  }

  #refuse(explanation: string): void {
    const message = this.#item?.type === "message" ? this.#item : new MessageItem(this.#next("msg"));
    this.#item = message;
    message.refuse(explanation);
  }

  #count(usage: unknown): void {
    if (!isObject(usage)) return;
    const counted = Object.entries(usage).filter(([, value]) => value !== null && value !== undefined);
    this.#usage = { ...this.#usage, ...Object.fromEntries(counted) };
  }

  #finish(): void {
    if (this.#state !== "open") return;
    if (typeof this.#stopReason !== "string") {
      this.#failWith({ type: "api_error", message: "the provider's answer ended without saying why" });
      return;
    }
    const reason = incompleteReasons.get(this.#stopReason);
    this.#end({
      status: reason === undefined ? "completed" : "incomplete",
      output: this.#output,
      usage: responseUsage(this.#usage),
      ...(reason !== undefined && { incompleteReason: reason }),
      completedAt: Math.floor((this.#context.now?.() ?? this.#context.createdAtMs) / 1000),
    });
  }

  #failWith(reason: unknown): void {
    this.#isBroken = true;
    const { type, message } = isObject(reason) ? reason : {};
    const error = {
      type: (typeof type === "string" ? type : "api_error") as MessagesError["error"]["type"],
      message: typeof message === "string" ? message : "the answer broke off",
    };
    const events = this.fail({ error });
    this.#events = [...events];
  }

  #end(state: ResponseState): void {
    this.#item = undefined;
    this.#emit(`response.${state.status}`, { response: responseObject(this.#context, state) });
    this.#state = "ended";
  }

  #emit(type: string, members: JsonObject): void {
    if (this.#state === "ended") return;
    this.#events.push({ type, sequence_number: this.#sequence, ...members });
    this.#sequence += 1;
  }
}

/** The stop reasons of an answer that is not whole, and OpenAI's words for them. `pause_turn` has none: the provider wants to be asked to go on. */
const incompleteReasons: ReadonlyMap<string, string> = new Map([
  ["max_tokens", "max_output_tokens"],
  ["model_context_window_exceeded", "max_output_tokens"],
  ["refusal", "content_filter"],
  ["pause_turn", "pause_turn"],
]);
