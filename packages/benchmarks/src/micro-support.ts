import type { AnswerFixture } from "./fixtures/answer.ts";

/** The answer's bytes in chunks that end where an event does and are at least `atLeast` bytes long: 1 gives a chunk an event. */
export function networkChunks(answer: AnswerFixture, atLeast: number): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let from = 0;
  for (const end of answer.partEnds) {
    if (end - from < atLeast && end !== answer.body.length) continue;
    chunks.push(answer.body.subarray(from, end));
    from = end;
  }
  return chunks;
}

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
