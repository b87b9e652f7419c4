export interface IntakeOptions {
  /** Number of characters that may come at once. */
  readonly burst: number;
  /** Number of characters a second that may come permanently. */
  readonly perSecond: number;
}

// Cost of a message, and of a change in it, beside its length, so that many short ones count as well.
const each = 500;

/** A token bucket over what other processes send: a flood on the channel must cost this process no more than a few milliseconds of each second. */
export class Intake {
  readonly #options: IntakeOptions;
  #left: number;
  #atMs = -Infinity;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#left = options.burst;
  }

  /** Returns whether one more message or change of `length` characters that came at `nowMs` may be read. */
  admits(length: number, nowMs: number): boolean {
    const { burst, perSecond } = this.#options;
    const passedMs = Math.max(0, nowMs - this.#atMs);
    this.#left = Math.min(burst, this.#left + (passedMs * perSecond) / 1_000);
    this.#atMs = nowMs;
    const cost = length + each;
    if (cost > this.#left) return false;
    this.#left -= cost;
    return true;
  }
}
