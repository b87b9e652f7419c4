/** Bytes of heap that `work` allocates for each of its `events`, the median of runs without a collection in between; NaN without --expose-gc. */
export function allocationPerEvent(work: () => void, events: number): number {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) return Number.NaN;
  for (let warm = 0; warm < 200; warm += 1) work();
  const samples: number[] = [];
  for (let sample = 0; sample < 15; sample += 1) {
    gc();
    const before = process.memoryUsage().heapUsed;
    work();
    samples.push(process.memoryUsage().heapUsed - before);
  }
  samples.sort((a, b) => a - b);
  return Math.round((samples[7] ?? Number.NaN) / events);
}
