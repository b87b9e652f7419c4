import type { Clock } from "../base/clock.ts";
import type { ChunkTaker, PullableBody } from "../base/transport.ts";

/** Result of waiting for the upstream. */
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
export class BodySource implements ChunkTaker {
  readonly #iterator: AsyncIterator<Uint8Array>;
  readonly #pullable: PullableBody | undefined;
  #isPulling = false;
  #arrived: Arrival | undefined;
  #interrupt: Arrival | undefined;
  #wake: ((arrival: Arrival) => void) | undefined;
  #isClosed = false;

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#iterator = body[Symbol.asyncIterator]();
    this.#pullable = isPullable(body) ? body : undefined;
  }

  get isWaiting(): boolean {
    return this.#wake !== undefined;
  }

  next(): Promise<Arrival> {
    return new Promise((resolve) => {
      const ready = this.poll();
      if (ready === undefined) this.wait(resolve);
      else resolve(ready);
    });
  }

  /**
   * Takes what has come already, or comes at once when it is asked for; undefined: it is under way and can be waited
   * for.
   */
  poll(): Arrival | undefined {
    if (this.#interrupt === undefined && this.#arrived === undefined) this.#pull();
    const ready = this.#interrupt ?? this.#arrived;
    if (ready === this.#interrupt) this.#interrupt = undefined;
    else this.#arrived = undefined;
    return ready;
  }

  /** Calls `wake` once with what comes next, or with an interrupt; after a `poll` that had nothing. */
  wait(wake: (arrival: Arrival) => void): void {
    this.#wake = wake;
  }

  onChunk(bytes: Uint8Array): void {
    this.#deliver({ type: "chunk", bytes });
  }

  onEnd(): void {
    this.#deliver(ended);
  }

  onError(cause: unknown): void {
    this.#deliver({ type: "error", cause });
  }

  /** Ends the wait under way, or the next one, with `reason`. */
  interrupt(reason: unknown): void {
    const arrival: Arrival = { type: "interrupt", reason };
    const wake = this.#wake;
    this.#wake = undefined;
    if (wake) wake(arrival);
    else this.#interrupt = arrival;
  }

  /** Closes or releases the upstream's connection; never throws and never waits. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // The attempt is over: how an upstream takes the cancellation changes nothing any more.
    try {
      void Promise.resolve(this.#iterator.return?.()).catch(() => undefined);
    } catch {
      // No more does it where it throws at once.
    }
  }

  /**
   * Reads the upstream's last bytes behind a whole answer for a short while, so that its connection can be reused.
   * Closes a connection that stays open or goes on sending, and then calls `onLetGo`; it is not called if the
   * upstream ended by itself.
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

  /** Asks for what comes next, unless it has been asked for. */
  #pull(): void {
    if (this.#isPulling) return;
    this.#isPulling = true;
    try {
      if (this.#pullable) this.#pullable.pull(this);
      else
        this.#iterator.next().then(
          (result) => (result.done === true ? this.onEnd() : this.onChunk(result.value)),
          (cause: unknown) => this.onError(cause),
        );
    } catch (cause) {
      if (this.#isPulling) this.onError(cause);
    }
  }

  #deliver(arrival: Arrival): void {
    this.#isPulling = false;
    const wake = this.#wake;
    this.#wake = undefined;
    if (wake) wake(arrival);
    else this.#arrived = arrival;
  }
}

function isPullable(body: AsyncIterable<Uint8Array>): body is PullableBody {
  return "pull" in body && typeof body.pull === "function";
}
