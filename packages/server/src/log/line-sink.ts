import type { Writable } from "node:stream";

/** Takes whole lines, each with its newline; `count` says how many `text` holds. */
export interface LineSink {
  write(text: string, count: number): void;
  /** Resolves when what was written is out, or cannot get out. */
  close(): Promise<void>;
}

export interface StreamSinkOptions {
  /** Opens the stream below; called again after it failed. Throwing counts as a failure. */
  open(): Writable;
  onProblem(error: Error): void;
  /** Lines were lost since the last time that a line got through. */
  onDropped(count: number): void;
  readonly maxPendingBytes?: number;
  readonly retryMs?: number;
}

/**
 * Lines on their way to a stream that may be slow, full or gone. The queue is bounded; what does not fit, or comes while the stream is broken, is
 * dropped and counted. Nothing here throws, and nobody waits.
 */
export class StreamSink implements LineSink {
  readonly #options: StreamSinkOptions;
  readonly #maxPendingBytes: number;
  #stream: Writable | undefined;
  #pendingBytes = 0;
  #dropped = 0;
  #retryAtMs = 0;

  constructor(options: StreamSinkOptions) {
    this.#options = options;
    this.#maxPendingBytes = options.maxPendingBytes ?? 8 * 1024 * 1024;
  }

  write(text: string, count: number): void {
    const stream = this.#pendingBytes > this.#maxPendingBytes ? undefined : this.#usableStream();
    if (stream === undefined) {
      this.#dropped += count;
      return;
    }
    const bytes = Buffer.from(text);
    this.#pendingBytes += bytes.length;
    stream.write(bytes, (error) => {
      this.#pendingBytes -= bytes.length;
      if (error) this.#dropped += count;
      else this.#reportDropped();
    });
  }

  async close(): Promise<void> {
    const stream = this.#stream;
    if (stream === undefined || stream.destroyed) return;
    await new Promise<void>((resolve) => {
      stream.once("error", () => resolve());
      stream.once("close", () => resolve());
      stream.end(resolve);
    });
  }

  #usableStream(): Writable | undefined {
    if (this.#stream !== undefined) return this.#stream;
    if (performance.now() < this.#retryAtMs) return undefined;
    try {
      const stream = this.#options.open();
      stream.on("error", (error) => this.#onFailure(stream, error));
      this.#stream = stream;
    } catch (error) {
      this.#onFailure(undefined, error instanceof Error ? error : new Error(String(error)));
    }
    return this.#stream;
  }

  #onFailure(stream: Writable | undefined, error: Error): void {
    if (stream !== this.#stream) return;
    this.#stream = undefined;
    this.#retryAtMs = performance.now() + (this.#options.retryMs ?? 5_000);
    this.#options.onProblem(error);
  }

  #reportDropped(): void {
    const dropped = this.#dropped;
    if (dropped === 0) return;
    this.#dropped = 0;
    this.#options.onDropped(dropped);
  }
}
