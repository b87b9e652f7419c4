import type { Dispatcher } from "undici";

// Half a socket buffer: what a slow client lets pile up here is what the upstream has in flight, no more.
const highWaterBytes = 64 * 1024;

interface Waiting {
  resolve(result: IteratorResult<Uint8Array, undefined>): void;
  reject(error: unknown): void;
}

/**
 * The body of one reply, from undici's callbacks to an async iterable. What arrives in one turn of the parser comes out as one chunk; more
 * than 64 kB unread pauses the network until it is taken. For one reader; leaving the iteration cancels the exchange.
 */
export class ReplyBody implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array, undefined> {
  readonly #controller: Dispatcher.DispatchController;
  readonly #cancel: () => void;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #hasEnded = false;
  #error: Error | undefined;
  #waiting: Waiting | undefined;

  constructor(controller: Dispatcher.DispatchController, cancel: () => void) {
    this.#controller = controller;
    this.#cancel = cancel;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  push(chunk: Uint8Array): void {
    if (this.#hasEnded) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes >= highWaterBytes) this.#controller.pause();
    // The reader wakes in a microtask, so after the parser has delivered everything that it was given: that is what joins chunks.
    if (this.#waiting !== undefined && this.#chunks.length === 1) queueMicrotask(this.#wake);
  }

  end(): void {
    this.#hasEnded = true;
    if (this.#waiting !== undefined && this.#chunks.length === 0) this.#wake();
  }

  fail(error: Error): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#error = error;
    if (this.#waiting !== undefined && this.#chunks.length === 0) this.#wake();
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#chunks.length > 0) return Promise.resolve({ done: false, value: this.#take() });
    if (this.#hasEnded) return this.#finish();
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    const hadEnded = this.#hasEnded;
    this.#hasEnded = true;
    this.#error = undefined;
    this.#chunks = [];
    if (!hadEnded) this.#cancel();
    this.#waiting?.resolve({ done: true, value: undefined });
    this.#waiting = undefined;
    return Promise.resolve({ done: true, value: undefined });
  }

  readonly #wake = (): void => {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    if (this.#chunks.length > 0) waiting.resolve({ done: false, value: this.#take() });
    else if (this.#error === undefined) waiting.resolve({ done: true, value: undefined });
    else waiting.reject(this.#error);
  };

  #finish(): Promise<IteratorResult<Uint8Array, undefined>> {
    const error = this.#error;
    this.#error = undefined;
    return error === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(error);
  }

  #take(): Uint8Array {
    const chunks = this.#chunks;
    const bytes = this.#bytes;
    this.#chunks = [];
    this.#bytes = 0;
    if (bytes >= highWaterBytes && !this.#hasEnded) this.#controller.resume();
    const first = chunks[0];
    return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, bytes);
  }
}
