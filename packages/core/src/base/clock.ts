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
/**
 * The platform's clock: `performance.now`, `Date.now`, `setTimeout`. A timer that is due lets the event loop read pending input first: when the process
 * stood still past a deadline, the bytes that arrived in time are read before the deadline counts as passed.
 */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  setTimer: (delayMs, callback) => new SystemTimer(delayMs, callback),
};

class SystemTimer implements Disposable {
  readonly #timer: unknown;
  #callback: (() => void) | undefined;

  constructor(delayMs: number, callback: () => void) {
    this.#callback = callback;
    this.#timer = setTimeout(this.#onDue, delayMs);
    if (hasUnref(this.#timer)) this.#timer.unref();
  }

  [Symbol.dispose](): void {
    this.#callback = undefined;
    clearTimeout(this.#timer as number);
  }

  readonly #onDue = (): void => afterInput(this.#run);

  /** Does nothing where the timer was disposed by the input that was read meanwhile. */
  readonly #run = (): void => {
    const callback = this.#callback;
    this.#callback = undefined;
    callback?.();
  };
}

function hasUnref(timer: unknown): timer is { unref(): void } {
  return typeof timer === "object" && timer !== null && "unref" in timer && typeof timer.unref === "function";
}

/**
 * Calls back once the event loop has read pending input. Node runs `setImmediate` callbacks right after it has polled for input, but due timers before.
 * Browsers have no `setImmediate`: there a second timer leaves the network's tasks a turn.
 */
function afterInput(callback: () => void): void {
  const immediate: unknown = Reflect.get(globalThis, "setImmediate");
  if (typeof immediate === "function") Reflect.apply(immediate, globalThis, [callback]);
  else setTimeout(callback, 0);
}
