import type { AttemptDeadlines } from "../call/call-types.ts";
import type { Clock } from "../base/clock.ts";
import type { DeadlinePhase } from "../base/outcome.ts";

/** Reason with which waiting is interrupted when a deadline passes. */
export interface DeadlinePassed {
  /** Phase whose deadline has passed. */
  readonly phase: DeadlinePhase;
}

/**
 * Watches the deadlines of one attempt until its content gate opens, with a single timer that is set to the nearest
 * deadline.
 *
 * @example
 * ```ts
 * using timers = new AttemptTimers({ connectMs: 10, responseMs: 20, callMs: 1_000 }, clock, ({ phase }) => console.log(phase));
 * await clock.advance(20); // prints: response
 * ```
 */
export class AttemptTimers implements Disposable {
  /** Deadline that has passed; undefined before. */
  passed: DeadlinePassed | undefined;
  readonly #clock: Clock;
  readonly #deadlines: AttemptDeadlines;
  readonly #onPassed: (passed: DeadlinePassed) => void;
  readonly #startedAtMs: number;
  #lastByteAtMs: number | undefined;
  #timer: Disposable | undefined;
  #timerAtMs = Number.POSITIVE_INFINITY;

  /**
   * Starts the timer.
   *
   * @param deadlines - deadlines in milliseconds from now.
   * @param clock - clock that the deadlines are kept by.
   * @param onPassed - called once, when the first deadline has passed.
   */
  constructor(deadlines: AttemptDeadlines, clock: Clock, onPassed: (passed: DeadlinePassed) => void) {
    this.#deadlines = deadlines;
    this.#clock = clock;
    this.#onPassed = onPassed;
    this.#startedAtMs = clock.now();
    this.#arm(this.#startedAtMs);
  }

  /** Reports that the response headers have come: the response deadline ends, the idle deadline begins. */
  onHeaders(): void {
    this.#lastByteAtMs = this.#clock.now();
    this.#arm(this.#lastByteAtMs);
  }

  /** Reports that a byte or another sign of life has come: the idle deadline begins anew. */
  onByte(): void {
    this.#lastByteAtMs = this.#clock.now();
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  #nearest(): { readonly phase: DeadlinePhase; readonly atMs: number } {
    const { responseMs, contentMs, idleMs, totalMs, callMs } = this.#deadlines;
    const start = this.#startedAtMs;
    let phase: DeadlinePhase = "call";
    let atMs = start + callMs;
    const consider = (other: DeadlinePhase, otherAtMs: number) => {
      if (otherAtMs >= atMs) return;
      phase = other;
      atMs = otherAtMs;
    };
    if (responseMs !== undefined && this.#lastByteAtMs === undefined) consider("response", start + responseMs);
    if (contentMs !== undefined) consider("content", start + contentMs);
    if (totalMs !== undefined) consider("total", start + totalMs);
    if (idleMs !== undefined && this.#lastByteAtMs !== undefined) consider("idle", this.#lastByteAtMs + idleMs);
    return { phase, atMs };
  }

  /** A timer that is due earlier is left alone: it looks again when it fires. */
  #arm(nowMs: number): void {
    const { atMs } = this.#nearest();
    if (this.#timer !== undefined && this.#timerAtMs <= atMs) return;
    this.#timer?.[Symbol.dispose]();
    this.#timerAtMs = atMs;
    this.#timer = this.#clock.setTimer(Math.max(0, atMs - nowMs), () => this.#onTimer());
  }

  #onTimer(): void {
    this.#timer = undefined;
    const { phase, atMs } = this.#nearest();
    const nowMs = this.#clock.now();
    if (atMs > nowMs) {
      this.#arm(nowMs);
      return;
    }
    this.passed = { phase };
    this.#onPassed(this.passed);
  }
}
