const fullAtChars = 64 * 1024;

/** Joins lines for a moment, so that they are redacted and written as one. */
export class LineBuffer {
  readonly #waitMs: number;
  readonly #onFlush: (text: string, count: number) => void;
  #text = "";
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `waitMs`: how long a line may wait for others; 0 hands on each line at once. */
  constructor(waitMs: number, onFlush: (text: string, count: number) => void) {
    this.#waitMs = waitMs;
    this.#onFlush = onFlush;
  }

  add(line: string): void {
    this.#text += line;
    this.#count += 1;
    if (this.#waitMs === 0 || this.#text.length >= fullAtChars) this.flush();
    else this.#timer ??= setTimeout(this.flush, this.#waitMs).unref();
  }

  readonly flush = (): void => {
    const { text, count } = this.take();
    if (count > 0) this.#onFlush(text, count);
  };

  /** What waits, which from now on is the caller's. */
  take(): { readonly text: string; readonly count: number } {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const taken = { text: this.#text, count: this.#count };
    this.#text = "";
    this.#count = 0;
    return taken;
  }
}
