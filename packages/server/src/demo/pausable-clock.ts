import { type Clock, systemClock } from "@ccpb/core";

/**
 * The platform's clock, whose time can be stopped. Cooldowns then stand still while a scene is played, so that a slow machine plays the same scenes as a
 * fast one. Timers are not stopped: deadlines pass as usual.
 */
export class PausableClock implements Clock {
  #pausedAtMs: number | undefined;
  #pausedForMs = 0;

  now(): number {
    return systemClock.now() - this.#standstillMs();
  }

  wallNow(): number {
    return systemClock.wallNow() - this.#standstillMs();
  }

  setTimer(delayMs: number, callback: () => void): Disposable {
    return systemClock.setTimer(delayMs, callback);
  }

  /** Stops the time; without effect where it stands still. */
  pause(): void {
    this.#pausedAtMs ??= systemClock.now();
  }

  /** Lets the time go on from where it was stopped. */
  resume(): void {
    this.#pausedForMs = this.#standstillMs();
    this.#pausedAtMs = undefined;
  }

  #standstillMs(): number {
    return this.#pausedForMs + (this.#pausedAtMs === undefined ? 0 : systemClock.now() - this.#pausedAtMs);
  }
}
