import type { Attempt } from "../call/call-types.ts";
import type { Clock } from "../base/clock.ts";
import { CcpbError } from "../base/errors.ts";
import type { Outcome } from "../base/outcome.ts";
import type { Arrival, BodySource } from "./body-source.ts";
import { failureMessage, isOverloadedError } from "../failures/messages-error.ts";
import type { ReplyReader } from "../dialects/reader.ts";
import type { BodyFlow, ByteSink, PouredBody } from "../base/poured-body.ts";

export interface LiveBodyParts {
  readonly source: BodySource;
  readonly reader: ReplyReader;
  /** Bytes that opened the gate. */
  readonly first: Uint8Array | undefined;
  readonly attempt: Attempt;
  readonly ending: "error" | "abort";
  readonly clock: Clock;
  /**
   * Called when the upstream's connection is closed or released; `isWhole`: the answer was complete, so that its
   * connection may be kept.
   */
  readonly onDone: (isWhole: boolean) => void;
}

/** Without a byte for this long, the client is sent a ping. */
export const pingAfterMs = 15_000;

const keepAliveEveryMs = 1_000;
const finishGraceMs = 2_000;

const finished: IteratorResult<Uint8Array> = { done: true, value: undefined };

/**
 * The rest of a stream whose gate has opened: what the client iterates over, or is poured. Pulls only when pulled, so a slow client pauses the upstream; waits
 * are bounded by the idle deadline, and filled with pings. A break is reported and ended legally: by an error in the client's API, or by throwing
 * `CcpbError` `stream_broken`, upon which the connection to the client is to be aborted.
 */
export class LiveBody implements AsyncIterableIterator<Uint8Array>, PouredBody, BodyFlow {
  readonly #parts: LiveBodyParts;
  #first: Uint8Array | undefined;
  #sink: ByteSink | undefined;
  #isDone = false;
  #isBroken = false;
  /** The timer has been told that only the terminal event is missing. */
  #hasGrace = false;
  #timer: Disposable | undefined;
  #lastSentAtMs: number;
  #waitingSinceMs = 0;
  /** Time spent waiting for the upstream since its last byte, without the wait under way. */
  #waitedMs = 0;

  constructor(parts: LiveBodyParts) {
    this.#parts = parts;
    this.#first = parts.first;
    this.#lastSentAtMs = parts.clock.now();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    const first = this.#takeFirst();
    if (first !== undefined) return { done: false, value: first };
    while (!this.#isDone) {
      this.#startWait();
      const bytes = this.#take(await this.#parts.source.next());
      if (bytes !== undefined) {
        this.#lastSentAtMs = this.#parts.clock.now();
        return { done: false, value: bytes };
      }
    }
    if (!this.#isBroken) return finished;
    this.#isBroken = false;
    throw brokenStream();
  }

  pour(sink: ByteSink): BodyFlow {
    this.#sink = sink;
    this.#flow(undefined);
    return this;
  }

  resume(): void {
    if (this.#isDone || !this.#parts.source.isWaiting) this.#flow(undefined);
  }

  stop(): void {
    this.#sink = undefined;
    this.#isBroken = false;
    if (!this.#isDone) this.#finish({ type: "client-abort" });
  }

  /**
   * Called by the client's signal: closes the upstream at once, also while no reader waits. A later read gets the
   * end.
   */
  abort(): void {
    this.#parts.source.interrupt("abort");
    if (!this.#isDone) this.#finish({ type: "client-abort" });
  }

  /** The client has left, or is done. */
  return(): Promise<IteratorResult<Uint8Array>> {
    this.stop();
    return Promise.resolve(finished);
  }

  readonly #onArrival = (arrival: Arrival): void => this.#flow(arrival);

  /** Pours until the sink has enough or nothing more is there; begins with what a wait came to, if there was one. */
  #flow(arrival: Arrival | undefined): void {
    const { source } = this.#parts;
    const sink = this.#sink;
    try {
      let bytes = arrival === undefined ? this.#takeFirst() : this.#take(arrival);
      while (this.#goesOn(bytes)) {
        this.#startWait();
        const next = source.poll();
        if (next === undefined) {
          source.wait(this.#onArrival);
          return;
        }
        bytes = this.#take(next);
      }
    } catch (error) {
      this.#giveUp(error, sink);
    }
  }

  /** Writes what there is to write; false where nothing is to be read for now. */
  #goesOn(bytes: Uint8Array | undefined): boolean {
    if (bytes !== undefined) {
      this.#lastSentAtMs = this.#parts.clock.now();
      if (this.#sink?.write(bytes) !== true) return false;
    }
    if (!this.#isDone) return true;
    const sink = this.#sink;
    this.#sink = undefined;
    if (this.#isBroken) sink?.fail(brokenStream());
    else sink?.end();
    return false;
  }

  /** A fault of ours or of the sink's: an iteration would throw it. */
  #giveUp(error: unknown, sink: ByteSink | undefined): void {
    try {
      this.stop();
    } catch {
      // An error while stopping is a consequence of the first fault, which is reported below.
    }
    sink?.fail(error);
  }

  #takeFirst(): Uint8Array | undefined {
    const first = this.#first;
    this.#first = undefined;
    return first;
  }

  #take(arrival: Arrival): Uint8Array | undefined {
    if (this.#isDone) return undefined;
    const { reader } = this.#parts;
    switch (arrival.type) {
      case "chunk":
        this.#waitedMs = 0;
        return this.#afterRead(reader.push(arrival.bytes)) ?? this.#keepAlive();
      case "end":
        return this.#afterRead(reader.end());
      case "error":
        if (reader.canEnd) return this.#afterRead(reader.end());
        return this.#break(undefined, { type: "transport-error", cause: arrival.cause });
      case "interrupt":
        this.#waitedMs += this.#parts.clock.now() - this.#waitingSinceMs;
        if (arrival.reason === "ping") return reader.keepAlive();
        if (arrival.reason === "idle" && reader.canEnd) return this.#afterRead(reader.end());
        if (arrival.reason === "idle") return this.#break(undefined, { type: "timeout", phase: "idle" });
        this.#finish({ type: "client-abort" });
        return undefined;
    }
  }

  #afterRead(bytes: Uint8Array | undefined): Uint8Array | undefined {
    const { reader } = this.#parts;
    if (reader.state === "complete") this.#finish({ type: "complete" });
    else if (reader.state === "failed" && reader.failure)
      return this.#break(bytes, { type: "stream-error", reason: reader.failure });
    return bytes;
  }

  /** An upstream that only says that it is alive is passed on as such, at most once a second. */
  #keepAlive(): Uint8Array | undefined {
    const { reader, clock } = this.#parts;
    if (this.#isDone || !reader.isKeepAlive || clock.now() - this.#lastSentAtMs < keepAliveEveryMs) return undefined;
    return reader.keepAlive();
  }

  #break(bytes: Uint8Array | undefined, outcome: Outcome): Uint8Array | undefined {
    this.#finish(outcome);
    if (this.#parts.ending === "abort") {
      this.#isBroken = true;
      return bytes;
    }
    const ending = this.#parts.reader.breakOff({ status: 502, error: this.#endingError(outcome) });
    if (bytes === undefined) return ending;
    const whole = new Uint8Array(bytes.length + ending.length);
    whole.set(bytes);
    whole.set(ending, bytes.length);
    return whole;
  }

  #finish(outcome: Outcome): void {
    this.#isDone = true;
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#parts.attempt.report(outcome);
    this.#parts.onDone(outcome.type === "complete");
  }

  /** Time counts against the upstream only while it is waited for: a slow client pauses the idle deadline. */
  #startWait(): void {
    this.#waitingSinceMs = this.#parts.clock.now();
    if (this.#parts.reader.canEnd && !this.#hasGrace) {
      this.#hasGrace = true;
      this.#timer?.[Symbol.dispose]();
      this.#timer = undefined;
    }
    this.#timer ??= this.#arm(this.#waitingSinceMs);
  }

  #arm(nowMs: number): Disposable {
    const idleDueMs = this.#waitingSinceMs - this.#waitedMs + this.#idleMs;
    const dueMs = Math.min(this.#lastSentAtMs + pingAfterMs, idleDueMs);
    return this.#parts.clock.setTimer(Math.max(1, dueMs - nowMs), () => this.#onTimer());
  }

  #onTimer(): void {
    this.#timer = undefined;
    // Not waiting means that the client is the slow side; the next wait arms the timer again.
    if (this.#isDone || !this.#parts.source.isWaiting) return;
    const nowMs = this.#parts.clock.now();
    if (this.#waitedMs + nowMs - this.#waitingSinceMs >= this.#idleMs) this.#parts.source.interrupt("idle");
    else if (nowMs - this.#lastSentAtMs >= pingAfterMs) this.#parts.source.interrupt("ping");
    else this.#timer = this.#arm(nowMs);
  }

  /**
   * Milliseconds to wait for more bytes. The wait is short if only a terminal event is missing, which some vendors
   * never send.
   */
  get #idleMs(): number {
    const idleMs = this.#parts.attempt.deadlines.idleMs ?? Number.POSITIVE_INFINITY;
    return this.#parts.reader.canEnd ? Math.min(idleMs, finishGraceMs) : idleMs;
  }

  #endingError(outcome: Outcome): { readonly type: "api_error" | "overloaded_error"; readonly message: string } {
    if (outcome.type !== "stream-error")
      return { type: "api_error", message: "The provider's stream ended before the answer was complete" };
    const { reason } = outcome;
    const type = reason.type === "error" && isOverloadedError(reason.error) ? "overloaded_error" : "api_error";
    return { type, message: this.#parts.attempt.withoutSecrets(failureMessage(reason)) };
  }
}

function brokenStream(): CcpbError {
  const message = "The provider's stream broke after content had been sent";
  return new CcpbError("stream_broken", message, { status: 502, type: "api_error" });
}
