import { availableParallelism } from "node:os";

/** Returns how many processes `settings.workers` means. `auto` is one for each processor that this process may use. */
export function workerCount(workers: number | "auto"): number {
  return workers === "auto" ? availableParallelism() : workers;
}
