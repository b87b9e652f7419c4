import { checkAnswerContext } from "../../conversation/context.ts";
import type { MessagesError } from "../../failures/messages-error.ts";
import type { AnyStreamEvent } from "../../conversation/answer/message-assembler.ts";
import type {
  ChatAnnotation,
  ChatDelta,
  ChatFinishReason,
  ChatReasoningDetail,
  ChatUsage,
} from "../../protocol/chat-answer.ts";
import { isObject, type JsonObject } from "../../base/json.ts";
import type { ClientAnswerContext } from "../dialect.ts";
import { AnswerCalls } from "./client-answer-calls.ts";
import { toFinishReason } from "./client-finish.ts";
import { reasoningFormat } from "./client-reasoning.ts";
import { isLegacyForm } from "./client-tools.ts";
import { mergeUsage, toChatUsage } from "./client-usage.ts";

/** Next step of a Chat Completions stream. `alive`: a comment that keeps the connection open. */
export type ChatStep =
  | { readonly type: "delta"; readonly delta: ChatDelta }
  | { readonly type: "finish"; readonly reason: ChatFinishReason }
  | { readonly type: "usage"; readonly usage: ChatUsage }
  | { readonly type: "error"; readonly error: MessagesError }
  | { readonly type: "alive" | "done" };

/** `waiting` before the first event, `open` in the answer, `complete` after `message_stop`, `failed` after an error. */
export type ChatAnswerState = "waiting" | "open" | "complete" | "failed";

/** A text or a thinking block that is open. Calls are kept by `AnswerCalls`. */
interface OpenBlock {
  readonly start: number;
  readonly citations: JsonObject[];
  signature: string;
  thinking: string;
  readonly position: { readonly content_length: number; readonly tool_calls: number };
}

/**
 * Turns the events of a Messages stream into the steps of a Chat Completions stream. Events may come from any provider of the Messages API, so that
 * nothing is trusted to be of its type; what would lose or falsify a call breaks the answer.
 */
export class ChatAnswerMachine {
  readonly #context: ClientAnswerContext;
  readonly #calls: AnswerCalls;
  readonly #blocks = new Map<unknown, OpenBlock>();
  readonly #details: ChatReasoningDetail[] = [];
  #steps: ChatStep[] = [];
  #state: ChatAnswerState = "waiting";
  #usage: JsonObject = {};
  #stopReason: string | undefined;
  #hasRole = false;
  #isBroken = false;
  #contentLength = 0;
  #hasReasoning = false;
  /** The kind of what was given out last: two texts with something else between them are set apart by a blank line. */
  #last: "text" | "other" | undefined;

  constructor(context: ClientAnswerContext) {
    checkAnswerContext(context);
    this.#context = context;
    this.#calls = new AnswerCalls({
      customTools: context.customTools,
      isLegacy: isLegacyForm(context.request),
      give: (delta) => this.#give(delta),
    });
  }

  get state(): ChatAnswerState {
    return this.#state;
  }

  /** The events broke the answer: they held an error, or what makes up no answer. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** The counts as far as they have come. */
  get usage(): ChatUsage {
    return toChatUsage(this.#usage);
  }

  push(events: readonly AnyStreamEvent[]): readonly ChatStep[] {
    for (const event of events) if (this.#state === "waiting" || this.#state === "open") this.#event({ ...event });
    return this.#take();
  }

  /** Ends the answer with an error; nothing where it is over. */
  fail(error: MessagesError): readonly ChatStep[] {
    if (this.#state !== "complete" && this.#state !== "failed") this.#fail(error);
    return this.#take();
  }

  #take(): readonly ChatStep[] {
    const steps = this.#steps;
    this.#steps = [];
    return steps;
  }

  #event(event: JsonObject): void {
    switch (event["type"]) {
      case "message_start":
        this.#start(event["message"]);
        return;
      case "ping":
        this.#steps.push({ type: "alive" });
        return;
      case "content_block_start":
        if (isObject(event["content_block"])) this.#open(event["index"], event["content_block"]);
        return;
      case "content_block_delta":
        if (isObject(event["delta"])) this.#delta(event["index"], event["delta"]);
        return;
      case "content_block_stop":
        this.#close(event["index"]);
        return;
      case "message_delta":
        this.#messageDelta(event);
        return;
      case "message_stop":
        this.#stop();
        return;
      case "error":
        this.#failBy(event["error"]);
        return;
    }
  }

  #start(message: unknown): void {
    if (isObject(message)) this.#usage = mergeUsage(this.#usage, message["usage"]);
    this.#state = "open";
  }

  /** Gives out the role, which every stream begins with; `content` is null where the answer begins with something else, as OpenAI has it. */
  #begin(content: "" | null): void {
    this.#state = "open";
    if (this.#hasRole) return;
    this.#hasRole = true;
    this.#steps.push({ type: "delta", delta: { role: "assistant", content } });
  }

  #give(delta: ChatDelta): void {
    this.#begin(delta.content === undefined ? null : "");
    this.#steps.push({ type: "delta", delta });
  }

  #open(index: unknown, block: JsonObject): void {
    const { type, text, thinking, signature, data } = block;
    if (type === "tool_use") {
      if (!this.#calls.start(index, block)) this.#break("a tool call without an id or a name");
      this.#last = "other";
      return;
    }
    this.#calls.ignore(index);
    const position = { content_length: this.#contentLength, tool_calls: this.#calls.count };
    if (type !== "text") this.#last = "other";
    if (type === "redacted_thinking") {
      if (typeof data === "string") this.#detail({ type: "reasoning.encrypted", data }, position);
      return;
    }
    if (type !== "text" && type !== "thinking") return; // a server's own work, which Chat Completions does not show
    const open: OpenBlock = { start: this.#contentLength, citations: [], signature: "", thinking: "", position };
    this.#blocks.set(index, open);
    // Some vendors put the whole block, or its beginning, into its start.
    if (typeof text === "string") this.#text(text);
    if (typeof thinking === "string") this.#thinking(open, thinking);
    if (typeof signature === "string") open.signature = signature;
  }

  #delta(index: unknown, delta: JsonObject): void {
    const open = this.#blocks.get(index);
    const { text, thinking, signature, citation, partial_json: json } = delta;
    switch (delta["type"]) {
      case "text_delta":
        if (typeof text === "string") this.#text(text);
        return;
      case "thinking_delta":
        if (typeof thinking === "string") this.#thinking(open, thinking);
        return;
      case "signature_delta":
        if (open && typeof signature === "string") open.signature = signature;
        return;
      case "citations_delta":
        if (open && isObject(citation)) open.citations.push(citation);
        return;
      case "input_json_delta":
        if (typeof json === "string" && !this.#calls.input(index, json))
          this.#break("arguments of an unknown tool call");
        return;
    }
  }

  #text(text: string): void {
    if (text === "") return;
    const isApart = this.#contentLength > 0 && this.#last !== "text";
    const content = isApart ? `\n\n${text}` : text;
    this.#last = "text";
    this.#contentLength += content.length;
    this.#give({ content });
  }

  #thinking(open: OpenBlock | undefined, thinking: string): void {
    if (thinking === "") return;
    const isApart = this.#hasReasoning && open?.thinking === "";
    if (open) open.thinking += thinking;
    this.#hasReasoning = true;
    this.#give({ reasoning_content: isApart ? `\n\n${thinking}` : thinking });
  }

  #close(index: unknown): void {
    this.#calls.stop(index);
    const open = this.#blocks.get(index);
    if (open === undefined) return;
    this.#blocks.delete(index);
    const { signature, thinking: text, position } = open;
    if (signature !== "") this.#detail({ type: "reasoning.text", text, signature }, position);
    this.#cite(open);
  }

  /** Gives out an entry as soon as it is whole, while a reader still knows which thinking it belongs to. */
  #detail(
    detail: Pick<ChatReasoningDetail, "type" | "text" | "signature" | "data">,
    position: OpenBlock["position"],
  ): void {
    const isFirst = position.content_length === 0 && position.tool_calls === 0;
    const index = this.#details.length;
    const entry: ChatReasoningDetail = { ...detail, format: reasoningFormat, index, ...(!isFirst && { position }) };
    this.#details.push(entry);
    this.#give({ reasoning_details: [entry] });
  }

  #cite({ start, citations }: OpenBlock): void {
    const annotations: ChatAnnotation[] = [];
    for (const { url, title } of citations) {
      if (typeof url !== "string" || url === "") continue;
      const name = typeof title === "string" ? title : url;
      const place = { start_index: start, end_index: this.#contentLength };
      annotations.push({ type: "url_citation", url_citation: { ...place, url, title: name } });
    }
    if (annotations.length > 0) this.#give({ annotations });
  }

  #messageDelta({ delta, usage }: JsonObject): void {
    this.#usage = mergeUsage(this.#usage, usage);
    const reason = isObject(delta) ? delta["stop_reason"] : undefined;
    if (typeof reason === "string") this.#stopReason = reason;
  }

  #stop(): void {
    if (this.#stopReason === undefined || this.#state === "waiting") {
      this.#break("the end of a message that has none");
      return;
    }
    for (const index of this.#blocks.keys()) this.#close(index);
    const isCut = this.#stopReason === "max_tokens" || this.#stopReason === "model_context_window_exceeded";
    this.#calls.settle();
    if (this.#calls.hasBroken && !isCut) {
      this.#break("a tool call whose arguments are cut or no JSON");
      return;
    }
    this.#begin("");
    // Again and whole: clients that overwrite an unknown member with each chunk (the openai package) would keep the last entry alone.
    if (this.#details.length > 1) this.#give({ reasoning_details: this.#details });
    this.#steps.push({ type: "finish", reason: toFinishReason(this.#stopReason, this.#calls) });
    if (this.#context.includeUsage) this.#steps.push({ type: "usage", usage: this.usage });
    this.#steps.push({ type: "done" });
    this.#state = "complete";
  }

  #break(what: string): void {
    this.#isBroken = true;
    const message = `the provider's stream is malformed: it holds ${what}`;
    this.#fail({ status: 502, error: { type: "api_error", message } });
  }

  /** An `error` event of the provider's stream. */
  #failBy(error: unknown): void {
    const { type, message } = isObject(error) ? error : {};
    this.#isBroken = true;
    const isOverloaded = type === "overloaded_error";
    this.#fail({
      status: isOverloaded ? 529 : 502,
      error: {
        type: isOverloaded ? type : "api_error",
        message: typeof message === "string" && message !== "" ? message : "the provider's stream ended with an error",
      },
    });
  }

  #fail(error: MessagesError): void {
    this.#state = "failed";
    this.#steps.push({ type: "error", error });
  }
}
