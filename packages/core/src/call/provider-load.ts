import type { Mutable } from "../base/mutable.ts";

/** Counters of one provider: what selection and status need to know about its work. */
export interface LoadFigures {
  readonly inFlight: number;
  readonly requests: number;
  readonly failures: number;
  /** Wall clock, ms since the epoch; null before the first failure. */
  readonly lastFailureAtMs: number | null;
}

type Counters = Mutable<LoadFigures>;

const idle: LoadFigures = { inFlight: 0, requests: 0, failures: 0, lastFailureAtMs: null };

/** Attempts under way and so far, by provider; those under way also by credential × model. */
export class ProviderLoad {
  readonly #counters = new Map<string, Counters>();
  /** Holds only what is above zero, so that it is bounded by the attempts under way. */
  readonly #underWay = new Map<string, number>();

  /** The figures as they are now; they go on counting. */
  of(provider: string): LoadFigures {
    return this.#counters.get(provider) ?? idle;
  }

  /** Attempts under way with the same credential at the same model. */
  underWay(key: string): number {
    return this.#underWay.get(key) ?? 0;
  }

  /** `key`: of its credential × model (`payerKey`). */
  start(provider: string, key: string): void {
    const counters = this.#countersOf(provider);
    counters.inFlight += 1;
    counters.requests += 1;
    this.#underWay.set(key, this.underWay(key) + 1);
  }

  end(provider: string, key: string, failedAtMs?: number): void {
    const counters = this.#countersOf(provider);
    counters.inFlight = Math.max(0, counters.inFlight - 1);
    const left = this.underWay(key) - 1;
    if (left > 0) this.#underWay.set(key, left);
    else this.#underWay.delete(key);
    if (failedAtMs === undefined) return;
    counters.failures += 1;
    counters.lastFailureAtMs = failedAtMs;
  }

  retain(providers: ReadonlySet<string>): void {
    for (const name of this.#counters.keys()) if (!providers.has(name)) this.#counters.delete(name);
  }

  #countersOf(provider: string): Counters {
    const known = this.#counters.get(provider);
    if (known) return known;
    const counters = { ...idle };
    this.#counters.set(provider, counters);
    return counters;
  }
}
