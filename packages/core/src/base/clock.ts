/** Where time comes from. Everything in core that waits or measures does so through a `Clock`, so that tests run in virtual time. */
export interface Clock {
  /** Monotonic milliseconds from an arbitrary origin; never jumps with the wall clock. */
  now(): number;
  /** Wall-clock milliseconds since the Unix epoch; used only to read HTTP dates and to display times. */
  wallNow(): number;
  /** Calls `callback` once after `delayMs`; disposing the timer earlier cancels it. A timer never keeps a process alive. */
  setTimer(delayMs: number, callback: () => void): Disposable;
}

// The one file of core that may touch the platform's clock and timers: it is what everything else is injected with by default.
/** The platform's clock: `performance.now`, `Date.now`, `setTimeout`. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  setTimer(delayMs, callback) {
    const timer: unknown = setTimeout(callback, delayMs);
    if (hasUnref(timer)) timer.unref();
    return isDisposable(timer) ? timer : { [Symbol.dispose]: () => clearTimeout(timer as number) };
  },
};

function hasUnref(timer: unknown): timer is { unref(): void } {
  return typeof timer === "object" && timer !== null && "unref" in timer && typeof timer.unref === "function";
}

/** Node's timers are; those of browsers and workers are numbers. */
function isDisposable(timer: unknown): timer is Disposable {
  return typeof timer === "object" && timer !== null && Symbol.dispose in timer;
}
