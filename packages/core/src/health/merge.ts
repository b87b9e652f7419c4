import { firstEarlyProbe } from "./early-probes.ts";
import type { Reason } from "../base/outcome.ts";
import type { Circuit } from "./circuit.ts";
import { isProvidersWord } from "./evidence.ts";

/** One opening of a circuit. Times are milliseconds since the Unix epoch, so that processes can compare them. */
export interface SharedOpening {
  /** Time at which the circuit opened. */
  readonly openedAtMs: number;
  /** End of its cooldown. */
  readonly untilMs: number;
  /** Cooldown that doubles with each failed probe, in milliseconds. */
  readonly backoffMs: number;
  /** Number of probes that have failed since the circuit opened. */
  readonly failedProbes: number;
  /** Reason why the circuit opened. */
  readonly reason: Reason;
}

/**
 * A circuit as processes share it: the openings that still count, and up to when they have been answered. The openings by the provider's own word and
 * those by failures on the way to it (see `isProvidersWord`) are two lists that do not touch each other.
 */
export interface SharedCircuit {
  /**
   * Openings by time, in two lists. Within a list, each ends before the one in front of it: an opening that a younger
   * one outlasts adds nothing.
   */
  readonly openings: readonly SharedOpening[];
  /** Every opening up to this time is answered: by a success of this host, or by a reset. 0 if there was none. */
  readonly recoveredThroughMs: number;
  /** Openings by the provider's own word are answered up to this time: by a success of another host. Absent if there was none. */
  readonly servedElsewhereThroughMs?: number;
  /**
   * Last reset by an operator, on any host; in the scope `provider` with all other circuits of the provider. Absent:
   * never.
   */
  readonly resetThroughMs?: number;
}

/** State of a circuit before any report. */
export const unknownCircuit: SharedCircuit = { openings: [], recoveredThroughMs: 0 };

/**
 * Largest number of openings in each list; the youngest stay. Processes add about one for each of them that fails at
 * the same time, of which few outlast all younger ones. Only up to this number the order of messages has no
 * influence.
 */
export const openingLimit = 16;

/**
 * Joins two views of one circuit. The join is commutative, associative and idempotent, so that messages may come
 * late, twice and in any order.
 *
 * @param a - one view.
 * @param b - the other view.
 * @returns the joined view; the arguments are not changed.
 * @example
 * ```ts
 * const early: SharedCircuit = { openings: [], recoveredThroughMs: 1_000 };
 * const late: SharedCircuit = { openings: [], recoveredThroughMs: 2_000 };
 * console.log(mergeShared(late, early).recoveredThroughMs); // 2000
 * ```
 */
export function mergeShared(a: SharedCircuit, b: SharedCircuit): SharedCircuit {
  const recoveredThroughMs = Math.max(a.recoveredThroughMs, b.recoveredThroughMs);
  const servedElsewhereThroughMs = latest(a.servedElsewhereThroughMs, b.servedElsewhereThroughMs);
  const resetThroughMs = latest(a.resetThroughMs, b.resetThroughMs);
  const all = [...a.openings, ...b.openings];
  const saidThroughMs = Math.max(recoveredThroughMs, servedElsewhereThroughMs ?? 0);
  const said = standing(all.filter(isProvidersWord), saidThroughMs);
  const own = standing(
    all.filter((opening) => !isProvidersWord(opening)),
    recoveredThroughMs,
  );
  return {
    openings: [...said, ...own].sort(compareOpenings),
    recoveredThroughMs,
    ...(servedElsewhereThroughMs !== undefined && { servedElsewhereThroughMs }),
    ...(resetThroughMs !== undefined && { resetThroughMs }),
  };
}

function latest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}

/** The openings after `throughMs` that outlast every younger one; the youngest first. */
function standing(openings: readonly SharedOpening[], throughMs: number): readonly SharedOpening[] {
  const youngestFirst = openings
    .filter((opening) => opening.openedAtMs > throughMs)
    .sort((one, other) => compareOpenings(other, one));
  const kept: SharedOpening[] = [];
  let latestEndMs = -Infinity;
  for (const opening of youngestFirst) {
    if (opening.untilMs <= latestEndMs || kept.length >= openingLimit) continue;
    latestEndMs = opening.untilMs;
    kept.push(opening);
  }
  return kept;
}

/** Decides whether two views are equal. */
export function sameShared(a: SharedCircuit, b: SharedCircuit): boolean {
  return (
    a.recoveredThroughMs === b.recoveredThroughMs &&
    a.servedElsewhereThroughMs === b.servedElsewhereThroughMs &&
    a.resetThroughMs === b.resetThroughMs &&
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
    compareText(a.reason.detail, b.reason.detail) ||
    compareText(a.reason.words ?? "", b.reason.words ?? "") ||
    compareText(a.reason.requestId ?? "", b.reason.requestId ?? "")
  );
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/**
 * Longest time for which another process may open a circuit here: guards against clocks that disagree and against
 * invalid messages.
 */
const furthestMs = 24 * 3_600_000;

/**
 * Returns the circuit that a shared view amounts to; what only this process knows (failures below the threshold, the lease) is kept from `local`.
 * `epochOffsetMs` is the wall clock minus the monotonic clock.
 */
export function circuitFromShared(
  shared: SharedCircuit,
  local: Circuit,
  times: { readonly nowMs: number; readonly epochOffsetMs: number },
): Circuit {
  const youngest = shared.openings.at(-1);
  if (youngest === undefined) {
    if (local.state === "closed") return local;
    return { state: "closed", failedAtMs: [], recoveredFromMs: local.openedAtMs };
  }
  const longest = shared.openings.reduce((one, other) => (other.untilMs > one.untilMs ? other : one));
  const openedAtMs = Math.min(youngest.openedAtMs - times.epochOffsetMs, times.nowMs);
  const untilMs = Math.min(longest.untilMs - times.epochOffsetMs, times.nowMs + furthestMs);
  if (local.state !== "closed" && isSameTime(local.openedAtMs, openedAtMs) && isSameTime(local.untilMs, untilMs)) {
    return local;
  }
  const failures = local.state === "closed" ? local.failedAtMs.length + 1 : local.failures;
  const { backoffMs, failedProbes } = youngest;
  const window = { openedAtMs, untilMs, backoffMs, failedProbes, failures, reason: longest.reason };
  const own = local.state === "closed" ? probing(openedAtMs, longest.reason) : ownPart(local);
  return { state: "open", ...window, ...own };
}

// The wait after these comes from the balancer itself, unless the provider has stated one.
const guessedClasses: ReadonlySet<string> = new Set([
  "connect",
  "timeout",
  "server-error",
  "bad-answer",
  "stream-broken",
]);

/** The part of an opening that is not shared: how soon this process may probe. */
function probing(openedAtMs: number, { class: reasonClass }: Reason) {
  const early = firstEarlyProbe({ nowMs: openedAtMs, baseMs: Number.POSITIVE_INFINITY, digest: undefined });
  return { isOurs: guessedClasses.has(reasonClass), early, lease: null };
}

function ownPart({ isOurs, early, lease }: Exclude<Circuit, { state: "closed" }>) {
  return { isOurs, early, lease };
}

// Epoch times are too large for the fractions of a millisecond that a monotonic clock has.
function isSameTime(aMs: number, bMs: number): boolean {
  return Math.abs(aMs - bMs) < 1;
}

/** Returns an open or half-open circuit as other processes are told of it; `undefined` for a closed one. */
export function sharedFromCircuit(circuit: Circuit, epochOffsetMs: number): SharedCircuit | undefined {
  if (circuit.state === "closed") return undefined;
  const { backoffMs, failedProbes, reason } = circuit;
  const openedAtMs = circuit.openedAtMs + epochOffsetMs;
  const untilMs = circuit.untilMs + epochOffsetMs;
  return { openings: [{ openedAtMs, untilMs, backoffMs, failedProbes, reason }], recoveredThroughMs: 0 };
}
