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
  /** Called with the first failure, with another one, and each `tellMs` while the same one lasts. */
  onProblem(error: Error): void;
  /** Called as soon as lines are lost, with their number. */
  onDropped(count: number): void;
  /** Called with the number of lines lost since the last such call: with the first ones, each `tellMs` while that lasts, and when a line got through again. */
  onLoss(count: number): void;
  readonly maxPendingBytes?: number;
  /** Milliseconds after a failure until the stream is opened again. Default 5,000. */
  readonly retryMs?: number;
  /** Default 60,000. */
  readonly tellMs?: number;
  /** Milliseconds that closing waits for a stream that does not answer, such as a disk that hangs. Default 5,000. */
  readonly closeMs?: number;
}

/**
 * Writes lines to a stream that may be slow, full or gone. The queue is bounded; a line that does not fit, or comes
 * while the stream is broken, is dropped and counted. It neither throws nor waits.
 */
export class StreamSink implements LineSink {
  readonly #options: StreamSinkOptions;
  readonly #maxPendingBytes: number;
  #stream: Writable | undefined;
  #pendingBytes = 0;
  /** Lost since `onLoss` was last called. */
  #lost = 0;
  #tellAtMs = 0;
  #retryAtMs = 0;
  #problem: { readonly message: string; readonly tellAgainAtMs: number } | undefined;

  constructor(options: StreamSinkOptions) {
    this.#options = options;
    this.#maxPendingBytes = options.maxPendingBytes ?? 8 * 1024 * 1024;
  }

  write(text: string, count: number): void {
    const stream = this.#pendingBytes > this.#maxPendingBytes ? undefined : this.#usableStream();
    if (stream === undefined) {
      this.#drop(count);
      return;
    }
    const bytes = Buffer.from(text);
    this.#pendingBytes += bytes.length;
    stream.write(bytes, (error) => {
      this.#pendingBytes -= bytes.length;
      if (error) this.#drop(count);
      else this.#onWritten();
    });
  }

  async close(): Promise<void> {
    const stream = this.#stream;
    if (stream === undefined || stream.destroyed) return;
    let limit: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      limit = setTimeout(resolve, this.#options.closeMs ?? 5_000);
      stream.once("error", () => resolve());
      stream.once("close", () => resolve());
      stream.end(resolve);
    });
    clearTimeout(limit);
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
    this.#tellProblem(error);
  }

  #tellProblem(error: Error): void {
    const nowMs = performance.now();
    const { message } = error;
    if (this.#problem?.message === message && nowMs < this.#problem.tellAgainAtMs) return;
    this.#problem = { message, tellAgainAtMs: nowMs + this.#tellMs };
    this.#options.onProblem(error);
  }

  get #tellMs(): number {
    return this.#options.tellMs ?? 60_000;
  }

  #drop(count: number): void {
    this.#lost += count;
    this.#options.onDropped(count);
    // While it lasts: a disk that stays full would otherwise be told of only when there is room again.
    if (performance.now() >= this.#tellAtMs) this.#tellLoss();
  }

  #onWritten(): void {
    this.#problem = undefined;
    if (this.#lost > 0) this.#tellLoss();
    this.#tellAtMs = 0;
  }

  #tellLoss(): void {
    const lost = this.#lost;
    this.#lost = 0;
    this.#tellAtMs = performance.now() + this.#tellMs;
    this.#options.onLoss(lost);
  }
}
