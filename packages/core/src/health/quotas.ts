import { BoundedMap } from "../base/bounded-map.ts";
import type { QuotaWindow } from "../base/quota-window.ts";
import type { Candidate } from "../base/scope.ts";
import type { HoldScope } from "./holds.ts";
import type { KeptHealth } from "./table-types.ts";
import type { QuotaReading } from "./quota-headers.ts";
import { isQuotaNews, mergeQuotas, windowLimit } from "./shared-quotas.ts";

/** Largest number of remembered credentials and credentials × models; the one that was heard of longest ago is dropped first. */
export const quotaCount = 1_000;

/** For how long a window counts that has neither a reset nor a length. */
const unknownLengthMs = 60_000;

/** Length from which on a window that is over is known to have started anew; a shorter one is forgotten. */
const longWindowMs = 3_600_000;

/** Clocks of hosts that tell each other, and corrections of a clock that is kept right, differ by less. */
const clockNoiseMs = 60_000;

/** A window as it is kept. */
export interface KeptWindow extends QuotaWindow {
  /** It was heard of from another host. */
  readonly isHearsay?: true;
}

/** The windows of one credential, or of one credential at one model. */
export interface HeldQuota {
  readonly provider: string;
  /** Absent: `login` pays. */
  readonly keyIndex?: number;
  /** The digest of a client's own credential. */
  readonly login?: string;
  /** Empty: whatever the model. */
  readonly model: string;
  readonly windows: readonly KeptWindow[];
}

/**
 * Keeps the quota windows that providers have stated in their answers, by credential, and by credential × model. Every time is of the wall clock: windows
 * go on while the machine sleeps.
 */
export class Quotas {
  readonly #byKey = new BoundedMap<HeldQuota>(quotaCount);
  /** Called with all windows of a credential after an answer has stated some; for the process that tells others. */
  onNote: ((held: HeldQuota) => void) | undefined;

  /** Takes in what an answer to an attempt at `candidate` stated, if anything. */
  note(candidate: Candidate, { account, model }: QuotaReading): void {
    // An answer without windows is remembered too: the key has been tried, and has none. Of clients' own credentials there may be any number.
    if (account.length > 0 || candidate.login === undefined)
      this.#merge({ ...holderOf(candidate), model: "" }, account);
    if (model.length > 0) this.#merge({ ...holderOf(candidate), model: candidate.model }, model);
  }

  /** Returns the windows in which an attempt at `candidate` would count, as they are at `nowMs`; undefined where it has never answered. */
  of(candidate: Candidate, nowMs: number): readonly KeptWindow[] | undefined {
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
      const windows = held.windows.flatMap((window) => windowAt(withoutOrigin(window), nowMs) ?? []);
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

  /** Lists all that is known, as it was heard. */
  all(): readonly HeldQuota[] {
    return [...this.#byKey].map(([, held]) => held);
  }

  /**
   * Joins what another process was told of a credential. Another host adds credentials until half of the room is taken, and windows until a
   * credential has 8, so that it pushes out nothing that this one has heard.
   */
  takeOver(heard: HeldQuota, isSameHost: boolean): void {
    const key = keyOf(heard);
    const known = this.#byKey.get(key);
    if (!isSameHost && known === undefined && this.#byKey.size >= quotaCount / 2) return;
    const own = known?.windows ?? [];
    let left = windowLimit / 2 - own.length;
    const windows = heard.windows.flatMap((window): readonly KeptWindow[] => {
      if (isSameHost) return [window];
      const before = own.find(({ name }) => name === window.name);
      // The sighting of this host itself stays while the other host says the same.
      const isKnown = before !== undefined && !before.isHearsay && !isQuotaNews([window], [before]);
      if (isKnown || (before === undefined && left-- <= 0)) return [];
      return [{ ...window, isHearsay: true }];
    });
    if (windows.length > 0) this.#byKey.set(key, { ...heard, windows: mergeQuotas(own, windows) });
  }

  /**
   * Forgets everything, or what is known of `part`: of a key what is its own, of a model what counts that model.
   *
   * @param throughMs - leaves what was heard later, in milliseconds since the epoch. Default: whenever it was heard.
   */
  forget(part: HoldScope | undefined, throughMs: number = Infinity): void {
    this.#byKey.retain((held) => part !== undefined && !isHeardThrough(held, part, throughMs));
  }

  #merge(holder: Omit<HeldQuota, "windows">, windows: readonly QuotaWindow[]): void {
    const key = keyOf(holder);
    const known = this.#byKey.get(key)?.windows ?? [];
    if (windows.length === 0 && this.#byKey.has(key)) return;
    const others = known.filter(({ name }) => !windows.some((window) => window.name === name));
    const held = { ...holder, windows: [...windows, ...others].slice(0, windowLimit) };
    this.#byKey.set(key, held);
    if (windows.length > 0) this.onNote?.(held);
  }
}

/** Returns whether all that is held belongs to `part`, and was heard no later than at `throughMs`. */
export function isHeardThrough(held: HeldQuota, part: HoldScope, throughMs: number): boolean {
  return isMeant(held, part) && held.windows.every(({ heardAtMs }) => heardAtMs <= throughMs);
}

function isMeant({ provider, keyIndex, model }: HeldQuota, part: HoldScope): boolean {
  if (provider !== part.provider || (part.keyIndex !== undefined && part.keyIndex !== keyIndex)) return false;
  return part.model === undefined || part.model === model;
}

function holderOf({ provider, keyIndex, login }: Candidate): Omit<HeldQuota, "windows" | "model"> {
  return login === undefined ? { provider, keyIndex } : { provider, login };
}

/** Returns the name of a credential, or of a credential at a model. */
export function keyOf({ provider, keyIndex, login, model }: Omit<HeldQuota, "windows">): string {
  return `${provider}\n${login ?? keyIndex}\n${model}`;
}

function withoutOrigin({ isHearsay: _isHearsay, ...window }: KeptWindow): QuotaWindow {
  return window;
}

/**
 * A window as it is at `nowMs`: one that is over has started anew where it is long, and is not known any more where it is short. One that was heard in the
 * future is not known either: the clock was set back since, and its reset would be as much too late.
 */
function windowAt(window: KeptWindow, nowMs: number): KeptWindow | undefined {
  const { resetsAtMs, lengthMs, heardAtMs } = window;
  if (heardAtMs > nowMs + clockNoiseMs) return undefined;
  const endsAtMs = resetsAtMs ?? heardAtMs + (lengthMs ?? unknownLengthMs);
  if (endsAtMs > nowMs) return window;
  if (resetsAtMs === null || lengthMs === null || lengthMs < longWindowMs) return undefined;
  const lengths = Math.floor((nowMs - resetsAtMs) / lengthMs) + 1;
  const { limit } = window;
  const full = limit === undefined ? {} : { remaining: limit };
  return { ...window, ...full, used: 0, resetsAtMs: resetsAtMs + lengths * lengthMs };
}
