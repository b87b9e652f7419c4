import type { Cooldown, Reason } from "../policy/outcome.ts";

/** How circuits move; all in milliseconds. `maxCooldownMs` caps what providers state, `maxBackoffMs` what doubling makes of `baseMs`. */
export interface CircuitPolicy {
  readonly baseMs: number;
  readonly maxCooldownMs: number;
  readonly maxBackoffMs: number;
  /** This many consecutive failures within `resetMs` open a closed circuit. */
  readonly threshold: number;
  readonly resetMs: number;
}

/** The right to make the one probe that a half-open circuit admits; another may be given out after `expiresAtMs`. */
export interface ProbeLease {
  readonly id: number;
  readonly expiresAtMs: number;
}

interface Opening {
  readonly openedAtMs: number;
  readonly untilMs: number;
  /** What a base cooldown amounts to in this window, jitter included. */
  readonly backoffMs: number;
  /** Failed probes since the last success: the base cooldown is doubled that often. */
  readonly failedProbes: number;
  /** Consecutive failures, for display. */
  readonly failures: number;
  readonly reason: Reason;
}

interface Closed {
  readonly state: "closed";
  /** The failures since the last success that can still count towards `threshold`, oldest first. */
  readonly failedAtMs: readonly number[];
  /** When it last opened, if it has recovered from that: what older requests report is answered already. */
  readonly recoveredFromMs: number | null;
}

interface Open extends Opening {
  readonly state: "open";
}

interface HalfOpen extends Opening {
  readonly state: "half-open";
  readonly lease: ProbeLease | null;
}

/** The health of one scope. Every time is monotonic. An open circuit whose `untilMs` has passed reads as half-open: see `circuitAt`. */
export type Circuit = Closed | Open | HalfOpen;

export interface FailureSignal {
  readonly type: "failure";
  readonly cooldown: Cooldown;
  /** When the failed request began. */
  readonly startedAtMs: number;
  readonly leaseId?: number;
  /** Uniform in [0, 1): the jitter. */
  readonly random: number;
  readonly reason: Reason;
}

export interface SuccessSignal {
  readonly type: "success";
  readonly startedAtMs: number;
  readonly leaseId?: number;
}

export type CircuitSignal =
  | FailureSignal
  | SuccessSignal
  | { readonly type: "acquire"; readonly lease: ProbeLease }
  | { readonly type: "release"; readonly leaseId: number }
  | { readonly type: "reset" };

/** A circuit that never failed. */
export const closedCircuit: Circuit = { state: "closed", failedAtMs: [], recoveredFromMs: null };

/** The circuit as it stands at `nowMs`: an open one whose cooldown is over is half-open. No timer is needed. */
export function circuitAt(circuit: Circuit, nowMs: number): Circuit {
  if (circuit.state !== "open" || nowMs < circuit.untilMs) return circuit;
  return { ...circuit, state: "half-open", lease: null };
}

/** The circuit after `signal`; the same object where nothing changes. */
export function nextHealth(current: Circuit, signal: CircuitSignal, nowMs: number, policy: CircuitPolicy): Circuit {
  const circuit = circuitAt(current, nowMs);
  switch (signal.type) {
    case "failure":
      return afterFailure(circuit, signal, nowMs, policy);
    case "success":
      return afterSuccess(circuit, signal) ?? current;
    case "acquire":
      return circuit.state === "half-open" && isLeaseFree(circuit.lease, nowMs)
        ? { ...circuit, lease: signal.lease }
        : current;
    case "release":
      return holdsLease(circuit, signal.leaseId) ? { ...circuit, lease: null } : current;
    case "reset":
      return closedCircuit;
  }
}

/** Whether a probe may be made: nobody holds the lease, or who held it has been silent for too long. */
export function isLeaseFree(lease: ProbeLease | null, nowMs: number): boolean {
  return lease === null || nowMs >= lease.expiresAtMs;
}

function afterFailure(circuit: Circuit, signal: FailureSignal, nowMs: number, policy: CircuitPolicy): Circuit {
  switch (circuit.state) {
    case "closed": {
      // A request from before an opening that is over by now says nothing new, unless the provider itself names a time.
      const late = circuit.recoveredFromMs !== null && signal.startedAtMs <= circuit.recoveredFromMs;
      if (late && signal.cooldown.kind === "base") return circuit;
      const failedAtMs = [...circuit.failedAtMs.filter((atMs) => nowMs - atMs < policy.resetMs), nowMs];
      if (failedAtMs.length < policy.threshold && signal.cooldown.kind === "base") return { ...circuit, failedAtMs };
      return opened(signal, { nowMs, failedProbes: 0, failures: failedAtMs.length }, policy);
    }
    case "open":
      return extended(circuit, signal, nowMs, policy);
    case "half-open": {
      // Only a request of this half-open phase is a failed probe; those from before the opening belong to the window that is over.
      if (!isYounger(circuit, signal)) return extended(circuit, signal, nowMs, policy);
      const failedProbes = circuit.failedProbes + 1;
      return opened(signal, { nowMs, failedProbes, failures: circuit.failures + 1 }, policy);
    }
  }
}

function opened(
  signal: FailureSignal,
  counts: { readonly nowMs: number; readonly failedProbes: number; readonly failures: number },
  policy: CircuitPolicy,
): Circuit {
  const { nowMs, failedProbes, failures } = counts;
  const backoffMs = backoff(failedProbes, signal.random, policy);
  const untilMs = nowMs + cooldownMs(signal.cooldown, backoffMs, policy);
  return { state: "open", openedAtMs: nowMs, untilMs, backoffMs, failedProbes, failures, reason: signal.reason };
}

/** One more failure of the same window: no escalation, and the later end wins. */
function extended(circuit: Open | HalfOpen, signal: FailureSignal, nowMs: number, policy: CircuitPolicy): Circuit {
  const untilMs = nowMs + cooldownMs(signal.cooldown, circuit.backoffMs, policy);
  const { openedAtMs, backoffMs, failedProbes } = circuit;
  const failures = circuit.failures + 1;
  const later = untilMs > circuit.untilMs;
  const reason = later ? signal.reason : circuit.reason;
  const end = later ? untilMs : circuit.untilMs;
  return { state: "open", openedAtMs, untilMs: end, backoffMs, failedProbes, failures, reason };
}

function afterSuccess(circuit: Circuit, signal: SuccessSignal): Circuit | undefined {
  if (circuit.state === "closed") return circuit.failedAtMs.length === 0 ? undefined : { ...circuit, failedAtMs: [] };
  if (!isYounger(circuit, signal)) return undefined;
  return { state: "closed", failedAtMs: [], recoveredFromMs: circuit.openedAtMs };
}

/** Whether the request began after the circuit opened; one that began in the same instant counts as older unless it holds the probe lease. */
function isYounger(circuit: Open | HalfOpen, signal: FailureSignal | SuccessSignal): boolean {
  if (signal.leaseId !== undefined && holdsLease(circuit, signal.leaseId)) return true;
  return signal.startedAtMs > circuit.openedAtMs;
}

function holdsLease(circuit: Circuit, leaseId: number): circuit is HalfOpen {
  return circuit.state === "half-open" && circuit.lease?.id === leaseId;
}

/** The base cooldown after `failedProbes`: doubled each time and jittered by ±20 % on all but the first, at most `maxBackoffMs`. */
export function backoff(failedProbes: number, random: number, policy: CircuitPolicy): number {
  if (failedProbes === 0) return policy.baseMs;
  // An operator's base above the cap is meant: doubling stops, but the base stays.
  const capMs = Math.max(policy.maxBackoffMs, policy.baseMs);
  return Math.min(capMs, policy.baseMs * 2 ** failedProbes * (0.8 + 0.4 * random));
}

/** How long `cooldown` lasts where the base currently amounts to `backoffMs`. */
export function cooldownMs(cooldown: Cooldown, backoffMs: number, policy: CircuitPolicy): number {
  switch (cooldown.kind) {
    case "base":
    case "short":
      return backoffMs;
    case "fixed":
      return cooldown.ms;
    case "stated": {
      const statedMs = Math.min(cooldown.ms, policy.maxCooldownMs);
      return cooldown.atLeastBase === true ? Math.max(statedMs, backoffMs) : statedMs;
    }
  }
}
