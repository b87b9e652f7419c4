import type { HealthSnapshot } from "@ccpb/core";
import { type CallQuery, type FoundCalls, mergeFound } from "../views/find-calls.ts";
import type { Overview, OverviewOptions } from "../views/overview.ts";
import type { WorkerProcess } from "./worker-process.ts";

const withinMs = 1_000;
// Longer than a worker that hangs is left alive.
const healthWithinMs = 10_000;

/** Has workers tell their work anew; for one that is silent for a second, what it said last stays. */
export async function liveOverviews(
  workers: readonly WorkerProcess[],
  { isWatched = false }: OverviewOptions,
): Promise<readonly Overview[]> {
  await Promise.all(
    workers.map(async (worker) => {
      const overview = await worker.ask({ type: "overview", isWatched }, withinMs);
      if (overview !== undefined) worker.lastOverview = overview;
    }),
  );
  // A worker that ended meanwhile is among the retired ones, and would count twice.
  return workers.flatMap(({ state, lastOverview }) => (state === "ended" ? [] : (lastOverview ?? [])));
}

/** Finds calls that workers remember; one that is silent for a second is left out, and the log has its calls. */
export async function findInWorkers(workers: readonly WorkerProcess[], query: CallQuery): Promise<FoundCalls> {
  const found = await Promise.all(workers.map((worker) => worker.ask({ type: "find-calls", query }, withinMs)));
  return mergeFound(
    found.filter((one) => one !== undefined),
    query,
  );
}

/**
 * Asks all workers for the health that they know, since one of them may stand still, and takes the first answer: each of them has been told all that the
 * primary was told before. Empty where none answers.
 */
export async function healthInWorkers(workers: readonly Pick<WorkerProcess, "ask">[]): Promise<HealthSnapshot> {
  const asked = workers.map(async (worker) => {
    const health = await worker.ask({ type: "health" }, healthWithinMs);
    if (health === undefined) throw new Error("the worker has ended, or is silent");
    return health;
  });
  return Promise.any(asked).catch(() => []);
}
