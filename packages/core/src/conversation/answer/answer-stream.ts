import type { TokenUsage } from "../../base/events.ts";
import type { MessageStreamEvent, StopReason } from "../../protocol/anthropic.ts";
import type { StreamFailure } from "../../base/outcome.ts";
import { defaultMaxBufferSize, SseDecoder, type SseEvent, type SseItem } from "../../sse/decode.ts";
import type { Answer, GenerateId } from "./answer.ts";
import { AnswerBytes, type AnswerBody, errorFailure, looseError } from "./answer-body.ts";
import type { AnswerDialect } from "./answer-dialect.ts";
import { formOf, pageDetail, withoutSpace } from "./body-form.ts";
import type { TranslationWarning } from "../context.ts";
import { readErrorText } from "../../failures/error-text.ts";
import { isObject } from "../../base/json.ts";
import { failureMessage, isOverloadedError } from "../../failures/messages-error.ts";
import { toTokenUsage } from "./usage.ts";

/**
 * `prelude`: nothing that a client would lose has come; `content`: the first content, or a finish reason, is there; `complete`: the answer is
 * whole, whatever the upstream still sends; `failed`: `failure` says why.
 */
export type AnswerStreamState = "prelude" | "content" | "complete" | "failed";

export interface AnswerStreamOptions {
  /** Makes ids for the message and for tool calls that have none; default: ids made of the upstream's own id of the answer. */
  readonly generateId?: GenerateId;
  /** Bound of one upstream event, of one tool call, and of what waits behind an unfinished one; UTF-16 units, default 16 Mi. */
  readonly maxBufferSize?: number;
  /** Bound of the upstream's events before content; default 2,000. */
  readonly maxPreludeEvents?: number;
}

const nothing: readonly MessageStreamEvent[] = [];
const defaultMaxPreludeEvents = 2_000;

/**
 * Translates the stream of one dialect, or a JSON answer that came in its place, into Anthropic events. A synchronous machine: bytes in, in any
 * split, events out. It never throws.
 *
 * A failure before content leaves no events: the caller can go elsewhere. A failure after it shows in `state` and `failure`; `push` and `end`
 * return what was whole before it, no block is closed, and `ending` has the `error` event that ends such a stream legally.
 */
export class AnswerStream {
  readonly #dialect: AnswerDialect;
  readonly #decoder: SseDecoder;
  #json: AnswerBytes | undefined;
  readonly #maxBufferSize: number;
  readonly #maxPreludeEvents: number;
  #form: "unknown" | "events" | "json" = "unknown";
  #state: AnswerStreamState = "prelude";
  #failure: StreamFailure | undefined;
  #preludeEvents = 0;
  #preludeBytes = 0;
  #hasSeenEvent = false;
  #sawKeepAlive = false;
  #isEnding = false;
  #hasGivenOut = false;

  /** @internal `openDialect` is given the bound of what its answer may hold back. */
  constructor(openDialect: (maxHeldLength: number) => AnswerDialect, options: AnswerStreamOptions = {}) {
    const { maxBufferSize = defaultMaxBufferSize, maxPreludeEvents = defaultMaxPreludeEvents } = options;
    this.#maxBufferSize = maxBufferSize;
    this.#maxPreludeEvents = maxPreludeEvents;
    this.#dialect = openDialect(maxBufferSize);
    this.#decoder = new SseDecoder({ maxBufferSize });
  }

  get #answer(): Answer {
    return this.#dialect.answer;
  }

  get state(): AnswerStreamState {
    return this.#state;
  }

  get failure(): StreamFailure | undefined {
    return this.#failure;
  }

  /** Tokens, as far as the upstream has reported them. */
  get usage(): TokenUsage | undefined {
    const usage = this.#answer.messageUsage;
    return usage && toTokenUsage(usage);
  }

  /** Reason why the answer stopped; undefined until it is complete. */
  get stopReason(): StopReason | undefined {
    return this.#answer.stopReason;
  }

  get warnings(): readonly TranslationWarning[] {
    return this.#answer.warnings;
  }

  /** The last `push` held a comment or a chunk that made no event: the upstream lives, and the client may be told so by a `ping`. */
  get sawKeepAlive(): boolean {
    return this.#sawKeepAlive;
  }

  /** A finish reason has come: from here on an end, a cut or a silence is a whole answer, and `end` completes it. */
  get hasFinishReason(): boolean {
    return this.#answer.hasFinish;
  }

  /** The events that these bytes complete. */
  push(bytes: Uint8Array): readonly MessageStreamEvent[] {
    this.#sawKeepAlive = false;
    if (this.#isOver()) return nothing;
    if (this.#state === "prelude") this.#preludeBytes += bytes.length;
    const body = this.#form === "unknown" ? this.#findForm(bytes) : bytes;
    if (this.#form === "json") {
      this.#json ??= new AnswerBytes(this.#maxBufferSize);
      const failure = this.#json.push(body);
      if (failure) this.#fail(failure);
    } else if (this.#form === "events") this.#pushItems(this.#decoder.push(body));
    return this.#take();
  }

  /** The upstream has ended, or must be taken for ended: the state is `complete` or `failed` afterwards. */
  end(): readonly MessageStreamEvent[] {
    this.#sawKeepAlive = false;
    if (this.#isOver()) return nothing;
    this.#isEnding = true;
    if (this.#json) this.#endJson(this.#json.end());
    else {
      this.#pushItems(this.#decoder.end());
      if (!this.#isOver()) this.#endEvents();
    }
    return this.#take();
  }

  /** The last events of a stream that failed after content: one `error` event. None in any other state. */
  ending(): readonly MessageStreamEvent[] {
    const failure = this.#failure;
    if (failure === undefined || !this.#hasGivenOut) return nothing;
    const type = failure.type === "error" && isOverloadedError(failure.error) ? "overloaded_error" : "api_error";
    return [{ type: "error", error: { type, message: failureMessage(failure) } }];
  }

  #isOver(): boolean {
    return this.#state === "complete" || this.#state === "failed";
  }

  #take(): readonly MessageStreamEvent[] {
    const { writer } = this.#answer;
    if (this.#state === "prelude" && writer.hasStarted) this.#state = "content";
    // A JSON answer is judged as a whole: nothing of a broken one goes out.
    if (this.#state === "failed" && this.#form === "json") return nothing;
    const events = writer.take();
    this.#hasGivenOut ||= events.length > 0;
    return events;
  }

  /** Finds out whether the body is an event stream or JSON, and returns the bytes at which it begins. */
  #findForm(bytes: Uint8Array): Uint8Array {
    const body = withoutSpace(bytes);
    const form = formOf(body);
    if (form === undefined) this.#checkPrelude();
    else if (form === "page") this.#fail({ type: "not-an-answer", detail: pageDetail(body) });
    else this.#form = form;
    return body;
  }

  #pushItems(items: readonly SseItem[]): void {
    for (const item of items) {
      this.#item(item);
      if (this.#isOver()) return;
    }
    const { failure } = this.#decoder;
    if (failure) this.#fail({ type: "too-large", detail: failure.detail });
    else this.#checkPrelude();
  }

  #item(item: SseItem): void {
    switch (item.type) {
      case "event":
        this.#event(item);
        return;
      case "comment":
        this.#sawKeepAlive = true;
        return;
      case "junk":
        this.#fail(looseError(item.line) ?? this.#junk("a line that is no field of an event stream"));
        return;
      case "damaged":
        this.#damaged(item.data);
        return;
    }
  }

  /** An event with bytes that are no UTF-8 is left out, unless it can be a part of a tool call: a call without it would be another one. */
  #damaged(data: string): void {
    const { writer } = this.#answer;
    const detail = "an event that is not valid UTF-8";
    if (!writer.hasStarted || writer.hasUnfinishedTool || this.#dialect.holdsCall(this.#dialect.parse(data))) {
      this.#fail(this.#junk(detail));
      return;
    }
    this.#sawKeepAlive = true;
    writer.warn("invalid_utf8", `${detail} was left out`);
  }

  #event(event: SseEvent): void {
    const { data } = event;
    if (data === "[DONE]") {
      this.#done();
      return;
    }
    const name = event.event;
    if (data === "" || (name !== undefined && isKeepAliveName(name))) {
      this.#sawKeepAlive = true;
      return;
    }
    const chunk = this.#dialect.parse(data);
    if (chunk === undefined) {
      if (data.trim() === "[DONE]") this.#done();
      else if (name === "error") this.#fail({ type: "error", error: readErrorText(data) });
      else this.#fail(this.#junk("an event whose data is no JSON"));
      return;
    }
    this.#hasSeenEvent = true;
    if (this.#state === "prelude") this.#preludeEvents += 1;
    this.#chunk(chunk, name);
  }

  #chunk(chunk: unknown, name: string | undefined): void {
    const before = this.#answer.writer.waiting;
    this.#dialect.chunk(chunk, name);
    const answer = this.#answer;
    const { writer } = answer;
    if (name === "error" && answer.failure === undefined) answer.fail(namedError(chunk));
    if (answer.failure) this.#fail(answer.failure);
    else if (writer.isOverfull) this.#fail(this.#overfull());
    else if (answer.isCutShort || answer.isTerminated) this.#complete();
    else if (answer.hasFinish) writer.start();
    if (writer.waiting === before) this.#sawKeepAlive = true;
  }

  #done(): void {
    const answer = this.#answer;
    if (answer.hasFinish || this.#dialect.mayEnd()) this.#complete();
    else if (answer.hasContent) this.#fail({ type: "truncated" });
    else this.#fail({ type: "not-an-answer", detail: "the provider's stream ended without an answer" });
  }

  #endEvents(): void {
    if (this.#answer.hasFinish) this.#complete();
    else if (this.#hasSeenEvent) this.#fail({ type: "truncated" });
    else this.#fail({ type: "not-an-answer", detail: "the provider sent an empty body" });
  }

  #endJson(body: AnswerBody): void {
    if (body.type === "failure") {
      this.#fail(body.failure);
      return;
    }
    this.#dialect.whole(body.value);
    const { failure } = this.#answer;
    if (failure) this.#fail(failure);
    else this.#complete();
  }

  #complete(): void {
    this.#answer.complete();
    const { failure } = this.#answer;
    this.#failure = failure;
    this.#state = failure ? "failed" : "complete";
  }

  #fail(failure: StreamFailure): void {
    // After a finish reason the answer is whole, whatever the upstream breaks afterwards; but for a tool call that is broken itself.
    if (this.#answer.hasFinish && this.#answer.failure === undefined) {
      this.#complete();
      return;
    }
    this.#failure = failure;
    this.#state = "failed";
  }

  /**
   * Describes content that cannot be read: cut off, if the upstream ended in the middle of it. The content is not
   * quoted, because it may be a part of the answer.
   */
  #junk(detail: string): StreamFailure {
    if (this.#isEnding && this.#hasSeenEvent) return { type: "truncated" };
    return this.#hasSeenEvent
      ? { type: "junk", detail }
      : { type: "not-an-answer", detail: `the provider sent something that is no answer: ${detail}` };
  }

  #overfull(): StreamFailure {
    return { type: "too-large", detail: `the provider's answer holds more than ${this.#maxBufferSize} bytes back` };
  }

  #checkPrelude(): void {
    if (this.#answer.writer.hasStarted) return;
    if (this.#preludeBytes > this.#maxBufferSize || this.#preludeEvents > this.#maxPreludeEvents) {
      this.#fail({ type: "too-large", detail: "the provider sent too much before its first content" });
    }
  }
}

function isKeepAliveName(name: string): boolean {
  return name === "ping" || name === "keepalive" || name === "keep-alive" || name === "heartbeat";
}

/** An event that is named `error`, whatever its data looks like. */
function namedError(chunk: unknown): StreamFailure {
  return errorFailure(isObject(chunk) ? chunk : { message: String(chunk) });
}
