import type { ChunkTaker, PullableBody } from "@ccpb/core";
import type { Dispatcher } from "undici";

// Half a socket buffer: what a slow client lets pile up here is what the upstream has in flight, no more.
const highWaterBytes = 64 * 1024;

/**
 * Body of one reply, from undici's callbacks to its reader. Bytes that arrive in one turn of the parser come out as
 * one chunk; more than 64 kB unread pauses the network until they are taken. It has one reader; leaving the iteration
 * cancels the exchange.
 */
export class ReplyBody implements PullableBody, AsyncIterator<Uint8Array, undefined> {
  readonly #controller: Dispatcher.DispatchController;
  readonly #cancel: () => void;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #hasEnded = false;
  #error: Error | undefined;
  #taker: ChunkTaker | undefined;

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
    if (this.#chunks.length === 1) this.#wakeSoon();
  }

  end(): void {
    this.#hasEnded = true;
    if (this.#chunks.length === 0) this.#wakeSoon();
  }

  fail(error: Error): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#error = error;
    if (this.#chunks.length === 0) this.#wakeSoon();
  }

  pull(taker: ChunkTaker): void {
    this.#taker = taker;
    this.#wake();
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    return new Promise((resolve, reject) => {
      this.pull({
        onChunk: (value) => resolve({ done: false, value }),
        onEnd: () => resolve({ done: true, value: undefined }),
        onError: reject,
      });
    });
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    const hadEnded = this.#hasEnded;
    this.#hasEnded = true;
    this.#error = undefined;
    this.#chunks = [];
    if (!hadEnded) this.#cancel();
    this.#wake();
    return Promise.resolve({ done: true, value: undefined });
  }

  /**
   * Wakes a waiting reader in a microtask, after the parser has delivered everything that it was given. That joins
   * chunks, and no work is done amid the parsing.
   */
  #wakeSoon(): void {
    if (this.#taker !== undefined) queueMicrotask(this.#wake);
  }

  readonly #wake = (): void => {
    const taker = this.#taker;
    if (taker === undefined || (this.#chunks.length === 0 && !this.#hasEnded)) return;
    this.#taker = undefined;
    const error = this.#error;
    if (this.#chunks.length > 0) taker.onChunk(this.#take());
    else if (error === undefined) taker.onEnd();
    else {
      this.#error = undefined;
      taker.onError(error);
    }
  };

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
