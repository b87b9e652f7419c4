const capacityBytes = 64 * 1024;
// UTF-8 takes at most this for a unit of UTF-16.
const mostBytesPerUnit = 3;

/** Joins lines for a moment, so that they are redacted and written as one. */
export class LineBuffer {
  readonly #waitMs: number;
  readonly #onFlush: (text: string, count: number) => void;
  // Bytes, not a text: V8 would keep the dozens of pieces of which each line is made, and join them only when the text is read.
  readonly #bytes: Buffer;
  #used = 0;
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `waitMs`: how long a line may wait for others; 0 hands on each line at once. */
  constructor(waitMs: number, onFlush: (text: string, count: number) => void) {
    this.#waitMs = waitMs;
    this.#onFlush = onFlush;
    // Without waiting each line is handed on at once, so that no room is needed.
    this.#bytes = Buffer.allocUnsafeSlow(waitMs === 0 ? 0 : capacityBytes);
  }

  add(line: string): void {
    let mostBytes = line.length * mostBytesPerUnit;
    if (this.#used + mostBytes > this.#bytes.length) mostBytes = Buffer.byteLength(line);
    if (this.#used + mostBytes > this.#bytes.length) this.flush();
    if (mostBytes > this.#bytes.length) {
      this.#onFlush(line, 1);
      return;
    }
    this.#used += this.#bytes.write(line, this.#used);
    this.#count += 1;
    this.#timer ??= setTimeout(this.flush, this.#waitMs).unref();
  }

  readonly flush = (): void => {
    const { text, count } = this.take();
    if (count > 0) this.#onFlush(text, count);
  };

  /** Takes the waiting lines, which then belong to the caller. */
  take(): { readonly text: string; readonly count: number } {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const taken = { text: this.#bytes.toString("utf8", 0, this.#used), count: this.#count };
    this.#used = 0;
    this.#count = 0;
    return taken;
  }
}
