/** A peak-sensitive, decaying mean of times to first content. */
export interface Latency {
  readonly valueMs: number;
  readonly atMs: number;
}
export declare function nextLatency(current: Latency | undefined, sampleMs: number, nowMs: number): Latency;
/** The estimate at `nowMs`: it decays towards zero, so that a slow provider is tried again. */
export declare function latencyAt(latency: Latency, nowMs: number): number;
