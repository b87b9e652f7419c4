import type { TokenUsage } from "../../base/events.ts";
import type { StreamFailure } from "../../base/outcome.ts";
import { concatBytes } from "../../bytes/concat-bytes.ts";
import { pushJoined } from "../../bytes/push-joined.ts";
import { spliceStartModel } from "../../bytes/splice-model.ts";
import { EventLines } from "../../sse/event-lines.ts";
import type { FramedEvent } from "../../sse/framed-event.ts";
import { dataLine, eventData } from "../../sse/event-data.ts";
import { isObject, parseJson } from "../../base/json.ts";
import type { MessagesError } from "../../failures/messages-error.ts";
import { brokenStreamEnding, gateSign, pingEvent } from "./gate.ts";
import { mergeNativeUsage, oddNativeCounts } from "./usage.ts";
import { defaultLimits, eventStreamType, type ReaderLimits, type ReaderState, type ReplyReader } from "../reader.ts";
import { PartialEvent, Prelude } from "../held-events.ts";
import { SignatureWatch } from "./signature-watch.ts";
import { errorFailure, foundError, looseError } from "../../conversation/answer/answer-body.ts";
import { readErrorText } from "../../failures/error-text.ts";

export interface NativeStreamOptions {
  /** The name to put into `message_start`; undefined where mapping did not change it. */
  readonly answerModel?: string | undefined;
  readonly limits?: ReaderLimits;
  /** Called with the proof of the answer's thinking: a signature, or redacted data. */
  readonly onSignature?: ((proof: string) => void) | undefined;
}

/**
 * Passes an Anthropic event stream through byte for byte, whole events only. Until the gate opens each event is parsed; after it only
 * `message_delta` (for its usage) and `error` are, and everything else is watched line-wise.
 */
export class NativeStreamReader implements ReplyReader {
  readonly contentType: string = eventStreamType;
  readonly warnings: string[] = [];
  readonly isKeepAlive: boolean = false;
  readonly canEnd: boolean = false;
  state: ReaderState = "prelude";
  failure: StreamFailure | undefined;
  usage: TokenUsage | undefined;
  stopReason: string | undefined;
  readonly #lines = new EventLines();
  readonly #answerModel: string | undefined;
  readonly #signatures: SignatureWatch | undefined;
  readonly #prelude: Prelude;
  readonly #held: PartialEvent;
  #hasStarted = false;
  #hasMessageDelta = false;

  constructor(options: NativeStreamOptions = {}) {
    this.#answerModel = options.answerModel;
    const { limits = defaultLimits } = options;
    this.#prelude = new Prelude(limits);
    this.#held = new PartialEvent(limits);
    this.#signatures = options.onSignature && new SignatureWatch(options.onSignature);
  }

  push(chunk: Uint8Array): Uint8Array | undefined {
    if (this.#isOver() || chunk.length === 0) return undefined;
    const wasPrelude = this.state === "prelude";
    const out: Uint8Array[] = [];
    let from = 0;
    // Offset of the first event that was checked and goes out unchanged: all such events share one view of the chunk.
    let passed = 0;
    for (let event = this.#lines.next(chunk); event; event = this.#lines.next(chunk)) {
      if (this.#passes(event)) {
        from = event.end;
        continue;
      }
      if (from > passed) this.#release(chunk.subarray(passed, from), out);
      const isOn = this.#take(event, chunk.subarray(from, event.end), out);
      from = event.end;
      passed = from;
      if (!isOn) break;
    }
    if (from > passed) this.#release(chunk.subarray(passed, from), out);
    if (!this.#isOver() && from < chunk.length) this.#hold(chunk.subarray(from));
    return this.#deliver(out, wasPrelude);
  }

  end(): Uint8Array | undefined {
    if (this.#isOver()) return undefined;
    const wasPrelude = this.state === "prelude";
    const out: Uint8Array[] = [];
    const event = this.#lines.finish();
    // The last event may lack its blank line, if all of its data is there; it is given one, for without it no client would see it.
    if (event?.name === "message_stop" && event.hasData && this.#parse(this.#held.whole(blankLine)))
      this.#take(event, blankLine, out);
    if (!this.#isOver())
      this.#fail(
        this.#lastError(event) ??
          (this.#hasStarted ? { type: "truncated" } : { type: "not-an-answer", detail: "an empty or eventless body" }),
      );
    return this.#deliver(out, wasPrelude);
  }

  keepAlive(): Uint8Array {
    return pingEvent;
  }

  breakOff(error: MessagesError): Uint8Array {
    return brokenStreamEnding(error.error);
  }

  /** Behind the gate few kinds of events are of interest, and of the many deltas only those that may hold a signature. */
  #passes({ isSound, name, hasData }: FramedEvent): boolean {
    if (this.state !== "content" || !isSound || (!hasData && isApiEvent(name))) return false;
    if (name !== "content_block_delta" && watchedNames.has(name)) return false;
    // No event of the Messages API lacks its name; an error of a gateway does.
    if (name === "" && hasData) return false;
    return this.#signatures?.wants(name) !== true;
  }

  /** Takes in one whole event, of which `tail` is the part in the current chunk; false when the stream is over after it. */
  #take(event: FramedEvent, tail: Uint8Array, out: Uint8Array[]): boolean {
    if (!event.isSound || (!event.hasData && isApiEvent(event.name)))
      return this.#fail(this.#foreignError(event, this.#held.whole(tail)) ?? this.#junk(event));
    if (this.state === "prelude") return this.#takePrelude(event, tail, out);
    if (event.name === "message_start") return this.#skip(); // a second one: no client takes it
    if (this.#signatures?.wants(event.name) === true)
      this.#signatures.take(event.name, this.#held.whole(tail), (bytes) => this.#parse(bytes));
    if (event.name === "error" || event.name === "") {
      const failure = this.#foreignError(event, this.#held.whole(tail));
      if (failure) return this.#fail(failure);
    } else if (event.name === "message_delta" || event.name === "message_stop") {
      const data = this.#parse(this.#held.whole(tail));
      // Clients go by the type in the data.
      if (data && data["type"] !== event.name)
        return this.#fail({ type: "junk", detail: `an event ${event.name} whose data is of another type` });
      if (event.name !== "message_stop" || data === undefined) {
        if (!this.#note(data)) return false;
      } else if (!this.#hasMessageDelta)
        return this.#fail({ type: "junk", detail: "message_stop without message_delta" });
      else this.state = "complete";
    }
    this.#release(tail, out);
    return this.state === "content";
  }

  #junk(event: Pick<FramedEvent, "hasJunkLine">): StreamFailure {
    if (this.state === "prelude" && !this.#hasStarted)
      return { type: "not-an-answer", detail: "the body is no event stream" };
    return {
      type: "junk",
      detail: event.hasJunkLine
        ? "a line that is no field of an event stream"
        : "an event whose data is no JSON object",
    };
  }

  /**
   * Reads the error that an event or a loose line reports in another shape than the Messages API's, as gateways and Google's front end write it:
   * without the name of the event, in a list, in plain words behind `event: error`. Undefined where it reports none.
   */
  #foreignError({ name, hasData, hasJunkLine }: FramedEvent, event: Uint8Array): StreamFailure | undefined {
    if (hasJunkLine) return looseError(new TextDecoder().decode(this.#lines.junkLine(event)));
    if (!hasData) return undefined;
    const text = eventData(new TextDecoder().decode(event)).trim();
    const data = parseJson(text);
    if (name !== "error") return foundError(data);
    return isObject(data) ? errorFailure(data) : (foundError(data) ?? { type: "error", error: readErrorText(text) });
  }

  /** The error in the last lines of a stream, behind which no blank line came. */
  #lastError(event: FramedEvent | undefined): StreamFailure | undefined {
    return event && this.#foreignError(event, this.#held.whole(blankLine));
  }

  #takePrelude(event: FramedEvent, tail: Uint8Array, out: Uint8Array[]): boolean {
    let bytes = this.#held.whole(tail);
    if (event.hasData) {
      const data = this.#parse(bytes);
      if (data === undefined) return this.#fail({ type: "junk", detail: "an event whose data is no JSON" });
      if (data["type"] !== "error" && event.name !== data["type"])
        return this.#fail(
          this.#foreignError(event, bytes) ?? { type: "not-an-answer", detail: "events without their event: line" },
        );
      if (data["type"] === "message_start" && this.#hasStarted) return this.#skip();
      if (data["type"] === "message_start" && this.#answerModel !== undefined)
        bytes = withAnswerModel(bytes, this.#answerModel);
      if (!this.#note(data)) return false;
    }
    const failure = this.#prelude.hold(bytes);
    if (this.state === "prelude" && failure) return this.#fail(failure);
    this.#held.clear();
    if (this.state === "prelude") return true;
    this.#prelude.release(out);
    return this.state === "content";
  }

  /** Draws the conclusions from a parsed event; false when the stream has failed. */
  #note(data: Readonly<Record<string, unknown>> | undefined): boolean {
    if (data === undefined) return this.#fail({ type: "junk", detail: "an event whose data is no JSON" });
    const sign = gateSign(data);
    if (sign === "error") return this.#fail(errorFailure(data));
    if (sign === "start") this.#hasStarted = true;
    else if (!this.#hasStarted && sign !== "held")
      return this.#fail({ type: "not-an-answer", detail: "content before message_start" });
    this.usage = mergeNativeUsage(this.usage, data);
    for (const warning of oddNativeCounts(data)) if (!this.warnings.includes(warning)) this.warnings.push(warning);
    if (data["type"] === "message_delta") this.#hasMessageDelta = true;
    if (sign === "stop-reason" && isObject(data["delta"])) this.stopReason = String(data["delta"]["stop_reason"]);
    if (sign === "content" && this.state === "prelude") this.state = "content";
    this.#signatures?.note(data);
    if (sign === "stop") {
      if (this.state === "prelude" && this.stopReason === undefined) return this.#fail({ type: "truncated" });
      this.state = "complete";
    }
    return true;
  }

  #parse(event: Uint8Array): Readonly<Record<string, unknown>> | undefined {
    try {
      // Behind the gate a byte that is no UTF-8 is left for the client to see, as in all events that are not read here.
      const fatal = this.state === "prelude";
      const data: unknown = JSON.parse(eventData(new TextDecoder("utf-8", { fatal }).decode(event)));
      return isObject(data) ? data : undefined;
    } catch {
      return undefined; // the caller makes this a failure of the stream
    }
  }

  #release(tail: Uint8Array, out: Uint8Array[]): void {
    for (const part of this.#held.parts) out.push(part);
    this.#held.clear();
    pushJoined(out, tail);
  }

  #hold(rest: Uint8Array): void {
    if (rest.length === 0) return;
    const failure = this.#held.hold(rest);
    if (!this.#lines.isSound) {
      const line = this.#lines.junkLine(concatBytes(this.#held.parts));
      this.#fail(looseError(new TextDecoder().decode(line)) ?? this.#junk({ hasJunkLine: true }));
    } else if (failure) this.#fail(failure);
  }

  /** Passes over an event. */
  #skip(): true {
    this.#held.clear();
    return true;
  }

  #deliver(out: readonly Uint8Array[], wasPrelude: boolean): Uint8Array | undefined {
    if (out.length === 0 || (wasPrelude && this.state === "failed")) return undefined;
    return concatBytes(out);
  }

  #fail(failure: StreamFailure): false {
    this.failure = failure;
    this.state = "failed";
    this.#prelude.drop();
    this.#held.clear();
    return false;
  }

  #isOver(): boolean {
    return this.state === "complete" || this.state === "failed";
  }
}

/** An event of the Messages API, which clients read the data of without looking whether there is any. */
function isApiEvent(name: string): boolean {
  return name === "error" || name.startsWith("message_") || name.startsWith("content_block_");
}

const watchedNames: ReadonlySet<string> = new Set(["message_start", "message_delta", "message_stop", "error"]);
const blankLine = new TextEncoder().encode("\n\n");

/** Splices the name into `message_start`; multi-line data, which no vendor sends, stays as it is. */
function withAnswerModel(event: Uint8Array, model: string): Uint8Array {
  const data = event.indexOf(0x7b, dataLine(event));
  try {
    return spliceStartModel(event, data, model);
  } catch {
    return event;
  }
}
