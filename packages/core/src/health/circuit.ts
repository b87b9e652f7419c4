import type { Cooldown, Reason } from "../base/outcome.ts";
import { backoff, type CircuitPolicy, cooldownMs, isOwn, shortBackoff } from "./cooldown.ts";
import {
  type EarlyFailure,
  type EarlyProbes,
  earlyProbeAtMs,
  firstEarlyProbe,
  nextAfterRepeat,
  nextEarlyProbe,
} from "./early-probes.ts";

/** The right to make the one probe that a circuit admits at a time. */
export interface ProbeLease {
  readonly id: number;
  /** Time from which on another probe may be made although this one has not ended. */
  readonly expiresAtMs: number;
  /** The same where no other candidate can serve, and requests wait for the probe. Default: `expiresAtMs`. */
  readonly yieldsAtMs?: number;
  /** No other candidate can serve: that this probe fails makes the wait for the next early one longer. */
  readonly isEarly?: boolean;
  /** Digest of the request, so that its repetition does not take the lease over; present if `isEarly` is set. */
  readonly digest?: string;
}

interface Opening {
  readonly openedAtMs: number;
  readonly untilMs: number;
  /** Base cooldown of this window, jitter included. */
  readonly backoffMs: number;
  /** Failed probes since the last success: the base cooldown is doubled that often. */
  readonly failedProbes: number;
  /** Consecutive failures, for display. */
  readonly failures: number;
  readonly reason: Reason;
  /** The cooldown is the balancer's own guess (`base`, `short`): where no other candidate can serve, the scope may be probed before `untilMs`. */
  readonly isOurs: boolean;
  readonly early: EarlyProbes;
  readonly lease: ProbeLease | null;
}

interface Closed {
  readonly state: "closed";
  /** The failures since the last success that can still count towards `threshold`, oldest first. */
  readonly failedAtMs: readonly number[];
  /** Opening that the circuit has recovered from; reports of requests older than it change nothing. `null`: none. */
  readonly recoveredFromMs: number | null;
}

interface Open extends Opening {
  readonly state: "open";
}

interface HalfOpen extends Opening {
  readonly state: "half-open";
}

/** The health of one scope. Every time is monotonic. An open circuit whose `untilMs` has passed reads as half-open: see `circuitAt`. */
export type Circuit = Closed | Open | HalfOpen;

export interface FailureSignal {
  readonly type: "failure";
  readonly cooldown: Cooldown;
  /** Time at which the failed request began. */
  readonly startedAtMs: number;
  readonly leaseId?: number;
  /** Uniform in [0, 1): the jitter. */
  readonly random: number;
  readonly reason: Reason;
  /** Digest of the failed request's body. */
  readonly digest?: string;
}

export interface SuccessSignal {
  readonly type: "success";
  readonly startedAtMs: number;
  readonly leaseId?: number;
}

export type CircuitSignal =
  | FailureSignal
  | SuccessSignal
  /** Takes the lease. If `lease.isEarly` is set, an open circuit may be probed before its cooldown is over. */
  | { readonly type: "acquire"; readonly lease: ProbeLease }
  | { readonly type: "release"; readonly leaseId: number }
  /** The first content of an answer: a probe is over, but the request may still fail. */
  | { readonly type: "content"; readonly startedAtMs: number; readonly leaseId: number }
  /**
   * A probe failed, and what it costs is not decided yet: its lease is given back. `isRepeat`: it may be its request's own fault, so that another one may
   * probe a second later.
   */
  | { readonly type: "inconclusive"; readonly leaseId: number; readonly digest: string; readonly isRepeat: boolean }
  /** Time that the monotonic clock did not count, such as a machine's sleep. */
  | { readonly type: "skip"; readonly ms: number }
  | { readonly type: "reset" };

/** A circuit that never failed. */
export const closedCircuit: Circuit = { state: "closed", failedAtMs: [], recoveredFromMs: null };

/** Returns the circuit as it stands at `nowMs`: an open one whose cooldown is over is half-open. No timer is needed. */
export function circuitAt(circuit: Circuit, nowMs: number): Circuit {
  if (circuit.state !== "open" || nowMs < circuit.untilMs) return circuit;
  return { ...circuit, state: "half-open" };
}

/** Returns the circuit after `signal`; the same object where nothing changes. */
export function nextHealth(current: Circuit, signal: CircuitSignal, nowMs: number, policy: CircuitPolicy): Circuit {
  const circuit = circuitAt(current, nowMs);
  switch (signal.type) {
    case "failure":
      return afterFailure(circuit, signal, nowMs, policy);
    case "success":
      return afterSuccess(circuit, signal) ?? current;
    case "acquire":
      return mayProbe(circuit, nowMs, signal.lease) ? { ...circuit, lease: signal.lease } : current;
    case "release":
      return holdsLease(circuit, signal.leaseId) ? { ...circuit, lease: null } : current;
    case "content":
      return circuit.state === "closed" ? current : (afterSuccess(circuit, signal) ?? current);
    case "inconclusive":
      return holdsLease(circuit, signal.leaseId)
        ? postponed(circuit, signal, { nowMs, baseMs: policy.baseMs, digest: signal.digest })
        : current;
    case "skip":
      return circuit.state === "closed" ? current : skipped(circuit, signal.ms);
    case "reset":
      return closedCircuit;
  }
}

/** Decides whether a probe may be made: no attempt holds the lease, or its holder has been silent for too long. */
export function isLeaseFree(lease: ProbeLease | null, nowMs: number): boolean {
  return lease === null || nowMs >= lease.expiresAtMs;
}

/**
 * Computes when one more probe may be made if no other candidate can serve: monotonic milliseconds, in the past if it
 * may be made now, `Infinity` if the provider has stated how long to wait. `isRepeat` decides whether the request
 * that asks has the given digest.
 */
export function nextProbeAtMs(circuit: Open | HalfOpen, isRepeat?: (digest: string) => boolean): number {
  const { lease, early } = circuit;
  const ownMs = circuit.state === "open" && !circuit.isOurs ? Number.POSITIVE_INFINITY : -Infinity;
  const dueMs = circuit.state === "open" && circuit.isOurs ? earlyProbeAtMs(early, isRepeat) : ownMs;
  if (lease === null) return dueMs;
  const { yieldsAtMs = lease.expiresAtMs, digest } = lease;
  const isSame = digest !== undefined && isRepeat?.(digest) === true;
  return Math.max(dueMs, isSame ? lease.expiresAtMs : yieldsAtMs);
}

function mayProbe(circuit: Circuit, nowMs: number, { isEarly, digest }: ProbeLease): circuit is Open | HalfOpen {
  if (circuit.state === "closed") return false;
  if (isEarly === true) return nowMs >= nextProbeAtMs(circuit, (other) => other === digest);
  return circuit.state === "half-open" && isLeaseFree(circuit.lease, nowMs);
}

function postponed(
  circuit: Open | HalfOpen,
  { isRepeat }: { readonly isRepeat: boolean },
  failure: EarlyFailure & { readonly digest: string },
): Circuit {
  const early = isRepeat ? nextAfterRepeat(circuit.early, failure) : nextEarlyProbe(circuit.early, failure);
  const untilMs = Math.max(circuit.untilMs, early.probeAtMs);
  return { ...circuit, state: "open", untilMs, early, isOurs: true, lease: null };
}

function skipped(circuit: Open | HalfOpen, ms: number): Circuit {
  const { probeAtMs, repeatAtMs } = circuit.early;
  const early = { ...circuit.early, probeAtMs: probeAtMs - ms, repeatAtMs: repeatAtMs - ms };
  return { ...circuit, untilMs: circuit.untilMs - ms, early };
}

function afterFailure(circuit: Circuit, signal: FailureSignal, nowMs: number, policy: CircuitPolicy): Circuit {
  switch (circuit.state) {
    case "closed": {
      // A request from before an opening that is over by now says nothing new, unless the provider itself names a time.
      const late = circuit.recoveredFromMs !== null && signal.startedAtMs <= circuit.recoveredFromMs;
      if (late && isOwn(signal.cooldown)) return circuit;
      const failedAtMs = [...circuit.failedAtMs.filter((atMs) => nowMs - atMs < policy.resetMs), nowMs];
      if (failedAtMs.length < policy.threshold && isOwn(signal.cooldown)) return { ...circuit, failedAtMs };
      const early = firstEarlyProbe(earlyFailure(signal, nowMs, policy));
      return opened(signal, { nowMs, failedProbes: 0, failures: failedAtMs.length, early }, policy);
    }
    case "open":
      return extended(circuit, signal, nowMs, policy);
    case "half-open": {
      // Only a request of this half-open phase is a failed probe; those from before the opening belong to the window that is over.
      if (!isYounger(circuit, signal)) return extended(circuit, signal, nowMs, policy);
      const failedProbes = circuit.failedProbes + 1;
      const early = earlyAfterProbe(circuit, earlyFailure(signal, nowMs, policy), signal.leaseId);
      return opened(signal, { nowMs, failedProbes, failures: circuit.failures + 1, early }, policy);
    }
  }
}

function opened(
  signal: FailureSignal,
  counts: {
    readonly nowMs: number;
    readonly failedProbes: number;
    readonly failures: number;
    readonly early: EarlyProbes;
  },
  policy: CircuitPolicy,
): Circuit {
  const { nowMs, failedProbes, failures, early } = counts;
  const { cooldown, reason } = signal;
  const backoffMs =
    cooldown.kind === "short" ? shortBackoff(failedProbes, policy) : backoff(failedProbes, signal.random, policy);
  const untilMs = nowMs + cooldownMs(cooldown, backoffMs, policy);
  const window = { openedAtMs: nowMs, untilMs, backoffMs, failedProbes, failures, reason };
  return { state: "open", ...window, isOurs: isOwn(cooldown), early, lease: null };
}

function earlyFailure({ digest }: FailureSignal, nowMs: number, { baseMs }: CircuitPolicy): EarlyFailure {
  return { nowMs, baseMs, digest };
}

/** A probe that failed while others could serve was no early one: the first of those may follow after a second. */
function earlyAfterProbe(circuit: HalfOpen, failure: EarlyFailure, leaseId: number | undefined): EarlyProbes {
  const isPlain = leaseId !== undefined && holdsLease(circuit, leaseId) && circuit.lease?.isEarly !== true;
  return isPlain ? firstEarlyProbe(failure) : nextEarlyProbe(circuit.early, failure);
}

/** One more failure of the same window: no escalation, and the later end wins. A failed early probe makes the wait for the next one longer. */
function extended(circuit: Open | HalfOpen, signal: FailureSignal, nowMs: number, policy: CircuitPolicy): Circuit {
  const untilMs = nowMs + cooldownMs(signal.cooldown, furtherBackoffMs(circuit, signal.cooldown, policy), policy);
  const isProbe = signal.leaseId !== undefined && holdsLease(circuit, signal.leaseId);
  const isLater = untilMs > circuit.untilMs;
  return {
    ...circuit,
    state: "open",
    untilMs: isLater ? untilMs : circuit.untilMs,
    failures: circuit.failures + 1,
    reason: isLater ? signal.reason : circuit.reason,
    isOurs: isLater ? isOwn(signal.cooldown) : circuit.isOurs,
    early: isProbe ? nextEarlyProbe(circuit.early, earlyFailure(signal, nowMs, policy)) : circuit.early,
    lease: isProbe ? null : circuit.lease,
  };
}

/** Computes the backoff after one more failure in a window that another kind of failure may have opened. */
function furtherBackoffMs(circuit: Open | HalfOpen, cooldown: Cooldown, policy: CircuitPolicy): number {
  return cooldown.kind === "short"
    ? shortBackoff(circuit.failedProbes, policy)
    : Math.max(circuit.backoffMs, policy.baseMs);
}

function afterSuccess(circuit: Circuit, signal: Pick<SuccessSignal, "startedAtMs" | "leaseId">): Circuit | undefined {
  if (circuit.state === "closed") return circuit.failedAtMs.length === 0 ? undefined : { ...circuit, failedAtMs: [] };
  if (!isYounger(circuit, signal)) return undefined;
  return { state: "closed", failedAtMs: [], recoveredFromMs: circuit.openedAtMs };
}

/**
 * Decides whether the request began after the circuit opened. One that began in the same instant counts as older
 * unless it holds the probe lease.
 */
function isYounger(circuit: Open | HalfOpen, signal: Pick<SuccessSignal, "startedAtMs" | "leaseId">): boolean {
  if (signal.leaseId !== undefined && holdsLease(circuit, signal.leaseId)) return true;
  return signal.startedAtMs > circuit.openedAtMs;
}

function holdsLease(circuit: Circuit, leaseId: number): circuit is Open | HalfOpen {
  return circuit.state !== "closed" && circuit.lease?.id === leaseId;
}
