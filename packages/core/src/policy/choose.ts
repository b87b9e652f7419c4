import { type Availability, isUnderProbe } from "../health/cells.ts";
import type { Candidate } from "../base/scope.ts";
import type { PassedOver } from "../base/outcome.ts";
import type { RankedCandidate } from "./select.ts";

/** Decision of a call: try a candidate, wait, or give up because no candidate is worth waiting for. */
export type Choice =
  /** `isEarly`: no other candidate can serve, and this one is probed, also before its cooldown is over. */
  | {
      readonly type: "try";
      readonly candidate: Candidate;
      readonly isEarly: boolean;
      /** Absent: none. */
      readonly passedOver?: readonly PassedOver[];
    }
  /**
   * Worth looking again at `wakeAtMs` (`Infinity`: only when another call ends); `isHeard`: also when a call under way has content or ends, since room or a
   * closed circuit may come of it.
   */
  | { readonly type: "wait"; readonly wakeAtMs: number; readonly isHeard: boolean }
  | { readonly type: "none" };

/** Facts for choosing besides the ranking. */
export interface ChoiceFacts {
  readonly nowMs: number;
  /**
   * True: if no candidate can serve, one whose cooldown is the balancer's own guess may be probed before it is over.
   */
  readonly probesEarly: boolean;
  /** End of the first hold of an operator that keeps a further candidate out. Default `Infinity`: no hold ends. */
  readonly heldUntilMs?: number;
  /** The call has waited long enough for a candidate that can do all that the request needs. */
  readonly mayLack?: boolean;
}

/**
 * Chooses among ranked candidates: the first that may be tried now; one that lacks something that the request needs only where no other is merely full or
 * being probed. Where there is none, one whose cooldown is the balancer's own guess is probed early, one request at a time, if `probesEarly` is set; else a
 * half-open one may be used by all.
 */
export function choose(ranked: readonly RankedCandidate[], facts: ChoiceFacts): Choice {
  const { nowMs, probesEarly, heldUntilMs = Number.POSITIVE_INFINITY } = facts;
  const free = firstFree(ranked, facts);
  if (free) return { type: "try", candidate: free.candidate, isEarly: probesEarly && isLone(free, ranked) };
  const isAnyFull = ranked.some(({ obstacle }) => obstacle === "full");
  if (!probesEarly) {
    return isAnyFull ? { type: "wait", wakeAtMs: heldUntilMs, isHeard: true } : { type: "none" };
  }
  const due = ranked.find((one) => probeAtMs(one) <= nowMs);
  if (due) return { type: "try", candidate: due.candidate, isEarly: true };
  return waitFor(ranked, isAnyFull, heldUntilMs);
}

function firstFree(
  ranked: readonly RankedCandidate[],
  { probesEarly, mayLack = false }: ChoiceFacts,
): RankedCandidate | undefined {
  const first = ranked[0];
  if (first?.obstacle === "none" && !first.isLacking) return first;
  const isWaitedFor = ({ obstacle, isLacking }: RankedCandidate): boolean =>
    !isLacking && (obstacle === "full" || (probesEarly && obstacle === "probed"));
  const takesLacking = mayLack || !ranked.some(isWaitedFor);
  return ranked.find(
    ({ obstacle, isLacking }) =>
      (obstacle === "none" || (!probesEarly && obstacle === "probed")) && (takesLacking || !isLacking),
  );
}

/** Decides whether `free` is to be probed while no other candidate could serve instead. */
function isLone(free: RankedCandidate, ranked: readonly RankedCandidate[]): boolean {
  if (free.availability.type === "closed") return false;
  return ranked.every((other) => other === free || other.obstacle === "cooling" || other.obstacle === "probed");
}

function waitFor(ranked: readonly RankedCandidate[], isAnyFull: boolean, heldUntilMs: number): Choice {
  let wakeAtMs = heldUntilMs;
  for (const one of ranked) {
    const { availability } = one;
    wakeAtMs = Math.min(wakeAtMs, probeAtMs(one));
    if (availability.type === "open") wakeAtMs = Math.min(wakeAtMs, availability.untilMs);
  }
  const isHeard =
    isAnyFull || ranked.some(({ obstacle, availability }) => obstacle !== "full" && mayClose(availability));
  return isHeard || Number.isFinite(wakeAtMs) ? { type: "wait", wakeAtMs, isHeard } : { type: "none" };
}

/**
 * Decides whether a probe is under way that may show that the candidate has recovered. A wait that the provider
 * stated stays in force whatever the probe shows.
 */
function mayClose(availability: Availability): boolean {
  return availability.type !== "closed" && isUnderProbe(availability) && Number.isFinite(availability.probeAtMs);
}

/**
 * Computes when a candidate may be probed if no other can serve; `Infinity` for one that is full or out for a stated
 * time.
 */
export function probeAtMs({ obstacle, availability }: RankedCandidate): number {
  const isBlocked = obstacle === "probed" || obstacle === "cooling";
  return isBlocked && availability.type !== "closed" ? availability.probeAtMs : Number.POSITIVE_INFINITY;
}
