import type { SelectionStrategy } from "../config-types.ts";
import type { Candidate } from "../health/scope.ts";
import type { Availability } from "../health/table.ts";

/** A candidate with what ranking needs to know of it. Candidates come in order of preference; the keys of a provider stand together. */
export interface RankInput {
  readonly candidate: Candidate;
  readonly availability: Availability;
  /** What the provider cannot do that the request needs (`lackingCapabilities`). */
  readonly lacks: readonly string[];
  /** Attempts under way at the provider. */
  readonly inFlight: number;
  readonly maxConcurrent?: number;
  /** Default 1; 0 means only when no other is left. */
  readonly weight?: number;
  /** Time to first content (`latencyAt`); absent before the first. */
  readonly latencyMs?: number;
}

export interface RankOptions {
  readonly strategy: SelectionStrategy;
  readonly random: () => number;
  /** For `round_robin`: how many calls for this model came before. */
  readonly turn: number;
  /** The provider that the session is bound to, if any. */
  readonly boundProvider?: string;
}

/** `standing`: `usable` at once; `reserve` only when no usable one is left (probe under way, full, or lacking something); `open`: cooling. */
export interface RankedCandidate {
  readonly candidate: Candidate;
  readonly standing: "usable" | "reserve" | "open";
}

/** An order of all candidates: usable ones by strategy, then reserves, then the open ones, soonest to recover first. */
export declare function rank(inputs: readonly RankInput[], options: RankOptions): readonly RankedCandidate[];
