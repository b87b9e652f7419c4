import { type Clock, CredentialError } from "@ccpb/core";

/** A credential that may expire. */
export interface Credential {
  /** Identity of the credential: a token, or the id of an access key. */
  readonly identity: string;
  /** Milliseconds since the Unix epoch; undefined where the source does not say. */
  readonly expiresAtMs: number | undefined;
}

/** Needs of one caller. */
export interface CredentialWish {
  readonly signal: AbortSignal;
  /** The identity of a credential that the provider has just refused. */
  readonly refused: string | undefined;
  /** Another provider can serve the call, so that it must not wait. */
  readonly hasAlternative: boolean;
}

export interface CredentialCacheOptions<Held extends Credential> {
  /** Gets a new credential from its source; must settle by itself within a deadline. `isForced`: what the source has cached was refused. */
  readonly fetch: (isForced: boolean) => Promise<Held>;
  readonly clock: Clock;
  /**
   * Called with a fetch that failed while no call waited for it: the first one, or a renewal while the credential
   * before is still valid.
   */
  readonly onRenewalFailure: (error: unknown) => void;
  /**
   * Milliseconds before its expiry at which a credential is renewed; one without an expiry is renewed at this age.
   * Default: 5 minutes.
   */
  readonly refreshMs?: number;
}

const defaultRefreshMs = 5 * 60_000;
// Time that a fast source takes; a call that another provider can serve waits no longer.
const graceMs = 250;
// From the start of a renewal in the background to that of the next one, should it fail.
const renewalPauseMs = 10_000;
// A failure that came after all calls had stopped waiting for it is the answer to the next call for so long.
const failureMs = 60_000;

/** A fetch that is under way. */
interface Pending<Held> {
  readonly promise: Promise<Held>;
  readonly sinceMs: number;
  /** Number of calls that wait for it. */
  waiting: number;
  /** A call has waited for it, and may have stopped. */
  wasAwaited: boolean;
}

/**
 * Keeps one credential for all calls: fetched once for all that wait, renewed in the background shortly before it expires, and at once after the
 * provider refused it.
 */
export class CredentialCache<Held extends Credential> {
  readonly #options: CredentialCacheOptions<Held>;
  readonly #refreshMs: number;
  #held: { readonly credential: Held; readonly renewAtMs: number } | undefined;
  #pending: Pending<Held> | undefined;
  /** The failure of a fetch that took longer than its calls waited. Without it, a slow command that always fails would never be told to a call. */
  #missedFailure: { readonly error: unknown; readonly untilMs: number } | undefined;
  #renewNotBeforeMs = 0;

  constructor(options: CredentialCacheOptions<Held>) {
    this.#options = options;
    this.#refreshMs = options.refreshMs ?? defaultRefreshMs;
  }

  /**
   * Returns the credential, at once where a valid one is held.
   *
   * @throws `CredentialError` with `isPending` where it takes longer than 250 ms and another provider can serve the call; else what `fetch` throws, also
   * where it threw within the last minute, after the calls before had stopped waiting.
   */
  async get(wish: CredentialWish): Promise<Held> {
    const held = this.#held;
    const nowMs = this.#options.clock.wallNow();
    if (held?.credential.identity === wish.refused) this.#held = undefined;
    else if (held && nowMs < (held.credential.expiresAtMs ?? Number.POSITIVE_INFINITY)) {
      if (nowMs >= held.renewAtMs && nowMs >= this.#renewNotBeforeMs) this.#renewInBackground();
      return held.credential;
    }
    const missed = this.#missedFailure;
    this.#missedFailure = undefined;
    if (missed && this.#options.clock.now() < missed.untilMs) throw missed.error;
    this.#pending ??= this.#fetch(wish.refused !== undefined);
    return this.#wait(this.#pending, wish);
  }

  /**
   * Fetches the credential ahead of the first call, and after a reload; a failure is told as that of a renewal is. A failure from before is forgotten: who
   * reloads may have mended its cause.
   */
  warm(): void {
    this.#missedFailure = undefined;
    if (this.#held || this.#pending) return;
    this.#pending = this.#fetch(false);
  }

  #renewInBackground(): void {
    if (this.#pending) return;
    this.#renewNotBeforeMs = this.#options.clock.wallNow() + renewalPauseMs;
    this.#pending = this.#fetch(false);
  }

  #fetch(isForced: boolean): Pending<Held> {
    const { clock, fetch } = this.#options;
    const promise = fetch(isForced).then(
      (credential) => {
        this.#held = { credential, renewAtMs: this.#renewAtMs(credential) };
        this.#pending = undefined;
        this.#missedFailure = undefined;
        return credential;
      },
      (error: unknown) => {
        this.#pending = undefined;
        if (pending.waiting === 0) this.#missFailure(error, pending);
        throw error;
      },
    );
    // Its failure is told to the calls that wait, or by `#missFailure`.
    promise.catch(() => undefined);
    const pending: Pending<Held> = { promise, sinceMs: clock.now(), waiting: 0, wasAwaited: false };
    return pending;
  }

  #missFailure(error: unknown, { wasAwaited }: Pending<Held>): void {
    if (wasAwaited) this.#missedFailure = { error, untilMs: this.#options.clock.now() + failureMs };
    this.#options.onRenewalFailure(error);
  }

  /** Of a credential that lives shorter than twice the usual time, half of its life is used first. */
  #renewAtMs({ expiresAtMs }: Credential): number {
    const nowMs = this.#options.clock.wallNow();
    if (expiresAtMs === undefined) return nowMs + this.#refreshMs;
    return expiresAtMs - Math.min(this.#refreshMs, Math.max(0, expiresAtMs - nowMs) / 2);
  }

  #wait(pending: Pending<Held>, { signal, hasAlternative }: CredentialWish): Promise<Held> {
    const { clock } = this.#options;
    const { promise, sinceMs } = pending;
    pending.waiting += 1;
    pending.wasAwaited = true;
    const leftMs = hasAlternative ? sinceMs + graceMs - clock.now() : undefined;
    return new Promise((resolve, reject) => {
      const giveUp = (): void => settle(() => reject(new CredentialError(pendingText, { isPending: true })));
      const leave = (): void => settle(() => reject(new CredentialError("the attempt is over")));
      const timer = leftMs !== undefined && leftMs > 0 ? clock.setTimer(leftMs, giveUp) : undefined;
      let isSettled = false;
      const settle = (act: () => void): void => {
        if (isSettled) return;
        isSettled = true;
        pending.waiting -= 1;
        timer?.[Symbol.dispose]();
        signal.removeEventListener("abort", leave);
        act();
      };
      signal.addEventListener("abort", leave, { once: true });
      promise.then(
        (credential) => settle(() => resolve(credential)),
        (error: unknown) => settle(() => reject(error instanceof Error ? error : new CredentialError(String(error)))),
      );
      if (leftMs !== undefined && leftMs <= 0) giveUp();
    });
  }
}

const pendingText = "its credential is still being fetched";
