const firstWaitMs = 1_000;
// Short, because the calls that find out may be of one client whose own providers alone are out of reach: others get their turn soon.
const longestWaitMs = 2_000;
const probeYieldsAfterMs = 2_000;

/**
 * Holds calls back while this machine or its network is suspected: a call at several providers ended without one
 * connection. Providers are not charged for that. One call at a time tries, after 1 s and then every 2 s, whether a
 * provider answers again; the others wait.
 */
export class HostGate {
  #failures = 0;
  #nextTryAtMs = Number.NEGATIVE_INFINITY;
  #isProbed = false;
  #heardAtMs = Number.NEGATIVE_INFINITY;

  /** Time from which on a call may try; in the past if it may now. */
  get nextTryAtMs(): number {
    return this.#failures === 0 ? Number.NEGATIVE_INFINITY : this.#nextTryAtMs;
  }

  get isSuspected(): boolean {
    return this.#failures > 0;
  }

  /** A call is about to try: the next may after it has failed, or when it has been silent for 2 s. Its further attempts change nothing. */
  enter(nowMs: number): void {
    if (this.#failures === 0 || nowMs < this.#nextTryAtMs) return;
    this.#isProbed = true;
    this.#nextTryAtMs = nowMs + probeYieldsAfterMs;
  }

  /** A call that began at `sinceMs` ended without a connection to any provider. Where another call had an answer meanwhile, the network is there. */
  suspect(nowMs: number, sinceMs: number): void {
    if (this.#heardAtMs >= sinceMs) return;
    // Calls that were under way when the trouble began say the same thing once more.
    if (this.#failures > 0 && !this.#isProbed && nowMs < this.#nextTryAtMs) return;
    this.#nextTryAtMs = nowMs + Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(this.#failures, 10));
    this.#failures += 1;
    this.#isProbed = false;
  }

  /** Some provider has answered: the network is there. Returns whether it was under suspicion. */
  heard(nowMs: number): boolean {
    this.#heardAtMs = nowMs;
    return this.clear();
  }

  /** Ends the suspicion. Returns whether there was any. */
  clear(): boolean {
    if (this.#failures === 0) return false;
    this.#failures = 0;
    this.#isProbed = false;
    return true;
  }
}
