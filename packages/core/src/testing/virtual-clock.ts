import type { Clock } from "../base/clock.ts";

interface PendingTimer {
  readonly atMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/**
 * Clock that stands still until `advance` moves it. Timers fire in order, each at its own time.
 *
 * @example
 * ```ts
 * const still = new VirtualClock();
 * still.setTimer(1_000, () => console.log(still.now()));
 * await still.advance(1_000); // prints: 1000
 * ```
 */
export class VirtualClock implements Clock {
  #nowMs = 0;
  #wallOffsetMs: number;
  #order = 0;
  readonly #timers = new Set<PendingTimer>();

  /**
   * @param wallStartMs - wall clock at the start, in milliseconds since the Unix epoch.
   */
  constructor(wallStartMs = 1_800_000_000_000) {
    this.#wallOffsetMs = wallStartMs;
  }

  /**
   * Reads the virtual monotonic clock.
   *
   * @returns milliseconds since the clock was made.
   */
  now(): number {
    return this.#nowMs;
  }

  /**
   * Reads the virtual wall clock.
   *
   * @returns milliseconds since the Unix epoch.
   */
  wallNow(): number {
    return this.#wallOffsetMs + this.#nowMs;
  }

  /**
   * Makes the wall clock jump without any time passing.
   *
   * @param byMs - milliseconds; negative: backwards.
   */
  jumpWall(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /**
   * Calls a function once, when the clock is moved to its time.
   *
   * @param delayMs - milliseconds from now; negative counts as 0.
   * @param callback - called without arguments.
   * @returns the timer; disposing it cancels the call.
   */
  setTimer(delayMs: number, callback: () => void): Disposable {
    const timer: PendingTimer = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, callback };
    this.#timers.add(timer);
    return { [Symbol.dispose]: () => void this.#timers.delete(timer) };
  }

  /** Number of timers that have neither fired nor been cancelled. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  /**
   * Moves time on, firing the timers that fall due, and lets promises settle between timers.
   *
   * @param ms - milliseconds.
   */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settle();
    for (let due = this.#nextDue(untilMs); due; due = this.#nextDue(untilMs)) {
      this.#timers.delete(due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.callback();
      await settle();
    }
    this.#nowMs = untilMs;
    await settle();
  }

  /**
   * Moves time on at once, firing the timers that fall due, without giving promises a turn.
   *
   * @param ms - milliseconds.
   */
  advanceSync(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (let due = this.#nextDue(untilMs); due; due = this.#nextDue(untilMs)) {
      this.#timers.delete(due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.callback();
    }
    this.#nowMs = untilMs;
  }

  #nextDue(untilMs: number): PendingTimer | undefined {
    let next: PendingTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.atMs > untilMs) continue;
      if (!next || timer.atMs < next.atMs || (timer.atMs === next.atMs && timer.order < next.order)) next = timer;
    }
    return next;
  }
}

/** Lets the promise reactions that are under way run: a chain of awaits as long as any in the driver. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}
