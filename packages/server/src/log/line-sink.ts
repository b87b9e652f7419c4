import type { Writable } from "node:stream";

/** Takes whole lines, each with its newline. */
export interface LineSink {
  write(line: string): void;
  /** Resolves when what was written is out, or cannot get out. */
  close(): Promise<void>;
}

export interface BufferedSinkOptions {
  /** Opens the stream below; called again after it failed. Throwing counts as a failure. */
  open(): Writable;
  onProblem(error: Error): void;
  /** Lines were lost since the last time that a line got through. */
  onDropped(count: number): void;
  readonly maxPendingBytes?: number;
  readonly retryMs?: number;
}

const flushMs = 20;
const flushChars = 64 * 1024;

/**
 * Lines on their way to a stream that may be slow, full or gone: joined for a moment, then written as one. The queue is bounded; what does
 * not fit, or comes while the stream is broken, is dropped and counted. Nothing here throws, and nobody waits.
 */
export class BufferedSink implements LineSink {
  readonly #options: BufferedSinkOptions;
  readonly #maxPendingBytes: number;
  #stream: Writable | undefined;
  #buffer = "";
  #bufferedLines = 0;
  #pendingBytes = 0;
  #dropped = 0;
  #retryAtMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: BufferedSinkOptions) {
    this.#options = options;
    this.#maxPendingBytes = options.maxPendingBytes ?? 8 * 1024 * 1024;
  }

  write(line: string): void {
    if (this.#pendingBytes + this.#buffer.length > this.#maxPendingBytes) {
      this.#dropped += 1;
      return;
    }
    this.#buffer += line;
    this.#bufferedLines += 1;
    if (this.#buffer.length >= flushChars) this.flush();
    else this.#timer ??= setTimeout(this.flush, flushMs).unref();
  }

  readonly flush = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#buffer === "") return;
    const [text, lines] = [this.#buffer, this.#bufferedLines];
    this.#buffer = "";
    this.#bufferedLines = 0;
    const stream = this.#usableStream();
    if (stream === undefined) {
      this.#dropped += lines;
      return;
    }
    const bytes = Buffer.byteLength(text);
    this.#pendingBytes += bytes;
    stream.write(text, (error) => {
      this.#pendingBytes -= bytes;
      if (error) this.#dropped += lines;
      else this.#reportDropped();
    });
  };

  async close(): Promise<void> {
    this.flush();
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
