import type { Reason } from "../policy/outcome.ts";
import type { Circuit } from "./circuit.ts";

/** One opening of a circuit, in milliseconds since the Unix epoch so that processes can compare. */
export interface SharedOpening {
  readonly openedAtMs: number;
  readonly untilMs: number;
  readonly backoffMs: number;
  readonly failedProbes: number;
  readonly reason: Reason;
}

/** A circuit as processes share it: the openings that still count, and the time up to which a success has answered all of them. */
export interface SharedCircuit {
  /** By time of opening, each ending before the one in front of it: an opening that a younger one outlasts has nothing to add. */
  readonly openings: readonly SharedOpening[];
  /** 0 if it never recovered. */
  readonly recoveredThroughMs: number;
}

/** What is known of a circuit that nobody has spoken of. */
export const unknownCircuit: SharedCircuit = { openings: [], recoveredThroughMs: 0 };

/** The join of two views: commutative, associative and idempotent, so that messages may come late, twice and in any order. */
export function mergeShared(a: SharedCircuit, b: SharedCircuit): SharedCircuit {
  const recoveredThroughMs = Math.max(a.recoveredThroughMs, b.recoveredThroughMs);
  const youngestFirst = [...a.openings, ...b.openings]
    .filter((opening) => opening.openedAtMs > recoveredThroughMs)
    .sort((one, other) => compareOpenings(other, one));
  const openings: SharedOpening[] = [];
  let latestEndMs = -Infinity;
  for (const opening of youngestFirst) {
    if (opening.untilMs <= latestEndMs) continue;
    latestEndMs = opening.untilMs;
    openings.unshift(opening);
  }
  return { openings, recoveredThroughMs };
}

/** Whether two views say the same. */
export function sameShared(a: SharedCircuit, b: SharedCircuit): boolean {
  return (
    a.recoveredThroughMs === b.recoveredThroughMs &&
    a.openings.length === b.openings.length &&
    a.openings.every((opening, index) => {
      const other = b.openings[index];
      return other !== undefined && compareOpenings(opening, other) === 0;
    })
  );
}

/** A total order, so that a tie is broken in the same way everywhere. */
function compareOpenings(a: SharedOpening, b: SharedOpening): number {
  return (
    a.openedAtMs - b.openedAtMs ||
    a.untilMs - b.untilMs ||
    a.failedProbes - b.failedProbes ||
    a.backoffMs - b.backoffMs ||
    compareText(a.reason.class, b.reason.class) ||
    compareText(a.reason.detail, b.reason.detail)
  );
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** How far ahead another process may close a circuit here: guards against clocks that disagree and against junk. */
const furthestMs = 24 * 3_600_000;

/**
 * The circuit that a shared view amounts to; what only this process knows (failures below the threshold, the lease) is kept from `local`.
 * `epochOffsetMs` is the wall clock minus the monotonic clock.
 */
export function circuitFromShared(
  shared: SharedCircuit,
  local: Circuit,
  times: { readonly nowMs: number; readonly epochOffsetMs: number },
): Circuit {
  const youngest = shared.openings.at(-1);
  const longest = shared.openings[0];
  if (youngest === undefined || longest === undefined) {
    if (local.state === "closed") return local;
    return { state: "closed", failedAtMs: [], recoveredFromMs: local.openedAtMs };
  }
  const openedAtMs = Math.min(youngest.openedAtMs - times.epochOffsetMs, times.nowMs);
  const untilMs = Math.min(longest.untilMs - times.epochOffsetMs, times.nowMs + furthestMs);
  if (local.state !== "closed" && isSameTime(local.openedAtMs, openedAtMs) && isSameTime(local.untilMs, untilMs)) {
    return local;
  }
  const failures = local.state === "closed" ? local.failedAtMs.length + 1 : local.failures;
  const { backoffMs, failedProbes } = youngest;
  return { state: "open", openedAtMs, untilMs, backoffMs, failedProbes, failures, reason: longest.reason };
}

// Epoch times are too large for the fractions of a millisecond that a monotonic clock has.
function isSameTime(aMs: number, bMs: number): boolean {
  return Math.abs(aMs - bMs) < 1;
}

/** An open or half-open circuit as other processes are told of it; `undefined` for a closed one. */
export function sharedFromCircuit(circuit: Circuit, epochOffsetMs: number): SharedCircuit | undefined {
  if (circuit.state === "closed") return undefined;
  const { backoffMs, failedProbes, reason } = circuit;
  const openedAtMs = circuit.openedAtMs + epochOffsetMs;
  const untilMs = circuit.untilMs + epochOffsetMs;
  return { openings: [{ openedAtMs, untilMs, backoffMs, failedProbes, reason }], recoveredThroughMs: 0 };
}
