/** Source of time. All waiting and measuring in core goes through a `Clock`, so that tests run in virtual time. */
export interface Clock {
  /**
   * Reads the monotonic clock, which does not jump with the wall clock.
   *
   * @returns milliseconds from an arbitrary origin.
   */
  now(): number;
  /**
   * Reads the wall clock. Used only to read HTTP dates and to display times.
   *
   * @returns milliseconds since the Unix epoch.
   */
  wallNow(): number;
  /**
   * Calls a function once, later. The timer must not keep a process alive.
   *
   * @param delayMs - milliseconds from now.
   * @param callback - called without arguments.
   * @returns the timer; disposing it earlier cancels the call.
   */
  setTimer(delayMs: number, callback: () => void): Disposable;
}

// The one file of core that may touch the platform's clock and timers: it is what everything else is injected with by default.
/**
 * Clock of the platform: `performance.now`, `Date.now` and `setTimeout`. Default of every `clock` option. A timer that is
 * due lets the event loop read pending input first: if the process stood still past a deadline, the bytes that arrived in
 * time are read before the deadline counts as passed.
 *
 * @example
 * ```ts
 * const startMs = systemClock.now();
 * console.log(systemClock.now() >= startMs); // true
 * ```
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
