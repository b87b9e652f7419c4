const windowMs = 10_000;
const slotMs = 1_000;
const slotCount = windowMs / slotMs;
const share = 0.2;
const freePerSecond = 10;

interface Slot {
  startMs: number;
  calls: number;
  withdrawn: number;
}

/**
 * Limits the further attempts of all calls of one balancer together: a fifth of the calls of the last ten seconds
 * plus ten a second (the budget of Finagle's `RetryBudget`). It bounds the load that a request which fails everywhere
 * multiplies into.
 */
export class RetryBudget {
  readonly #slots: Slot[] = [];

  /** A call has made its first attempt. */
  deposit(nowMs: number): void {
    this.#slotAt(nowMs).calls += 1;
  }

  /** Takes one attempt out of the budget; false where it is empty. */
  withdraw(nowMs: number): boolean {
    if (this.left(nowMs) < 1) return false;
    this.#slotAt(nowMs).withdrawn += 1;
    return true;
  }

  /** Computes how many attempts are left now. */
  left(nowMs: number): number {
    let calls = 0;
    let withdrawn = 0;
    for (const slot of this.#slots) {
      if (nowMs - slot.startMs >= windowMs) continue;
      calls += slot.calls;
      withdrawn += slot.withdrawn;
    }
    return calls * share + (freePerSecond * windowMs) / 1_000 - withdrawn;
  }

  #slotAt(nowMs: number): Slot {
    const startMs = Math.floor(nowMs / slotMs) * slotMs;
    const last = this.#slots.at(-1);
    if (last !== undefined && last.startMs >= startMs) return last;
    const slot = { startMs, calls: 0, withdrawn: 0 };
    this.#slots.push(slot);
    while (this.#slots.length > slotCount) this.#slots.shift();
    return slot;
  }
}
