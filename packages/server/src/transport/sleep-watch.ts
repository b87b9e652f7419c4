import type { Balancer, Clock } from "@ccpb/core";
import type { Log } from "../log/log-types.ts";
import type { HttpTransport } from "./transport.ts";

/** A pause of this process that its timers or its clocks show. */
export interface Pause {
  /** Milliseconds for which the process was away, as far as known. */
  readonly awayMs: number;
  /**
   * Milliseconds by which the wall clock ran ahead of the monotonic one; 0 or more. Linux stops its monotonic clock
   * while a machine sleeps.
   */
  readonly skippedMs: number;
}

const lookEveryMs = 5_000;
const noticedMs = 5_000;

/**
 * Calls `onPause` after the machine has slept, or the process was stopped: when a timer fires more than 5 s late, or the wall clock has run more than 5 s
 * ahead of the monotonic one. A wall clock that is set forward counts as a pause, one that is set back does not. Looks every 5 s until it is disposed.
 */
export function watchSleep(clock: Clock, onPause: (pause: Pause) => void): Disposable {
  let timer: Disposable;
  const look = (): void => {
    const startMs = clock.now();
    const wallStartMs = clock.wallNow();
    timer = clock.setTimer(lookEveryMs, () => {
      const elapsedMs = clock.now() - startMs;
      const lateMs = elapsedMs - lookEveryMs;
      const skippedMs = Math.max(0, clock.wallNow() - wallStartMs - elapsedMs);
      look();
      if (lateMs > noticedMs || skippedMs > noticedMs) onPause({ awayMs: Math.max(0, lateMs) + skippedMs, skippedMs });
    });
  };
  look();
  return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
}

/** Parts that are told of a pause. */
export interface PauseParts {
  readonly clock: Clock;
  readonly balancer: Balancer;
  /** Absent: the transport is the caller's own. */
  readonly transport: Pick<HttpTransport, "dropParked"> | undefined;
  readonly log: Log;
}

/**
 * After a pause, closes the parked connections to providers, which are dead on the other side or lead through a network that is gone, and ends the
 * cooldowns that are over by the wall clock.
 */
export function recoverFromSleep({ clock, balancer, transport, log }: PauseParts): Disposable {
  return watchSleep(clock, ({ awayMs, skippedMs }) => {
    transport?.dropParked();
    if (skippedMs > 0) skipTime(balancer, skippedMs);
    const seconds = Math.round(awayMs / 1000);
    log.write("INFO", "woke_up", `this process was away for about ${seconds} s: parked connections are closed`, {
      seconds,
    });
  });
}

function skipTime(balancer: Balancer, ms: number): void {
  if ("skipTime" in balancer && typeof balancer.skipTime === "function") balancer.skipTime(ms);
}
