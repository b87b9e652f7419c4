import type { Attempt, Call } from "../call/call-types.ts";
import type { CancelSignal } from "../base/cancellation.ts";
import type { Clock } from "../base/clock.ts";

/**
 * Waits for the next attempt of a call that is `pending`.
 *
 * @param call - call whose `next` has just returned undefined.
 * @param clock - clock for the timer; usually `call.clock`.
 * @param signal - aborted when the client leaves; undefined: the client is waited for.
 * @returns the attempt; undefined if no candidate is worth waiting for any more, the wait has lasted until
 *   `giveUpAtMs`, or the client has left.
 * @example
 * ```ts
 * const call = balancer.open(request);
 * const attempt = call.next() ?? (call.pending && (await takeTurn(call, call.clock, undefined)));
 * console.log(attempt?.provider); // first
 * ```
 */
export function takeTurn(call: Call, clock: Clock, signal: CancelSignal | undefined): Promise<Attempt | undefined> {
  if (signal?.aborted === true) return Promise.resolve(undefined);
  return new Promise((resolve) => void new Wait(call, clock, { signal, resolve }));
}

/** One wait of one call, from its entering the queue until it leaves. */
class Wait {
  readonly #call: Call;
  readonly #clock: Clock;
  readonly #signal: CancelSignal | undefined;
  readonly #resolve: (attempt: Attempt | undefined) => void;
  readonly #place: Disposable;
  #timer: Disposable | undefined;
  #isOver = false;

  constructor(
    call: Call,
    clock: Clock,
    outside: {
      readonly signal: CancelSignal | undefined;
      readonly resolve: (attempt: Attempt | undefined) => void;
    },
  ) {
    this.#call = call;
    this.#clock = clock;
    this.#signal = outside.signal;
    this.#resolve = outside.resolve;
    this.#place = call.enter({ onTurn: this.#end, onStillPending: () => this.#arm() });
    this.#signal?.addEventListener("abort", this.#leave);
    this.#arm();
  }

  readonly #end = (attempt: Attempt | undefined): void => {
    this.#isOver = true;
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#signal?.removeEventListener("abort", this.#leave);
    this.#resolve(attempt);
  };

  readonly #leave = (): void => {
    this.#place[Symbol.dispose]();
    this.#call.giveUp();
    this.#end(undefined);
  };

  #arm(): void {
    const { pending } = this.#call;
    if (!pending) return;
    this.#timer?.[Symbol.dispose]();
    const atMs = Math.min(pending.wakeAtMs, pending.giveUpAtMs);
    this.#timer = this.#clock.setTimer(Math.max(0, atMs - this.#clock.now()), () => this.#onTimer(pending.giveUpAtMs));
  }

  #onTimer(giveUpAtMs: number): void {
    this.#timer = undefined;
    // Also at the end of the wait: the probe that it waited for may be due in this very moment.
    this.#call.lookAgain();
    if (!this.#isOver && this.#clock.now() >= giveUpAtMs) this.#leave();
  }
}
