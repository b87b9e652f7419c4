import type { Clock } from "../base/clock.ts";
import { pingAfterMs } from "./live-body.ts";
import { type BodyFlow, type ByteSink, pour, type PouredBody } from "../base/poured-body.ts";

/** Result of a call whose headers were sent before. */
export type EarlyArrival =
  | { readonly type: "stream"; readonly body: AsyncIterable<Uint8Array> }
  /** The rest of the body, whole: a short answer, or an `error` event. */
  | { readonly type: "bytes"; readonly bytes: Uint8Array }
  /** The client has left. */
  | { readonly type: "end" }
  /** A fault of ours. */
  | { readonly type: "fault"; readonly error: unknown };

const finished: IteratorResult<Uint8Array> = { done: true, value: undefined };

/**
 * The body of a reply whose headers are sent while its call still looks for a provider: a ping at once and every 15 s, then the answer, or an `error`
 * event. To be read once: iterated or poured, with the same backpressure as the answer itself.
 */
export class EarlyBody implements AsyncIterableIterator<Uint8Array>, PouredBody, BodyFlow {
  readonly #clock: Clock;
  readonly #pingBytes: Uint8Array;
  readonly #cancel: () => void;
  #timer: Disposable | undefined;
  #arrival: EarlyArrival | undefined;
  #isPingDue = true;
  #isDone = false;
  #sink: ByteSink | undefined;
  #isFull = false;
  #flow: BodyFlow | undefined;
  #inner: AsyncIterator<Uint8Array> | undefined;
  #wake: (() => void) | undefined;

  /** `ping` is a sign of life in the client's API; `cancel` ends the call: its client has left before it came to anything. */
  constructor(clock: Clock, ping: Uint8Array, cancel: () => void) {
    this.#pingBytes = ping;
    this.#clock = clock;
    this.#cancel = cancel;
    this.#arm();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The call is over, or its answer begins. Called once. */
  arrive(arrival: EarlyArrival): void {
    this.#disarm();
    this.#arrival = arrival;
    if (this.#sink !== undefined && !this.#isFull) this.#begin(this.#sink, arrival);
    this.#wakeUp();
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    while (!this.#isDone) {
      if (this.#inner !== undefined) return this.#inner.next();
      const arrival = this.#arrival;
      if (arrival?.type === "stream") this.#inner = arrival.body[Symbol.asyncIterator]();
      else if (arrival !== undefined) return this.#last(arrival);
      else if (this.#isPingDue) {
        this.#isPingDue = false;
        return { done: false, value: this.#pingBytes };
      } else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return finished;
  }

  /** The client has left, or is done. */
  async return(): Promise<IteratorResult<Uint8Array>> {
    await this.#inner?.return?.();
    this.stop();
    return finished;
  }

  pour(sink: ByteSink): BodyFlow {
    this.#sink = sink;
    if (this.#arrival !== undefined) this.#begin(sink, this.#arrival);
    else this.#ping(sink);
    return this;
  }

  resume(): void {
    if (this.#flow !== undefined) {
      this.#flow.resume();
      return;
    }
    this.#isFull = false;
    const sink = this.#sink;
    if (sink === undefined) return;
    if (this.#isDone) this.#end(sink);
    else if (this.#arrival !== undefined) this.#begin(sink, this.#arrival);
  }

  stop(): void {
    this.#disarm();
    this.#sink = undefined;
    const isOver = this.#isDone || this.#inner !== undefined;
    this.#isDone = true;
    if (this.#flow !== undefined) this.#flow.stop();
    else if (!isOver) this.#cancel();
    this.#wakeUp();
  }

  #begin(sink: ByteSink, arrival: EarlyArrival): void {
    if (arrival.type === "stream") {
      this.#flow = pour(arrival.body, sink);
      return;
    }
    this.#isDone = true;
    if (arrival.type === "fault") sink.fail(arrival.error);
    else if (arrival.type === "end") this.#end(sink);
    else {
      this.#isFull = !sink.write(arrival.bytes);
      if (!this.#isFull) this.#end(sink);
    }
  }

  #last(arrival: Exclude<EarlyArrival, { type: "stream" }>): IteratorResult<Uint8Array> {
    this.#isDone = true;
    if (arrival.type === "fault") throw arrival.error;
    return arrival.type === "bytes" ? { done: false, value: arrival.bytes } : finished;
  }

  #end(sink: ByteSink): void {
    this.#sink = undefined;
    sink.end();
  }

  /** A client that does not read is not sent pings on top of what it has not read. */
  #ping(sink: ByteSink): void {
    if (!this.#isFull) this.#isFull = !sink.write(this.#pingBytes);
  }

  #arm(): void {
    this.#timer = this.#clock.setTimer(pingAfterMs, () => {
      this.#arm();
      if (this.#sink !== undefined) this.#ping(this.#sink);
      else this.#isPingDue = true;
      this.#wakeUp();
    });
  }

  #disarm(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
