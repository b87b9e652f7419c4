import { BoundedMap } from "../base/bounded-map.ts";
import type { QuotaWindow } from "../base/quota-window.ts";
import type { Candidate } from "../base/scope.ts";
import type { HoldScope } from "./holds.ts";
import type { KeptHealth } from "./table-types.ts";
import type { QuotaReading } from "./quota-headers.ts";

/** Largest number of remembered credentials and credentials × models; the one that was heard of longest ago is dropped first. */
const quotaCount = 1_000;

/** The most windows that are kept for one of them; an answer that names others replaces the oldest. */
const windowCount = 16;

/** For how long a window counts that has neither a reset nor a length. */
const unknownLengthMs = 60_000;

/** Length from which on a window that is over is known to have started anew; a shorter one is forgotten. */
const longWindowMs = 3_600_000;

/** The windows of one credential, or of one credential at one model. */
export interface HeldQuota {
  readonly provider: string;
  /** Absent: `login` pays. */
  readonly keyIndex?: number;
  /** The digest of a client's own credential. */
  readonly login?: string;
  /** Empty: whatever the model. */
  readonly model: string;
  readonly windows: readonly QuotaWindow[];
}

/**
 * Keeps the quota windows that providers have stated in their answers, by credential, and by credential × model. Every time is of the wall clock: windows
 * go on while the machine sleeps.
 */
export class Quotas {
  readonly #byKey = new BoundedMap<HeldQuota>(quotaCount);

  /** Takes in what an answer to an attempt at `candidate` stated, if anything. */
  note(candidate: Candidate, { account, model }: QuotaReading): void {
    // An answer without windows is remembered too: the key has been tried, and has none. Of clients' own credentials there may be any number.
    if (account.length > 0 || candidate.login === undefined)
      this.#merge({ ...holderOf(candidate), model: "" }, account);
    if (model.length > 0) this.#merge({ ...holderOf(candidate), model: candidate.model }, model);
  }

  /** Returns the windows in which an attempt at `candidate` would count, as they are at `nowMs`; undefined where it has never answered. */
  of(candidate: Candidate, nowMs: number): readonly QuotaWindow[] | undefined {
    const holder = holderOf(candidate);
    const account = this.#byKey.get(keyOf({ ...holder, model: "" }));
    const own = this.#byKey.get(keyOf({ ...holder, model: candidate.model }));
    if (account === undefined && own === undefined) return undefined;
    const model = candidate.model.toLowerCase();
    return [...(account?.windows ?? []), ...(own?.windows ?? [])]
      .flatMap((window) => windowAt(window, nowMs) ?? [])
      .filter(({ family }) => family === undefined || model.includes(family));
  }

  /** Lists all windows of a provider as they are at `nowMs`. */
  list(provider: string, nowMs: number): readonly HeldQuota[] {
    return [...this.#byKey].flatMap(([, held]) => {
      if (held.provider !== provider) return [];
      const windows = held.windows.flatMap((window) => windowAt(window, nowMs) ?? []);
      return windows.length === 0 ? [] : [{ ...held, windows }];
    });
  }

  /** Forgets what is known of providers and keys that a reload does not keep, and moves the others to their new indexes. */
  retain(kept: KeptHealth): void {
    const all = [...this.#byKey].map(([, held]) => held);
    this.#byKey.clear();
    for (const held of all) {
      const keys = kept.get(held.provider);
      if (keys === undefined) continue;
      const { keyIndex } = held;
      const movedTo = keyIndex === undefined ? undefined : keys.get(keyIndex);
      if (keyIndex !== undefined && movedTo === undefined) continue;
      const moved = movedTo === undefined ? held : { ...held, keyIndex: movedTo };
      this.#byKey.set(keyOf(moved), moved);
    }
  }

  /** Forgets everything, or what is known of `part`: of a key what is its own, of a model what counts that model. */
  forget(part: HoldScope | undefined): void {
    this.#byKey.retain((held) => part !== undefined && !isMeant(held, part));
  }

  #merge(holder: Omit<HeldQuota, "windows">, windows: readonly QuotaWindow[]): void {
    const key = keyOf(holder);
    const known = this.#byKey.get(key)?.windows ?? [];
    if (windows.length === 0 && this.#byKey.has(key)) return;
    const others = known.filter(({ name }) => !windows.some((window) => window.name === name));
    this.#byKey.set(key, { ...holder, windows: [...windows, ...others].slice(0, windowCount) });
  }
}

function isMeant({ provider, keyIndex, model }: HeldQuota, part: HoldScope): boolean {
  if (provider !== part.provider || (part.keyIndex !== undefined && part.keyIndex !== keyIndex)) return false;
  return part.model === undefined || part.model === model;
}

function holderOf({ provider, keyIndex, login }: Candidate): Omit<HeldQuota, "windows" | "model"> {
  return login === undefined ? { provider, keyIndex } : { provider, login };
}

function keyOf({ provider, keyIndex, login, model }: Omit<HeldQuota, "windows">): string {
  return `${provider}\n${login ?? keyIndex}\n${model}`;
}

/** A window as it is at `nowMs`: one that is over has started anew where it is long, and is not known any more where it is short. */
function windowAt(window: QuotaWindow, nowMs: number): QuotaWindow | undefined {
  const { resetsAtMs, lengthMs, heardAtMs } = window;
  const endsAtMs = resetsAtMs ?? heardAtMs + (lengthMs ?? unknownLengthMs);
  if (endsAtMs > nowMs) return window;
  if (resetsAtMs === null || lengthMs === null || lengthMs < longWindowMs) return undefined;
  const lengths = Math.floor((nowMs - resetsAtMs) / lengthMs) + 1;
  const { limit } = window;
  const full = limit === undefined ? {} : { remaining: limit };
  return { ...window, ...full, used: 0, resetsAtMs: resetsAtMs + lengths * lengthMs };
}
