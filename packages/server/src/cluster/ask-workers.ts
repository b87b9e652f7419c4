import { type CallQuery, type FoundCalls, mergeFound } from "../views/find-calls.ts";
import type { Overview, OverviewOptions } from "../views/overview.ts";
import type { WorkerProcess } from "./worker-process.ts";

const withinMs = 1_000;

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
