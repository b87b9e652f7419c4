import { BoundedMap } from "../base/bounded-map.ts";
import type { Clock } from "../base/clock.ts";
import type { QuotaWindow } from "../base/quota-window.ts";
import type { CircuitScope } from "../base/scope.ts";
import { unknownCircuit } from "../health/merge.ts";
import { type HeldQuota, isHeardThrough, keyOf, type Quotas, quotaCount } from "../health/quotas.ts";
import type { HealthChange } from "../health/replica.ts";
import { isQuotaNews } from "../health/shared-quotas.ts";

/** At most one message about a credential goes out in this time. */
const tellEveryMs = 1_000;

/** Connects the quota windows of one process with the processes that are told of them. */
export interface QuotaSharingOptions {
  readonly quotas: Quotas;
  readonly clock: Clock;
  /** The wall clock minus the monotonic clock, in milliseconds, as it was at the start: messages have times by it. */
  readonly epochOffsetMs: number;
  /** Publishes to other processes; undefined if health is not shared. */
  readonly share: ((change: HealthChange) => void) | undefined;
}

/** A credential's windows that other processes were told, and the monotonic time. */
interface Told {
  readonly held: HeldQuota;
  readonly atMs: number;
}

/**
 * Tells other processes of quota windows that answers to this one have stated, and takes over what they were told: a change of at least 1 % or a new
 * window, at most once a second for each credential. Windows of clients' own logins stay with the process.
 */
export class QuotaSharing {
  readonly #options: QuotaSharingOptions;
  readonly #told = new BoundedMap<Told>(quotaCount);
  readonly #unsaid = new BoundedMap<HeldQuota>(quotaCount);
  #timer: Disposable | undefined;

  constructor(options: QuotaSharingOptions) {
    this.#options = options;
    if (options.share !== undefined) options.quotas.onNote = (held) => this.#note(held);
  }

  /** Takes over what another process was told. `resetAtMs`: last reset of the provider, in milliseconds since the epoch; older sightings are dropped. */
  hear(change: HealthChange, resetAtMs: number): void {
    const { quotas, clock } = this.#options;
    const { scope, circuit, quotas: windows = [], isSameHost = false } = change;
    const { resetThroughMs } = circuit;
    const wallMs = clock.wallNow();
    const toWallMs = wallMs - this.#epochMs();
    if (resetThroughMs !== undefined) {
      quotas.forget(scope, resetThroughMs + toWallMs);
      this.#told.retain(({ held }) => !isHeardThrough(held, scope, resetThroughMs + toWallMs));
    }
    if (windows.length === 0 || (scope.type !== "key" && scope.type !== "key-deployment")) return;
    const lastResetMs = Math.max(resetAtMs, resetThroughMs ?? 0);
    const heard = windows
      .filter(({ heardAtMs }) => heardAtMs > lastResetMs)
      .map((window) => inTimesOf(window, toWallMs))
      // A sighting that is not yet would outlast this process's own.
      .map((window) => ({ ...window, heardAtMs: Math.min(window.heardAtMs, wallMs) }));
    const { provider, keyIndex } = scope;
    const model = scope.type === "key" ? "" : scope.model;
    quotas.takeOver({ provider, keyIndex, model, windows: heard }, isSameHost);
  }

  /** All windows as changes, to survive a restart or to be told to others. */
  snapshot(): readonly HealthChange[] {
    return this.#options.quotas.all().flatMap((held) => this.#changeOf(held) ?? []);
  }

  /** Forgets what was told and what is to be told: after a reload that moves keys, and after a reset. */
  clear(): void {
    this.#told.clear();
    this.#unsaid.clear();
  }

  #note(noted: HeldQuota): void {
    if (noted.keyIndex === undefined) return;
    const held = ownOf(noted);
    const key = keyOf(held);
    const told = this.#told.get(key);
    if (told !== undefined && !isQuotaNews(held.windows, told.held.windows)) return;
    this.#unsaid.set(key, held);
    const waitMs = told === undefined ? 0 : told.atMs + tellEveryMs - this.#options.clock.now();
    if (waitMs <= 0) this.#tell();
    else this.#timer ??= this.#options.clock.setTimer(waitMs, () => this.#tell());
  }

  /** Tells what is due, and comes back for the rest. */
  #tell(): void {
    const { clock, share } = this.#options;
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    const nowMs = clock.now();
    let waitMs = Infinity;
    for (const [key, held] of this.#unsaid) {
      const told = this.#told.get(key);
      const leftMs = told === undefined ? 0 : told.atMs + tellEveryMs - nowMs;
      if (leftMs > 0) {
        waitMs = Math.min(waitMs, leftMs);
        continue;
      }
      this.#unsaid.delete(key);
      this.#told.set(key, { held, atMs: nowMs });
      const change = this.#changeOf(held);
      if (change !== undefined) share?.(change);
    }
    if (waitMs < Infinity) this.#timer = clock.setTimer(waitMs, () => this.#tell());
  }

  #changeOf(held: HeldQuota): HealthChange | undefined {
    const { provider, keyIndex, model, windows } = ownOf(held);
    if (keyIndex === undefined || windows.length === 0) return undefined;
    const scope: CircuitScope =
      model === "" ? { type: "key", provider, keyIndex } : { type: "key-deployment", provider, keyIndex, model };
    const toEpochMs = this.#epochMs() - this.#options.clock.wallNow();
    return { scope, circuit: unknownCircuit, quotas: windows.map((window) => inTimesOf(window, toEpochMs)) };
  }

  #epochMs(): number {
    return this.#options.clock.now() + this.#options.epochOffsetMs;
  }
}

/** Without the windows that other hosts have heard of: those are theirs to tell. */
function ownOf(held: HeldQuota): HeldQuota {
  return { ...held, windows: held.windows.filter(({ isHearsay }) => !isHearsay) };
}

function inTimesOf(window: QuotaWindow, byMs: number): QuotaWindow {
  const { resetsAtMs, heardAtMs } = window;
  return { ...window, resetsAtMs: resetsAtMs === null ? null : resetsAtMs + byMs, heardAtMs: heardAtMs + byMs };
}
