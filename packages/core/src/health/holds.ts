import type { HeldStatus } from "../base/status-types.ts";

/** Part of a provider that an operator takes out of service: all of it, one key by its index, or one upstream model. */
export interface HoldScope {
  /** Name of the provider. */
  readonly provider: string;
  /** Index of the key, from 0; absent: every key. */
  readonly keyIndex?: number;
  /** The upstream model; absent: every model. */
  readonly model?: string;
}

/**
 * Way in which an operator keeps a provider out. `disabled`: it gets no further attempt. `draining`: it gets attempts
 * only of sessions that are bound to it. Calls under way go on in both cases.
 */
export type HoldType = "disabled" | "draining";

/** Hold to put into force. */
export interface HoldOrder {
  /** Part of a provider to take out of service. */
  readonly scope: HoldScope;
  /** `disabled`: no further attempt. `draining`: only sessions that are bound to the provider. */
  readonly type: HoldType;
  /** Milliseconds until the hold ends by itself. Absent: it lasts until it is ended. */
  readonly forMs?: number;
}

/** The part of a provider that an attempt would use. */
interface HeldPart {
  readonly provider: string;
  readonly keyIndex: number;
  readonly model: string;
}

interface Hold extends HoldScope {
  readonly type: HoldType;
  /** Monotonic; Infinity where no end was given. */
  readonly untilMs: number;
}

/** The most holds that are kept; a further one replaces the oldest. */
const maxHolds = 1_000;

/** Keeps what operators have taken out of service at run time, for this process. Every `nowMs` is monotonic, in milliseconds. */
export class Holds {
  readonly #holds = new Map<string, Hold>();

  /** Nothing is held: the usual case. */
  get isEmpty(): boolean {
    return this.#holds.size === 0;
  }

  /** Takes `scope` out until `untilMs`; replaces an earlier hold of the same scope. */
  set(scope: HoldScope, type: HoldType, untilMs: number): void {
    const name = nameOf(scope);
    this.#holds.delete(name);
    if (this.#holds.size >= maxHolds) this.#holds.delete(this.#holds.keys().next().value ?? name);
    this.#holds.set(name, { ...scope, type, untilMs });
  }

  /** Puts exactly `holds` into force, instead of all that are there. `untilMs`: monotonic; Infinity for no end. */
  replace(holds: readonly (HoldScope & { readonly type: HoldType; readonly untilMs: number })[]): void {
    this.#holds.clear();
    for (const { type, untilMs, ...scope } of holds) this.set(scope, type, untilMs);
  }

  /** Lifts the hold of exactly `scope`; of a whole provider, also those of its keys and models. Returns whether there was one. */
  lift(scope: HoldScope, nowMs: number): boolean {
    this.#expire(nowMs);
    if (scope.keyIndex !== undefined || scope.model !== undefined) return this.#holds.delete(nameOf(scope));
    const held = [...this.#holds].filter(([, { provider }]) => provider === scope.provider);
    for (const [name] of held) this.#holds.delete(name);
    return held.length > 0;
  }

  /** Returns what keeps `candidate` out; undefined where nothing does. `isBound`: the session that asks is bound to the provider. */
  keepsOut(candidate: HeldPart, nowMs: number, isBound: boolean): HeldStatus | undefined {
    for (const hold of this.#holds.values()) {
      if (keeps(hold, candidate, { nowMs, isBound })) return statusOf(hold, nowMs);
    }
    return undefined;
  }

  /** Returns when the last hold that keeps `candidate` out ends: `nowMs` where nothing does, Infinity where there is no end. */
  endsAtMs(candidate: HeldPart, nowMs: number, isBound: boolean): number {
    let endsAtMs = nowMs;
    for (const hold of this.#holds.values()) {
      if (keeps(hold, candidate, { nowMs, isBound })) endsAtMs = Math.max(endsAtMs, hold.untilMs);
    }
    return endsAtMs;
  }

  /** Lists the holds that are in force, the oldest first. */
  list(nowMs: number): readonly HeldStatus[] {
    this.#expire(nowMs);
    return [...this.#holds.values()].map((hold) => statusOf(hold, nowMs));
  }

  /**
   * Follows a reload: forgets the holds of providers and keys that are gone, and moves those of keys whose index changed, so that a disabled key stays
   * disabled wherever it stands now. `keysOf`: by the provider's name, its keys' old indexes and the new ones; undefined for a provider that is gone.
   */
  retain(keysOf: (provider: string) => ReadonlyMap<number, number> | undefined): void {
    const holds = [...this.#holds.values()];
    this.#holds.clear();
    for (const hold of holds) {
      const keys = keysOf(hold.provider);
      if (keys === undefined) continue;
      const keyIndex = hold.keyIndex === undefined ? undefined : keys.get(hold.keyIndex);
      if (hold.keyIndex !== undefined && keyIndex === undefined) continue;
      const moved = { ...hold, ...(keyIndex !== undefined && { keyIndex }) };
      this.#holds.set(nameOf(moved), moved);
    }
  }

  #expire(nowMs: number): void {
    for (const [name, { untilMs }] of this.#holds) if (untilMs <= nowMs) this.#holds.delete(name);
  }
}

/** Decides whether `hold` keeps `candidate` out at `nowMs`. */
function keeps(
  hold: Hold,
  candidate: HeldPart,
  { nowMs, isBound }: { readonly nowMs: number; readonly isBound: boolean },
): boolean {
  if (hold.untilMs <= nowMs || (hold.type === "draining" && isBound)) return false;
  if (hold.provider !== candidate.provider) return false;
  if (hold.keyIndex !== undefined && hold.keyIndex !== candidate.keyIndex) return false;
  return hold.model === undefined || hold.model === candidate.model;
}

function nameOf({ provider, keyIndex, model }: HoldScope): string {
  return JSON.stringify([provider, keyIndex ?? null, model ?? null]);
}

function statusOf({ untilMs, ...hold }: Hold, nowMs: number): HeldStatus {
  return { ...hold, remainingMs: Number.isFinite(untilMs) ? untilMs - nowMs : null };
}
