import type { InboundRequest } from "./inbound-request.ts";
import { SpeedMeter } from "./speed-meter.ts";

/**
 * The requests under way, in no order. No `Set`: V8 links every hash table that it has outgrown to the one that follows it, so that a set through
 * which requests come and go keeps all of them in memory until a full collection.
 */
export class RequestsUnderWay implements Iterable<InboundRequest> {
  readonly #all: InboundRequest[] = [];
  #onIdle: (() => void) | undefined;

  get size(): number {
    return this.#all.length;
  }

  add(inbound: InboundRequest): void {
    inbound.place = this.#all.length;
    this.#all.push(inbound);
  }

  remove(inbound: InboundRequest): void {
    const last = this.#all.pop();
    if (last !== undefined && last !== inbound) {
      last.place = inbound.place;
      this.#all[inbound.place] = last;
    }
    if (this.#all.length === 0) this.#onIdle?.();
  }

  /** Resolves when no request is under way, and after `ms` at the latest. */
  idleWithin(ms: number): Promise<void> {
    if (this.#all.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#onIdle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /**
   * Estimates the speed of each from now on. Returns a function from the request's id to tokens a second; null if not
   * known yet.
   */
  speeds(nowMs: number): (id: string) => number | null {
    const meters = new Map<string, SpeedMeter>();
    for (const inbound of this.#all) {
      inbound.meter ??= new SpeedMeter(inbound.path, nowMs);
      meters.set(inbound.id, inbound.meter);
    }
    return (id) => meters.get(id)?.perSecond(nowMs) ?? null;
  }

  /** Those that are there now, whatever comes and goes meanwhile. */
  [Symbol.iterator](): Iterator<InboundRequest> {
    return [...this.#all].values();
  }
}
