import type { AttemptDeadlines } from "../call/call-types.ts";
import type { Clock } from "../base/clock.ts";
import type { DeadlinePhase } from "../base/outcome.ts";

/** The reason with which waiting is interrupted when a deadline passes. */
export interface DeadlinePassed {
  readonly phase: DeadlinePhase;
}

/** The deadlines of one attempt until its content gate opens, on a single timer that is armed for the nearest one. */
export class AttemptTimers implements Disposable {
  passed: DeadlinePassed | undefined;
  readonly #clock: Clock;
  readonly #deadlines: AttemptDeadlines;
  readonly #onPassed: (passed: DeadlinePassed) => void;
  readonly #startedAtMs: number;
  #lastByteAtMs: number | undefined;
  #timer: Disposable | undefined;
  #timerAtMs = Number.POSITIVE_INFINITY;

  /** `onPassed` is called once, when a deadline has passed. */
  constructor(deadlines: AttemptDeadlines, clock: Clock, onPassed: (passed: DeadlinePassed) => void) {
    this.#deadlines = deadlines;
    this.#clock = clock;
    this.#onPassed = onPassed;
    this.#startedAtMs = clock.now();
    this.#arm(this.#startedAtMs);
  }

  /** The headers have come: the response deadline is kept, the idle one begins. */
  onHeaders(): void {
    this.#lastByteAtMs = this.#clock.now();
    this.#arm(this.#lastByteAtMs);
  }

  /** A byte, or whatever shows that the provider is alive, has come: the idle deadline begins anew. */
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
