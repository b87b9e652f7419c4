const slots = 60;
const slotMs = 1_000;

/** Adds up amounts of the last 60 seconds, in slots of one second: an amount counts for 60 to 61 seconds. */
export class MinuteWindow {
  readonly #amounts = new Float64Array(slots + 1);
  /** The second that the newest slot counts. */
  #second = 0;
  #sum = 0;

  /** Adds an amount at a time in milliseconds; times may not go back. */
  add(nowMs: number, amount: number): void {
    this.#moveTo(nowMs);
    const at = this.#second % (slots + 1);
    this.#amounts[at] = (this.#amounts[at] ?? 0) + amount;
    this.#sum += amount;
  }

  sum(nowMs: number): number {
    this.#moveTo(nowMs);
    return this.#sum;
  }

  /** Returns after how many milliseconds the sum is below `limit`; 0 where it is. */
  waitMs(nowMs: number, limit: number): number {
    let left = this.sum(nowMs);
    if (left < limit) return 0;
    for (let age = slots; age >= 0; age -= 1) {
      const second = this.#second - age;
      left -= this.#amounts[((second % (slots + 1)) + slots + 1) % (slots + 1)] ?? 0;
      if (left < limit) return (second + slots + 1) * slotMs - nowMs;
    }
    return (slots + 1) * slotMs;
  }

  #moveTo(nowMs: number): void {
    const second = Math.floor(nowMs / slotMs);
    if (second <= this.#second) return;
    for (let next = Math.max(this.#second + 1, second - slots); next <= second; next += 1) {
      const at = next % (slots + 1);
      this.#sum -= this.#amounts[at] ?? 0;
      this.#amounts[at] = 0;
    }
    this.#second = second;
    // Rounding errors of fractions must not add up.
    if (Math.abs(this.#sum) < 1e-6) this.#sum = 0;
  }
}
