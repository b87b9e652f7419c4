import { BoundedMap } from "../base/bounded-map.ts";

/**
 * Largest number of pairs of credential and model that are remembered; the one that was refused longest ago is
 * forgotten first.
 */
const limitCount = 1_000;
const riseEveryMs = 60_000;
/** After this long without a refusal the limit is forgotten. */
const forgetAfterMs = 60 * 60_000;

interface LearnedLimit {
  readonly limit: number;
  readonly learnedAtMs: number;
}

/**
 * Remembers how many requests at once providers accept, by credential and model. Limits are learned from 429s that
 * state no wait, and rise by one a minute.
 */
export class LearnedLimits {
  readonly #byKey = new BoundedMap<LearnedLimit>(limitCount);

  /** A request was refused while `inFlight` (itself included) were under way: one less is the limit, and at least one. */
  learn(key: string, inFlight: number, nowMs: number): void {
    const limit = Math.min(this.at(key, nowMs) ?? Number.POSITIVE_INFINITY, Math.max(1, inFlight - 1));
    this.#byKey.set(key, { limit, learnedAtMs: nowMs });
  }

  get isEmpty(): boolean {
    return this.#byKey.size === 0;
  }

  /** The limit now; undefined where none was learned. */
  at(key: string, nowMs: number): number | undefined {
    if (this.#byKey.size === 0) return undefined;
    const known = this.#byKey.get(key);
    if (known === undefined) return undefined;
    const ageMs = nowMs - known.learnedAtMs;
    if (ageMs >= forgetAfterMs) {
      this.#byKey.delete(key);
      return undefined;
    }
    return known.limit + Math.floor(ageMs / riseEveryMs);
  }

  /** The limits now, by key. */
  entries(nowMs: number): (readonly [key: string, limit: number])[] {
    return [...this.#byKey].flatMap(([key]) => {
      const limit = this.at(key, nowMs);
      return limit === undefined ? [] : [[key, limit] as const];
    });
  }

  /** Forgets the limits of keys that `isKept` refuses. */
  retain(isKept: (key: string) => boolean): void {
    this.#byKey.retain((_limit, key) => isKept(key));
  }

  /** Forgets everything, as a reset does. */
  clear(): void {
    this.#byKey.clear();
  }
}
