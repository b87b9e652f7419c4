import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

const megabyte = 1024 * 1024;
// Both halves together are twice as much when they have grown to the limit, and half of that one step before.
const fullAboveBytes = 9 * megabyte;
const smallBelowBytes = 4.5 * megabyte;

/** What has a process that is about to start hold each half of its young generation at 8 MB; nothing where the user chose another size. */
export function youngGenerationSwitches(): readonly string[] {
  return isChosenByUser() ? [] : ["--max-semi-space-size=8"];
}

/** What follows from the size of the young generation: whether it may double when it next fills up; undefined: as before. */
export function mayGrow(bytes: number): boolean | undefined {
  if (bytes > fullAboveBytes) return false;
  return bytes < smallBelowBytes ? true : undefined;
}

/**
 * Holds each half of this process's young generation at 8 MB, where V8 would let it grow to 16 (Node 20, 22) or 64 (Node 24 and later). The bodies of requests
 * are buffers, which live outside of the heap: they are let go of when the small objects that hold them are collected. In a large young generation
 * that is so late that the buffers reach V8's limit for them first, upon which it collects the whole heap, every few requests. The switch for it is
 * read only when a process starts; whether the halves may double, each time that they do.
 */
export function boundYoungGeneration(): void {
  if (isChosenByUser()) return;
  let isGrowing = true;
  const observer = new PerformanceObserver(() => {
    const space = getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space");
    const next = mayGrow(space?.space_size ?? 0) ?? isGrowing;
    if (next === isGrowing) return;
    isGrowing = next;
    setFlagsFromString(`--semi-space-growth-factor=${next ? 2 : 1}`);
  });
  observer.observe({ entryTypes: ["gc"] });
}

function isChosenByUser(): boolean {
  return [...process.execArgv, process.env["NODE_OPTIONS"] ?? ""].some((option) => /semi[-_]space/.test(option));
}
