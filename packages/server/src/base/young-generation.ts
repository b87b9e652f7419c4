import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

// Both halves together.
const fullBytes = 16 * 1024 * 1024;

/** What has a process that is about to start hold each half of its young generation at 8 MB; nothing where the user chose another size. */
export function youngGenerationSwitches(): readonly string[] {
  return isChosenByUser() ? [] : ["--max-semi-space-size=8"];
}

/**
 * By how much the halves may grow when they next fill up, from the size of both in bytes: to the whole of it at once. V8 shrinks them after a pause,
 * and would double them only one by one, for as long as little survives: for seconds, in which requests of 300 kB took half as much again.
 */
export function growthFactor(bytes: number): number {
  return Math.max(1, Math.round(fullBytes / Math.max(bytes, 1)));
}

/**
 * Holds each half of this process's young generation at 8 MB, where V8 would let it grow to 16 (Node 20, 22) or 64 (Node 24 and later). The bodies of requests
 * are buffers, which live outside of the heap: they are let go of when the small objects that hold them are collected. In a large young generation
 * that is so late that the buffers reach V8's limit for them first, upon which it collects the whole heap, every few requests. The switch for it is
 * read only when a process starts; by how much the halves grow, each time that they do.
 */
export function boundYoungGeneration(): void {
  if (isChosenByUser()) return;
  let factor = 0;
  const follow = (): void => {
    const space = getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space");
    const next = growthFactor(space?.space_size ?? fullBytes);
    if (next === factor) return;
    factor = next;
    setFlagsFromString(`--semi-space-growth-factor=${next}`);
  };
  follow();
  const observer = new PerformanceObserver(follow);
  observer.observe({ entryTypes: ["gc"] });
}

function isChosenByUser(): boolean {
  return [...process.execArgv, process.env["NODE_OPTIONS"] ?? ""].some((option) => /semi[-_]space/.test(option));
}
