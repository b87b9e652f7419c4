import { type Attempt, AttemptTimers, type Call, type Clock } from "@ccpb/core";
import type { CallableModel } from "./model-types.ts";
import { outcomeOf } from "./outcome.ts";

/** The reason that a model's signal is aborted with when its attempt is over. */
function over(detail: string): DOMException {
  return new DOMException(detail, "AbortError");
}

/** One attempt under way at one model, with its deadlines and the caller's signal. */
export class Trial {
  readonly model: CallableModel;
  readonly attempt: Attempt;
  readonly clock: Clock;
  /** Watch for the deadlines until the content gate opens. */
  readonly timers: AttemptTimers;
  /** Error that the model threw. The caller gets it if no other model serves the call. */
  error: unknown;
  readonly #caller: AbortSignal | undefined;
  readonly #controller = new AbortController();
  #onStop: ((reason: unknown) => void) | undefined;

  /** @param parts - The attempt's model, and the signal of the caller. */
  constructor(
    call: Call,
    attempt: Attempt,
    parts: { readonly model: CallableModel; readonly signal: AbortSignal | undefined },
  ) {
    this.model = parts.model;
    this.attempt = attempt;
    this.clock = call.clock;
    this.#caller = parts.signal;
    this.timers = new AttemptTimers(attempt.deadlines, call.clock, ({ phase }) => {
      this.stop(over(`The deadline of the phase "${phase}" has passed.`));
    });
    this.#caller?.addEventListener("abort", this.#onAbort);
  }

  /** Given to the model: aborted when the caller leaves, a deadline passes, or the attempt is over. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** True if the caller has left. */
  get isAborted(): boolean {
    return this.#caller?.aborted === true;
  }

  /** The caller's reason for leaving. */
  get abortReason(): unknown {
    return this.#caller?.reason;
  }

  /** Aborts the model's signal, and rejects the race under way. */
  stop(reason: unknown): void {
    this.#controller.abort(reason);
    this.#onStop?.(reason);
  }

  /** Settles as `promise` does, or rejects as soon as the trial is stopped, also where the model does not listen. One at a time. */
  race<T>(promise: PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.signal.aborted) reject(this.signal.reason);
      this.#onStop = reject;
      promise.then(
        (value) => {
          this.#onStop = undefined;
          resolve(value);
        },
        (error: unknown) => {
          this.#onStop = undefined;
          reject(error);
        },
      );
    });
  }

  /** Reports a failure before any content, of which the caller hears nothing if another model serves the call. */
  fail(error: unknown): void {
    this.error = error;
    const { passed } = this.timers;
    this.release();
    if (this.isAborted) this.attempt.report({ type: "client-abort" });
    else if (passed) this.attempt.report({ type: "timeout", phase: passed.phase });
    else this.attempt.report(outcomeOf(error));
    this.stop(over("Another model takes over."));
  }

  /** Ends the listening to deadlines and to the caller. */
  release(): void {
    this.timers[Symbol.dispose]();
    this.#caller?.removeEventListener("abort", this.#onAbort);
  }

  readonly #onAbort = (): void => this.stop(this.abortReason);
}
