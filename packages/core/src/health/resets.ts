import type { SharedCircuit } from "./merge.ts";
import { unknownCircuit } from "./merge.ts";

/**
 * Remembers the last reset of each provider, in milliseconds since the Unix epoch, so that openings from before it
 * that arrive later change nothing.
 */
export class Resets {
  readonly #throughMs = new Map<string, number>();

  /** Takes note of a reset of all circuits of `provider`; returns it as a view to share and to join with. */
  add(provider: string, throughMs: number): SharedCircuit {
    this.#throughMs.set(provider, Math.max(throughMs, this.#throughMs.get(provider) ?? 0));
    return this.of(provider);
  }

  /** The last reset of `provider` as a view to join with; `unknownCircuit` if there was none. */
  of(provider: string): SharedCircuit {
    const throughMs = this.#throughMs.get(provider);
    return throughMs === undefined
      ? unknownCircuit
      : { openings: [], recoveredThroughMs: throughMs, resetThroughMs: throughMs };
  }

  /** Forgets the providers that are not among the keys of `kept`. */
  retain(kept: ReadonlyMap<string, unknown>): void {
    for (const provider of this.#throughMs.keys()) if (!kept.has(provider)) this.#throughMs.delete(provider);
  }
}
