import { type HealthChange, mergeShared } from "@ccpb/core";
import { scopeKey } from "./wire.ts";

/** What is known of one scope, and what the scope stood for when it was learned. */
export interface Fact {
  readonly change: HealthChange;
  readonly identity: string;
}

/** How many scopes are kept in mind; those that were longest without news go first. */
export const factLimit = 5_000;
// A circuit whose cooldown is over still wants one probe instead of a crowd, and remembers its back-off.
const openingKeptMs = 600_000;
// As long as somebody who was cut off may come back with an opening that is answered already.
const recoveryKeptMs = 3_600_000;

/** All that this process has said and heard and that still counts, one fact a scope. */
export class Knowledge {
  readonly #facts = new Map<string, Fact>();
  readonly #identify: (scope: HealthChange["scope"]) => string | undefined;

  /** `identify`: what a scope stands for in this process now; `undefined` for what it has not. */
  constructor(identify: (scope: HealthChange["scope"]) => string | undefined) {
    this.#identify = identify;
  }

  /** Joins a change to what is known; answers its key, or `undefined` where the scope stands for something else here. */
  learn(change: HealthChange, identity: string | undefined = this.#identify(change.scope)): string | undefined {
    if (identity === undefined || identity !== this.#identify(change.scope)) return undefined;
    const key = scopeKey(change.scope);
    const known = this.#facts.get(key);
    const isSameThing = known !== undefined && known.identity === identity;
    const circuit = isSameThing ? mergeShared(known.change.circuit, change.circuit) : change.circuit;
    this.#facts.delete(key);
    this.#facts.set(key, { change: { scope: change.scope, circuit }, identity });
    const [oldest] = this.#facts.keys();
    if (this.#facts.size > factLimit && oldest !== undefined) this.#facts.delete(oldest);
    return key;
  }

  get(key: string): Fact | undefined {
    const fact = this.#facts.get(key);
    return fact !== undefined && this.#identify(fact.change.scope) === fact.identity ? fact : undefined;
  }

  /** Every key with something that still counts at `nowMs` (the clock of the changes); the rest is forgotten. */
  keys(nowMs: number): readonly string[] {
    for (const key of this.#facts.keys()) if (this.#keptMs(key, nowMs) <= 0) this.#facts.delete(key);
    return [...this.#facts.keys()];
  }

  /** For how long from `nowMs` something of this will count; 0 or less: nothing does. */
  keptMs(nowMs: number): number {
    let longest = 0;
    for (const key of this.#facts.keys()) longest = Math.max(longest, this.#keptMs(key, nowMs));
    return longest;
  }

  #keptMs(key: string, nowMs: number): number {
    const fact = this.get(key);
    if (fact === undefined) return 0;
    const { openings, recoveredThroughMs } = fact.change.circuit;
    let end = recoveredThroughMs + recoveryKeptMs;
    for (const { untilMs } of openings) end = Math.max(end, untilMs + openingKeptMs);
    return end - nowMs;
  }
}
