import { backoff, type CircuitPolicy } from "./cooldown.ts";
import { isProvidersWord } from "./evidence.ts";
import { mergeShared, type SharedCircuit, type SharedOpening, unknownCircuit } from "./merge.ts";

/**
 * Reduces a circuit to the part that holds for other hosts: openings by the provider's own word, and the last success
 * or reset. Reasons lose the provider's words and the request id. For a `HealthReplica` that talks to other hosts.
 *
 * @param circuit - circuit of this host.
 * @returns the part for other hosts.
 * @example
 * ```ts
 * const toOthers = saidByProvider({ openings: [], recoveredThroughMs: 1_000 });
 * console.log(toOthers.openings.length); // 0
 * ```
 */
export function saidByProvider(circuit: SharedCircuit): SharedCircuit {
  const recoveredThroughMs = Math.max(circuit.recoveredThroughMs, circuit.servedElsewhereThroughMs ?? 0);
  const openings = circuit.openings
    .filter((opening) => isProvidersWord(opening) && opening.openedAtMs > recoveredThroughMs)
    .map((opening) => ({ ...opening, reason: { class: opening.reason.class, detail: opening.reason.detail } }));
  const { resetThroughMs } = circuit;
  return mergeShared(
    { openings, recoveredThroughMs, ...(resetThroughMs !== undefined && { resetThroughMs }) },
    unknownCircuit,
  );
}

/** Limits to what is taken over from another host; times in epoch milliseconds of the receiver. */
export interface TakeoverLimits {
  readonly nowMs: number;
  readonly policy: CircuitPolicy;
  /** Time from which on only other hosts have kept the circuit open, without an attempt of this host. */
  readonly sinceMs: number;
}

/** Largest lead of the clock of a host that sends epoch times. */
const toleratedMs = 5_000;

// Doubled this often, any base is past any cap.
const mostFailedProbes = 32;

/**
 * Returns what this host takes over of `remote`, the view of another host:
 * - openings by the provider's own word, each for at most `policy.maxCooldownMs` from its beginning, and all of them together for at most that long
 *   without an attempt of this host's own;
 * - a success of the other host, as an answer to such openings only: what failed on this host's own way to the provider stays;
 * - a reset, as an answer to every older opening.
 *
 * Times more than 5 seconds in the future are dropped, smaller ones count as now.
 */
export function takenOver(remote: SharedCircuit, limits: TakeoverLimits): SharedCircuit {
  const { nowMs, policy, sinceMs } = limits;
  const past = (timeMs: number | undefined): number =>
    timeMs === undefined || timeMs > nowMs + toleratedMs ? 0 : Math.min(timeMs, nowMs);
  const openings = remote.openings.flatMap((opening): SharedOpening[] => {
    const openedAtMs = past(opening.openedAtMs);
    const latestMs = Math.min(openedAtMs, sinceMs) + policy.maxCooldownMs;
    const untilMs = Math.min(opening.untilMs, latestMs);
    if (openedAtMs === 0 || untilMs <= openedAtMs || !isProvidersWord(opening)) return [];
    const failedProbes = Math.min(opening.failedProbes, mostFailedProbes);
    const backoffMs = Math.min(opening.backoffMs, backoff(failedProbes, 1, policy));
    const { class: reasonClass, detail } = opening.reason;
    return [{ openedAtMs, untilMs, backoffMs, failedProbes, reason: { class: reasonClass, detail } }];
  });
  const resetThroughMs = past(remote.resetThroughMs);
  const servedThroughMs = Math.max(past(remote.recoveredThroughMs), past(remote.servedElsewhereThroughMs));
  return mergeShared(
    { openings, recoveredThroughMs: 0 },
    {
      openings: [],
      recoveredThroughMs: resetThroughMs,
      ...(servedThroughMs > 0 && { servedElsewhereThroughMs: servedThroughMs }),
      ...(resetThroughMs > 0 && { resetThroughMs }),
    },
  );
}
