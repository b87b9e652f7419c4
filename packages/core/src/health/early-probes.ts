/**
 * Times at which an open circuit may be probed before its cooldown is over, because no other candidate can serve.
 * Each failed probe doubles the wait for the next: 1, 2, 4 … seconds, up to the base cooldown. A request that fails
 * repeatedly may itself be at fault: its repetitions lengthen only its own wait, and a request that has not failed
 * here may probe one second after them.
 */
export interface EarlyProbes {
  /** Time from which on a request may probe that has not failed here; monotonic milliseconds, as all times here. */
  readonly probeAtMs: number;
  /** Time from which on a request may probe that has failed here. */
  readonly repeatAtMs: number;
  /** Failed probes so far. */
  readonly failures: number;
  /** Those of them that were the first of their request. */
  readonly newFailures: number;
  /** The digests of the requests that failed, as far as they are known: at most `digestLimit`, the last one last. */
  readonly digests: readonly string[];
}

/** A failure as the schedule of early probes sees it. `baseMs`: the longest wait. `digest`: of the failed request's body. */
export interface EarlyFailure {
  readonly nowMs: number;
  readonly baseMs: number;
  readonly digest: string | undefined;
}

const firstWaitMs = 1_000;
const digestLimit = 8;

/** Returns the schedule after a failure that opened a circuit, or that was no early probe. */
export function firstEarlyProbe({ nowMs, baseMs, digest }: EarlyFailure): EarlyProbes {
  const probeAtMs = nowMs + earlyWaitMs(0, baseMs);
  const digests = digest === undefined ? [] : [digest];
  return { probeAtMs, repeatAtMs: probeAtMs, failures: 0, newFailures: 0, digests };
}

/** Returns the schedule after an early probe failed. */
export function nextEarlyProbe(early: EarlyProbes, { nowMs, baseMs, digest }: EarlyFailure): EarlyProbes {
  const failures = early.failures + 1;
  const repeatAtMs = nowMs + earlyWaitMs(failures, baseMs);
  if (digest !== undefined && early.digests.includes(digest)) {
    return { ...early, failures, repeatAtMs, probeAtMs: Math.max(early.probeAtMs, nowMs + earlyWaitMs(0, baseMs)) };
  }
  const newFailures = early.newFailures + 1;
  const digests = digest === undefined ? early.digests : [...early.digests, digest].slice(-digestLimit);
  return { probeAtMs: nowMs + earlyWaitMs(newFailures, baseMs), repeatAtMs, failures, newFailures, digests };
}

/** Returns the schedule after an early probe failed for what may be its request's own fault: it counts as a repetition. */
export function nextAfterRepeat(early: EarlyProbes, failure: EarlyFailure & { readonly digest: string }): EarlyProbes {
  const { digests } = early;
  if (digests.includes(failure.digest)) return nextEarlyProbe(early, failure);
  return nextEarlyProbe({ ...early, digests: [...digests, failure.digest].slice(-digestLimit) }, failure);
}

/** Returns when the request may probe that `isRepeat` knows by its digest. Default: one that has not failed here. */
export function earlyProbeAtMs(early: EarlyProbes, isRepeat?: (digest: string) => boolean): number {
  const { probeAtMs, repeatAtMs, digests } = early;
  if (repeatAtMs <= probeAtMs || isRepeat === undefined) return probeAtMs;
  return digests.some(isRepeat) ? repeatAtMs : probeAtMs;
}

/** Returns the wait in milliseconds after the failed early probe with this number, from 0. */
export function earlyWaitMs(failures: number, baseMs: number): number {
  return Math.min(baseMs, firstWaitMs * 2 ** Math.min(failures, 30));
}
