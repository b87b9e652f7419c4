import type { Clock } from "@ccpb/core";

// Below this a correction is the noise of a way there and back, and of a date in whole seconds.
const tellFromMs = 60_000;

/**
 * Clock of a provider that refuses requests by their time: this machine's, corrected by what the provider says the time is. Requests are signed by it,
 * and credentials that the provider gave expire by it.
 */
export class ProviderClock implements Clock {
  readonly #clock: Clock;
  readonly #onCorrection: (aheadMs: number) => void;
  #aheadMs = 0;

  /**
   * @param clock - This machine's.
   * @param onCorrection - Called with every change of a minute and more: by how many milliseconds the provider's clock is ahead of this machine's,
   * negative where it is behind.
   */
  constructor(clock: Clock, onCorrection: (aheadMs: number) => void) {
    this.#clock = clock;
    this.#onCorrection = onCorrection;
  }

  now(): number {
    return this.#clock.now();
  }

  wallNow(): number {
    return this.#clock.wallNow() + this.#aheadMs;
  }

  setTimer(delayMs: number, callback: () => void): Disposable {
    return this.#clock.setTimer(delayMs, callback);
  }

  /** Takes over what the provider says the time is, in milliseconds since the Unix epoch. */
  correct(providerTimeMs: number): void {
    const aheadMs = providerTimeMs - this.#clock.wallNow();
    const changeMs = Math.abs(aheadMs - this.#aheadMs);
    this.#aheadMs = aheadMs;
    if (changeMs >= tellFromMs) this.#onCorrection(aheadMs);
  }
}

/**
 * Describes in one sentence that this machine's clock is wrong, for operators.
 *
 * @param aheadMs - Lead of the provider's clock over this machine's in milliseconds, negative where it is behind.
 */
export function clockText(provider: string, aheadMs: number): string {
  const by = `this machine's clock is ${spanText(Math.abs(aheadMs))} ${aheadMs > 0 ? "behind" : "ahead of"}`;
  if (Math.abs(aheadMs) < tellFromMs) return `this machine's clock agrees with that of ${provider} again`;
  return `${by} that of ${provider}, which refused a request for its time; requests to it are signed by its own clock now: set the clock of this machine`;
}

function spanText(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}
