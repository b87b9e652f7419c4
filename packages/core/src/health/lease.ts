import type { ProviderCells } from "./cells.ts";
import type { Candidate } from "../base/scope.ts";

/**
 * An attempt's hold on the health of its candidate. Disposing it without `fail` or `succeed` hands every probe lease back; doing so twice, or
 * after it was settled, does nothing.
 */
export class Lease implements Disposable {
  readonly candidate: Candidate;
  readonly startedAtMs: number;
  /** True if this attempt is the probe of at least one half-open circuit. */
  readonly probe: boolean;
  /** The probe is made because no other candidate can serve. */
  readonly isEarly: boolean;
  /** Names the lease in the circuits that it holds. */
  readonly id: number;
  /** The health that the attempt started with: after a reset there is another, for which it no longer counts. */
  readonly cells: ProviderCells;
  readonly #handBack: (lease: Lease) => void;
  #isSettled: boolean;

  constructor(
    candidate: Candidate,
    hold: {
      readonly id: number;
      readonly startedAtMs: number;
      readonly probe: boolean;
      readonly isEarly: boolean;
      readonly cells: ProviderCells;
      readonly handBack: (lease: Lease) => void;
    },
  ) {
    this.candidate = candidate;
    this.startedAtMs = hold.startedAtMs;
    this.probe = hold.probe;
    this.isEarly = hold.probe && hold.isEarly;
    this.id = hold.id;
    this.cells = hold.cells;
    this.#handBack = hold.handBack;
    this.#isSettled = !hold.probe;
  }

  [Symbol.dispose](): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#handBack(this);
  }
}
