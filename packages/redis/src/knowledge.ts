import { type HealthChange, mergeLessons, mergeQuotas, mergeShared } from "@ccpb/core";
import { BoundedMap } from "./bounded-map.ts";
import { longestAgeMs, scopeKey } from "./wire.ts";

type Quota = NonNullable<HealthChange["quotas"]>[number];

/** Knowledge of one scope, and the identity of the scope when it was learned. */
export interface Fact {
  readonly change: HealthChange;
  readonly identity: string;
}

/**
 * Largest number of scopes of this process's own, and as many of others'; those without news for longest are dropped
 * first.
 */
export const factLimit = 5_000;

// Also the length of a view, which others do not read beyond 2 MB.
const characterLimit = 500_000;

// A circuit whose cooldown is over still wants one probe instead of a crowd, and remembers its back-off.
const openingKeptMs = 600_000;
// Time in which a process that was cut off may come back with an opening that has ended already.
const recoveryKeptMs = 3_600_000;
// Core keeps a lesson for the same time.
const lessonKeptMs = 24 * 3_600_000;

/**
 * All that this process has said and heard and that still counts, one fact a scope. Facts that it has only heard are kept apart: it merges them and
 * answers with them, but does not repeat them. So others can neither push out its own facts nor have theirs repeated.
 */
export class Knowledge {
  readonly #own = new BoundedMap<Fact>({ entries: factLimit, characters: characterLimit });
  readonly #heard = new BoundedMap<Fact>({ entries: factLimit, characters: characterLimit });
  readonly #identify: (scope: HealthChange["scope"]) => string | undefined;

  /** `identify`: what a scope stands for in this process now; `undefined` for what it has not. */
  constructor(identify: (scope: HealthChange["scope"]) => string | undefined) {
    this.#identify = identify;
  }

  /** Returns whether `scope` stands for the same here as at the sender; nothing of a message is kept before. */
  isOurs(scope: HealthChange["scope"], identity: string): boolean {
    return this.#identify(scope) === identity;
  }

  /** Joins a finding of this process to what is known; returns its key, or `undefined` where the scope is not one of this process. */
  say(change: HealthChange): string | undefined {
    const identity = this.#identify(change.scope);
    if (identity === undefined) return undefined;
    const key = scopeKey(change.scope);
    this.#keep(this.#own, key, { change: this.#joined(key, change), identity });
    this.#heard.delete(key);
    return key;
  }

  /** Joins what another process said to what is known; returns what is known then of its scope, or `undefined` where the scope stands for something else. */
  hear(change: HealthChange, identity: string): HealthChange | undefined {
    if (!this.isOurs(change.scope, identity)) return undefined;
    const key = scopeKey(change.scope);
    const joined = this.#joined(key, change);
    this.#keep(this.#own.has(key) ? this.#own : this.#heard, key, { change: joined, identity });
    return joined;
  }

  /** Finds the knowledge of a scope; `undefined` if there is none, or if the scope has another identity now. */
  get(key: string): Fact | undefined {
    const fact = this.#fact(key);
    return fact && { ...fact, change: this.#answered(fact.change) };
  }

  /** Every key of this process's own with something that still counts at `nowMs` (the clock of the changes); the rest is forgotten. */
  ownKeys(nowMs: number): readonly string[] {
    this.#forget(nowMs);
    return [...this.#own.keys()];
  }

  /** The same for all that is known, of whomever it came. */
  allKeys(nowMs: number): readonly string[] {
    this.#forget(nowMs);
    return [...this.#own.keys(), ...this.#heard.keys()];
  }

  /** For how long from `nowMs` something of this process's own will count; 0 or less: nothing does. */
  keptMs(nowMs: number): number {
    let longestMs = 0;
    for (const key of this.#own.keys()) longestMs = Math.max(longestMs, this.#keptMs(key, nowMs));
    return longestMs;
  }

  #fact(key: string): Fact | undefined {
    const fact = this.#own.get(key) ?? this.#heard.get(key);
    return fact !== undefined && this.isOurs(fact.change.scope, fact.identity) ? fact : undefined;
  }

  #joined(key: string, { scope, circuit, lessons, quotas }: HealthChange): HealthChange {
    const known = this.#fact(key)?.change;
    const joined = mergeShared(known?.circuit ?? { openings: [], recoveredThroughMs: 0 }, circuit);
    return this.#answered({
      scope,
      circuit: joined,
      lessons: mergeLessons(known?.lessons, lessons),
      quotas: mergeQuotas(known?.quotas, quotas),
    });
  }

  /** A reset of a provider answers what is known of its deployments and keys as well, whichever is heard of first. */
  #answered(change: HealthChange): HealthChange {
    const { scope, circuit, lessons = [], quotas = [] } = change;
    const provider = scopeKey({ type: "provider", provider: scope.provider });
    const resetThroughMs = this.#fact(provider)?.change.circuit.resetThroughMs ?? 0;
    // A key may have been reset by itself.
    const quotasFromMs = Math.max(resetThroughMs, circuit.resetThroughMs ?? 0);
    const isAnswered = resetThroughMs <= circuit.recoveredThroughMs;
    const reset = { openings: [], recoveredThroughMs: resetThroughMs, resetThroughMs };
    return changeOf({
      scope,
      circuit: isAnswered ? circuit : mergeShared(circuit, reset),
      lessons: lessons.filter(({ learnedAtMs }) => learnedAtMs > resetThroughMs),
      quotas: quotas.filter(({ heardAtMs }) => heardAtMs > quotasFromMs),
    });
  }

  #keep(facts: BoundedMap<Fact>, key: string, fact: Fact): void {
    const { circuit, lessons = [], quotas = [] } = fact.change;
    const stated = quotas.length === 0 ? 0 : JSON.stringify(quotas).length + quotas.length * 100;
    const taught = lessons.length === 0 ? 0 : JSON.stringify(lessons).length + lessons.length * 100;
    facts.set(key, fact, key.length + fact.identity.length + 200 + circuit.openings.length * 350 + taught + stated);
  }

  #forget(nowMs: number): void {
    for (const map of [this.#own, this.#heard])
      for (const key of map.keys()) if (this.#keptMs(key, nowMs) <= 0) map.delete(key);
  }

  #keptMs(key: string, nowMs: number): number {
    const fact = this.get(key);
    if (fact === undefined) return 0;
    const { circuit, lessons = [], quotas = [] } = fact.change;
    const { openings, recoveredThroughMs } = circuit;
    let endsAtMs = recoveredThroughMs + recoveryKeptMs;
    for (const { untilMs } of openings) endsAtMs = Math.max(endsAtMs, untilMs + openingKeptMs);
    for (const { learnedAtMs } of lessons) endsAtMs = Math.max(endsAtMs, learnedAtMs + lessonKeptMs);
    for (const quota of quotas) endsAtMs = Math.max(endsAtMs, endOf(quota));
    return endsAtMs - nowMs;
  }
}

/** Ends with the window; one without a reset is told as long as core keeps it. */
function endOf({ heardAtMs, resetsAtMs, lengthMs }: Quota): number {
  const endsAtMs = resetsAtMs ?? heardAtMs + (lengthMs ?? 60_000);
  return Math.min(endsAtMs, heardAtMs + longestAgeMs);
}

function changeOf({ scope, circuit, lessons = [], quotas = [] }: HealthChange): HealthChange {
  return { scope, circuit, ...(lessons.length > 0 && { lessons }), ...(quotas.length > 0 && { quotas }) };
}
