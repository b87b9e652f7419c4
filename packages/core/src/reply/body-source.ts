import type { Clock } from "../clock.ts";

/** What waiting for the upstream came to. */
export type Arrival =
  | { readonly type: "chunk"; readonly bytes: Uint8Array }
  | { readonly type: "end" }
  | { readonly type: "error"; readonly cause: unknown }
  | { readonly type: "interrupt"; readonly reason: unknown };

const drainMs = 250;
const maxDrainChunks = 8;

const ended: Arrival = { type: "end" };

/**
 * Pulls an upstream body one chunk at a time, and can be interrupted while it waits: by a deadline, a ping that is due, a client that left. An
 * interrupt loses nothing: the chunk under way is delivered by the next call.
 */
export class BodySource {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #isPulling = false;
  #arrived: Arrival | undefined;
  #interrupt: Arrival | undefined;
  #wake: ((arrival: Arrival) => void) | undefined;
  #isClosed = false;

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#iterator = body[Symbol.asyncIterator]();
  }

  get isWaiting(): boolean {
    return this.#wake !== undefined;
  }

  next(): Promise<Arrival> {
    return new Promise((resolve) => {
      const ready = this.#interrupt ?? this.#arrived;
      if (ready !== undefined) {
        if (ready === this.#interrupt) this.#interrupt = undefined;
        else this.#arrived = undefined;
        resolve(ready);
        return;
      }
      this.#wake = resolve;
      this.#pull();
    });
  }

  /** Ends the wait under way, or the next one, with `reason`. */
  interrupt(reason: unknown): void {
    const arrival: Arrival = { type: "interrupt", reason };
    const wake = this.#wake;
    this.#wake = undefined;
    if (wake) wake(arrival);
    else this.#interrupt = arrival;
  }

  /** Lets go of the upstream; never throws and never waits. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // The attempt is over: how an upstream takes the cancellation changes nothing any more.
    this.#iterator.return?.().then(undefined, () => undefined);
  }

  /**
   * The answer is whole, but the upstream may still have its last bytes to say: they are read so that its connection can be used again, for a
   * short while; an upstream that leaves the connection open, or goes on talking, is let go of. Calls `onLetGo` then, not when it ended by itself.
   */
  drain(clock: Clock, onLetGo: () => void): void {
    if (this.#arrived?.type === "end") return;
    let budget = maxDrainChunks;
    const letGo = () => {
      timer[Symbol.dispose]();
      this.close();
      onLetGo();
    };
    const timer = clock.setTimer(drainMs, letGo);
    const pull = (): void => {
      void this.next().then((arrival) => {
        if (arrival.type === "chunk" && budget-- > 0) return pull();
        if (arrival.type === "end") return timer[Symbol.dispose]();
        return letGo();
      });
    };
    pull();
  }

  #pull(): void {
    if (this.#isPulling) return;
    this.#isPulling = true;
    this.#iterator.next().then(
      (result) => this.#deliver(result.done === true ? ended : { type: "chunk", bytes: result.value }),
      (cause: unknown) => this.#deliver({ type: "error", cause }),
    );
  }

  #deliver(arrival: Arrival): void {
    this.#isPulling = false;
    const wake = this.#wake;
    this.#wake = undefined;
    if (wake) wake(arrival);
    else this.#arrived = arrival;
  }
}
