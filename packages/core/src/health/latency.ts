/** A peak-sensitive, decaying mean of times to first content, in milliseconds. */
export interface Latency {
  readonly valueMs: number;
  /** Monotonic. */
  readonly atMs: number;
}

/** Time constant of the decay: after this time a measurement weighs 1/e. */
const decayMs = 60_000;

/**
 * Returns the estimate after one more sample: a sample above it replaces it at once (a provider that has become slow is left at once), one below it
 * lowers it the more, the older it is (peak EWMA, as in Finagle's load balancer).
 */
export function nextLatency(current: Latency | undefined, sampleMs: number, nowMs: number): Latency {
  if (current === undefined || sampleMs >= latencyAt(current, nowMs)) return { valueMs: sampleMs, atMs: nowMs };
  const weight = pastWeight(current, nowMs);
  return { valueMs: current.valueMs * weight + sampleMs * (1 - weight), atMs: nowMs };
}

/** Returns the estimate at `nowMs`: it decays towards zero, so that a slow provider is tried again some time. */
export function latencyAt(latency: Latency, nowMs: number): number {
  return latency.valueMs * pastWeight(latency, nowMs);
}

function pastWeight(latency: Latency, nowMs: number): number {
  return Math.exp(-Math.max(0, nowMs - latency.atMs) / decayMs);
}
