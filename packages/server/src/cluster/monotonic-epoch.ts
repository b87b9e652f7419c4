/** Wall clock minus the system's monotonic clock, which all processes of a machine share; in milliseconds. */
export function monotonicEpochMs(): number {
  return Date.now() - monotonicMs();
}

/**
 * Computes the milliseconds to add to `performance.now()` of this process to get times of one that saw
 * `monotonicEpochMs` when it started.
 */
export function epochOffsetFrom(monotonicEpochMs: number): number {
  return monotonicEpochMs + monotonicMs() - performance.now();
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
