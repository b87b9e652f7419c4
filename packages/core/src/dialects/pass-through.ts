import type { TokenUsage } from "../base/events.ts";
import { readErrorText } from "../failures/error-text.ts";
import type { MessagesError } from "../failures/messages-error.ts";
import type { StreamFailure } from "../base/outcome.ts";
import { defaultLimits, eventStreamType, type ReaderLimits, type ReaderState, type ReplyReader } from "./reader.ts";
import { EventLines } from "../sse/event-lines.ts";
import type { FramedEvent } from "../sse/framed-event.ts";
import { looseError } from "../conversation/answer/answer-body.ts";
import { parseJson } from "../base/json.ts";
import type { Mutable } from "../base/mutable.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import { pushJoined } from "../bytes/push-joined.ts";
import { firstByte, PartialEvent, Prelude } from "./held-events.ts";
import { type AnswerWatch, type EventPlace, keepAliveComment } from "./answer-watch.ts";
import { eventData } from "../sse/event-data.ts";
import { ModelSplicer } from "./model-splicer.ts";

/** Options of passing a stream through. */
export interface PassThroughOptions {
  /** The name to put into the answer; undefined where mapping did not change it. */
  readonly answerModel: string | undefined;
  readonly limits?: ReaderLimits;
}

/**
 * Passes the event stream of an API of OpenAI's through byte for byte, whole events only, but for the model's name. Until the gate opens each event is
 * parsed; after it only those that say more than content.
 */
export class PassThroughReader implements ReplyReader {
  readonly contentType: string = eventStreamType;
  readonly warnings: readonly string[] = [];
  readonly isKeepAlive: boolean = false;
  state: ReaderState = "prelude";
  failure: StreamFailure | undefined;
  readonly #watch: AnswerWatch;
  readonly #splicer: ModelSplicer | undefined;
  /** True if the name has to be put into events of plain content, too. */
  readonly #splicesContent: boolean;
  readonly #lines = new EventLines();
  readonly #prelude: Prelude;
  readonly #held: PartialEvent;
  /** Offsets and number of the events that `#follow` has skipped last. */
  readonly #starts: number[] = [];
  #followed = 0;
  #hasSeenEvent = false;
  #isEnding = false;

  constructor(watch: AnswerWatch, { answerModel, limits = defaultLimits }: PassThroughOptions) {
    this.#watch = watch;
    this.#prelude = new Prelude(limits);
    this.#held = new PartialEvent(limits);
    this.#splicer = answerModel === undefined ? undefined : new ModelSplicer(answerModel, watch.modelHolder);
    this.#splicesContent = this.#splicer !== undefined && watch.hasModelInContent;
  }

  get usage(): TokenUsage | undefined {
    return this.#watch.usage;
  }

  get stopReason(): string | undefined {
    return this.#watch.stopReason;
  }

  get canEnd(): boolean {
    return this.state === "content" && this.#watch.hasFinish;
  }

  push(chunk: Uint8Array): Uint8Array | undefined {
    if (this.#isOver() || chunk.length === 0) return undefined;
    const followed = this.#follow(chunk, 0);
    if (followed === chunk.length) return this.#splicesContent ? this.#named(chunk, followed) : chunk;
    return this.#pushEvents(chunk, followed);
  }

  end(): Uint8Array | undefined {
    if (this.#isOver()) return undefined;
    this.#isEnding = true;
    const wasPrelude = this.state === "prelude";
    const out: Uint8Array[] = [];
    const event = this.#lines.finish();
    // The last event may lack its blank line; it is given one, for without it no client would see it.
    if (event?.hasData === true || event?.hasJunkLine === true) this.#take(event, blankLine, out);
    if (!this.#isOver()) this.#fail(this.#endFailure(), out);
    return this.#deliver(out, wasPrelude);
  }

  keepAlive(): Uint8Array {
    return keepAliveComment;
  }

  breakOff(error: MessagesError): Uint8Array {
    return this.#watch.breakOff(error);
  }

  /** Takes in a chunk of which the events up to `followed` have been passed over. */
  #pushEvents(chunk: Uint8Array, followed: number): Uint8Array | undefined {
    const wasPrelude = this.state === "prelude";
    const out: Uint8Array[] = [];
    const place: Mutable<EventPlace> = { chunk, from: 0, end: 0 };
    // Offset of the first event that goes out unchanged: all such events share one view of the chunk.
    let plain = 0;
    for (let behind = followed; ; behind = this.#follow(chunk, place.from)) {
      if (behind > place.from) {
        if (this.#splicesContent) {
          if (place.from > plain) pushJoined(out, part(chunk, plain, place.from));
          pushJoined(out, this.#named(chunk, behind));
          plain = behind;
        }
        place.from = behind;
        this.#lines.skipTo(behind);
      }
      const event = this.#lines.next(chunk);
      if (event === undefined) break;
      place.end = event.end;
      const isQuick = this.#isQuick(event);
      const passes = isQuick && this.#watch.passes(event.name, place);
      if (!passes || this.#splicesContent) {
        if (place.from > plain) pushJoined(out, part(chunk, plain, place.from));
        const bytes = part(chunk, place.from, event.end);
        if (passes) this.#pass(bytes, out);
        else if (isQuick) this.#judge(event, bytes, out);
        else this.#take(event, bytes, out);
        plain = event.end;
      }
      place.from = event.end;
      if (this.#isOver()) break;
    }
    if (place.from > plain) pushJoined(out, part(chunk, plain, place.from));
    if (!this.#isOver() && place.from < chunk.length) this.#hold(part(chunk, place.from, chunk.length), out);
    return this.#deliver(out, wasPrelude);
  }

  /** Decides whether an event after the gate lies whole in its chunk and may be plain content. Most events do; the others take the slow path. */
  #isQuick({ isSound, isOneLine, hasData }: FramedEvent): boolean {
    return this.state === "content" && this.#held.isEmpty && isSound && isOneLine && hasData;
  }

  /** Takes in one whole event, of which `tail` is the part in the current chunk. */
  #take(event: FramedEvent, tail: Uint8Array, out: Uint8Array[]): void {
    const bytes = this.#held.whole(tail);
    this.#held.clear();
    const { isSound, isOneLine, hasData } = event;
    const mayPass = this.state === "content" && isSound && isOneLine && hasData;
    if (mayPass && this.#watch.passes(event.name, { chunk: bytes, from: 0, end: bytes.length })) this.#pass(bytes, out);
    else this.#judge(event, bytes, out);
  }

  /** Reads an event that may say more than content. */
  #judge(event: FramedEvent, bytes: Uint8Array, out: Uint8Array[]): void {
    if (event.hasJunkLine) this.#fail(this.#junkLine(bytes), out);
    else if (event.hasData) this.#read(event.name, bytes, out);
    else this.#pass(bytes, out);
  }

  /** Passes over the events from `from` on that have the frame of the stream's content; returns the offset behind them. */
  #follow(chunk: Uint8Array, from: number): number {
    const { frame } = this.#watch;
    this.#followed = 0;
    if (frame === undefined || this.state !== "content" || !this.#held.isEmpty || !this.#lines.isBetween) return from;
    if (this.#splicesContent && this.#splicer?.knows(frame) !== true) return from;
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
    let at = from;
    for (let end = frame.endOf(chunk, view, at); end > 0; end = frame.endOf(chunk, view, at)) {
      this.#starts[this.#followed++] = at;
      at = end;
    }
    return at;
  }

  /** The events that `#follow` has passed over, with the name in them. Called only where there is a splicer that knows their frame. */
  #named(chunk: Uint8Array, end: number): Uint8Array {
    const run = { chunk, starts: this.#starts, count: this.#followed, end };
    return this.#splicer?.spliceRun(run) ?? part(chunk, this.#starts[0] ?? end, end);
  }

  #read(name: string, bytes: Uint8Array, out: Uint8Array[]): boolean {
    const text = eventData(this.#decode(bytes)).trim();
    if (text === "[DONE]") return this.#done(bytes, out);
    if (text === "") return this.#pass(bytes, out);
    const data = parseJson(text);
    if (data === undefined) {
      return this.#fail(
        name === "error" ? { type: "error", error: readErrorText(text) } : this.#junk("an event whose data is no JSON"),
        out,
      );
    }
    this.#hasSeenEvent = true;
    const watch = this.#watch;
    watch.note(data, name);
    if (watch.failure) return this.#fail(watch.failure, out);
    if (this.state === "prelude" && (watch.hasContent || watch.hasFinish || watch.isTerminated)) this.#open(out);
    this.#pass(bytes, out);
    if (watch.isTerminated) this.state = "complete";
    return !this.#isOver();
  }

  #done(bytes: Uint8Array, out: Uint8Array[]): boolean {
    const { hasFinish, hasContent, mayEnd } = this.#watch;
    if (hasFinish || mayEnd) {
      this.#open(out);
      out.push(bytes);
      this.state = "complete";
      return false;
    }
    const detail = "the provider's stream ended without an answer";
    return this.#fail(hasContent ? { type: "truncated" } : { type: "not-an-answer", detail }, out);
  }

  /** Gives an event out, or holds it until the gate opens. */
  #pass(bytes: Uint8Array, out: Uint8Array[]): boolean {
    const named = this.#splicer?.splice(bytes) ?? bytes;
    if (this.state === "content") {
      pushJoined(out, named);
      return true;
    }
    const failure = this.#prelude.hold(named);
    return failure === undefined || this.#fail(failure, out);
  }

  #open(out: Uint8Array[]): void {
    this.#prelude.release(out);
    this.state = "content";
  }

  #hold(rest: Uint8Array, out: Uint8Array[]): void {
    const failure = this.#held.hold(rest);
    if (!this.#lines.isSound && !this.#mayBePage(this.#held.first))
      this.#fail(this.#junkLine(concatBytes(this.#held.parts)), out);
    else if (failure) this.#fail(failure, out);
  }

  #deliver(out: readonly Uint8Array[], wasPrelude: boolean): Uint8Array | undefined {
    if (out.length === 0 || (wasPrelude && this.state === "failed")) return undefined;
    return concatBytes(out);
  }

  /** After a finish reason the answer is whole, whatever the upstream breaks afterwards. */
  #fail(failure: StreamFailure, out: Uint8Array[]): false {
    this.#held.clear();
    if (this.#watch.hasFinish && this.#watch.failure === undefined) {
      this.#open(out);
      out.push(this.#watch.terminator);
      this.state = "complete";
      return false;
    }
    this.failure = failure;
    this.state = "failed";
    this.#prelude.drop();
    return false;
  }

  /** Describes what the first line of an event says that is no field. Lines behind it do not count: they may not have come yet. */
  #junkLine(bytes: Uint8Array): StreamFailure {
    if (!this.#hasSeenEvent && firstByte(bytes) === OPEN_TAG) {
      const { message } = readErrorText(this.#decode(bytes));
      return { type: "not-an-answer", detail: `the provider sent an HTML page: ${message}` };
    }
    const line = this.#decode(this.#lines.junkLine(bytes));
    return looseError(line) ?? this.#junk("a line that is no field of an event stream");
  }

  /** Decides by its first byte whether an event may be a page of HTML, which is read as a whole, because its title may stand in any line. */
  #mayBePage(first: number | undefined): boolean {
    return !this.#hasSeenEvent && (first === undefined || first === OPEN_TAG);
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

  #endFailure(): StreamFailure {
    return this.#hasSeenEvent
      ? { type: "truncated" }
      : { type: "not-an-answer", detail: "the provider sent an empty body" };
  }

  #decode(bytes: Uint8Array): string {
    return new TextDecoder().decode(bytes);
  }

  #isOver(): boolean {
    return this.state === "complete" || this.state === "failed";
  }
}

/** A part of a chunk. A Buffer's own `subarray` makes a Buffer, which takes several times as long. */
function part(chunk: Uint8Array, from: number, end: number): Uint8Array {
  return new Uint8Array(chunk.buffer, chunk.byteOffset + from, end - from);
}

const OPEN_TAG = 0x3c;
const blankLine = new TextEncoder().encode("\n\n");
