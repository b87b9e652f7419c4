const firstWaitMs = 1_000;
const longestWaitMs = 4_000;
const probeYieldsAfterMs = 10_000;

/**
 * Whether this machine and its network are under suspicion: a call at several providers ended without one connection. Providers are not charged for
 * that; instead one call at a time finds out, after 1, 2 and then 4 seconds, whether any of them answers again, and the others wait for it.
 */
export class HostGate {
  #failures = 0;
  #nextTryAtMs = Number.NEGATIVE_INFINITY;
  #isProbed = false;

  /** From when a call may try; in the past where it may now. */
  get nextTryAtMs(): number {
    return this.#failures === 0 ? Number.NEGATIVE_INFINITY : this.#nextTryAtMs;
  }

  get isSuspected(): boolean {
    return this.#failures > 0;
  }

  /** A call is about to try: the next may after it has failed, or when it has been silent for 10 s. */
  enter(nowMs: number): void {
    if (this.#failures === 0) return;
    this.#isProbed = true;
    this.#nextTryAtMs = nowMs + probeYieldsAfterMs;
  }

  /** A call ended without a connection to any provider. */
  suspect(nowMs: number): void {
    // Calls that were under way when the trouble began say the same thing once more.
    if (this.#failures > 0 && !this.#isProbed && nowMs < this.#nextTryAtMs) return;
    this.#nextTryAtMs = nowMs + Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(this.#failures, 10));
    this.#failures += 1;
    this.#isProbed = false;
  }

  /** Some provider has answered: the network is there. Returns whether it was under suspicion. */
  clear(): boolean {
    if (this.#failures === 0) return false;
    this.#failures = 0;
    this.#isProbed = false;
    return true;
  }
}
