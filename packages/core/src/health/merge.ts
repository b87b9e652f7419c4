import type { Reason } from "../policy/outcome.ts";

/** One opening of a circuit, in milliseconds since the Unix epoch so that processes can compare. */
export interface SharedOpening {
  readonly openedAtMs: number;
  readonly untilMs: number;
  readonly failedProbes: number;
  readonly reason: Reason;
}

/** A circuit as processes share it: the openings that count, and the time up to which a success has answered all openings. */
export interface SharedCircuit {
  readonly openings: readonly SharedOpening[];
  readonly recoveredThroughMs: number;
}

/** The join of two views: commutative, associative and idempotent, so that messages may come late, twice and in any order. */
export declare function mergeShared(a: SharedCircuit, b: SharedCircuit): SharedCircuit;
