import type { AttemptDeadlines } from "./call-types.ts";
import type { Clock } from "./clock.ts";
import type { DeadlinePhase } from "./policy/outcome.ts";

/** The reason with which waiting is interrupted when a deadline passes. */
export interface DeadlinePassed {
  readonly phase: DeadlinePhase;
}

/** The deadlines of one attempt until its content gate opens, on a single timer that is armed for the nearest one. */
export class AttemptTimers implements Disposable {
  /** Called once, when a deadline has passed. */
  onPassed: (passed: DeadlinePassed) => void = () => undefined;
  passed: DeadlinePassed | undefined;
  readonly #clock: Clock;
  readonly #deadlines: AttemptDeadlines;
  readonly #startedAtMs: number;
  #lastByteAtMs: number | undefined;
  #timer: Disposable | undefined;

  constructor(deadlines: AttemptDeadlines, clock: Clock) {
    this.#deadlines = deadlines;
    this.#clock = clock;
    this.#startedAtMs = clock.now();
    this.#arm();
  }

  /** The headers have come: the response deadline is kept, the idle one begins. */
  onHeaders(): void {
    this.#lastByteAtMs = this.#clock.now();
    this.#arm();
  }

  onByte(): void {
    this.#lastByteAtMs = this.#clock.now();
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.onPassed = () => undefined;
  }

  #nearest(): { readonly phase: DeadlinePhase; readonly atMs: number } {
    const { responseMs, contentMs, idleMs, totalMs, callMs } = this.#deadlines;
    const start = this.#startedAtMs;
    let nearest: { phase: DeadlinePhase; atMs: number } = { phase: "call", atMs: start + callMs };
    const consider = (phase: DeadlinePhase, atMs: number) => {
      if (atMs < nearest.atMs) nearest = { phase, atMs };
    };
    if (responseMs !== undefined && this.#lastByteAtMs === undefined) consider("response", start + responseMs);
    if (contentMs !== undefined) consider("content", start + contentMs);
    if (totalMs !== undefined) consider("total", start + totalMs);
    if (idleMs !== undefined && this.#lastByteAtMs !== undefined) consider("idle", this.#lastByteAtMs + idleMs);
    return nearest;
  }

  #arm(): void {
    this.#timer?.[Symbol.dispose]();
    const delayMs = Math.max(0, this.#nearest().atMs - this.#clock.now());
    this.#timer = this.#clock.setTimer(delayMs, () => this.#onTimer());
  }

  #onTimer(): void {
    const { phase, atMs } = this.#nearest();
    if (atMs > this.#clock.now()) {
      this.#arm();
      return;
    }
    this.passed = { phase };
    this.onPassed(this.passed);
  }
}
