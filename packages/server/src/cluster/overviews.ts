import type { Control } from "../control/control.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { SharedStateStatus } from "../sharing/shared-state.ts";
import type { Overview, OverviewOptions } from "../views/overview.ts";
import { sharedStateMetrics } from "../views/shared-state-view.ts";
import { liveOverviews } from "./ask-workers.ts";
import { countsOf, emptyStatus, mergeOverviews } from "./merge-overviews.ts";
import { workerMetrics } from "./worker-metrics.ts";
import type { WorkerProcess } from "./worker-process.ts";

/** Parts of the primary that its own overview is made of. */
export interface OverviewSources {
  /** Returns the workers that serve now. */
  readonly serving: () => readonly WorkerProcess[];
  readonly metrics: Metrics;
  readonly sharedState: () => SharedStateStatus | null;
  readonly controls: () => readonly Control[];
}

/** Collects what all processes have done: the workers that serve, those that have ended, and the primary. */
export class Overviews {
  readonly #sources: OverviewSources;
  /** Counts of all workers that have ended, in one. */
  #retired: Overview | undefined;
  #restarts = 0;

  constructor(sources: OverviewSources) {
    this.#sources = sources;
  }

  /** Asks the workers that serve, and merges their answers with the rest. */
  async collect(options: OverviewOptions): Promise<Overview> {
    const live = await liveOverviews(this.#sources.serving(), options);
    const own = this.#ofPrimary();
    return mergeOverviews([...live, ...(this.#retired === undefined ? [] : [this.#retired]), own]) ?? own;
  }

  /** Keeps the counts of a worker that has ended. `isReplaced`: another one is started in its place. */
  retire({ lastOverview }: WorkerProcess, isReplaced: boolean): void {
    if (lastOverview !== undefined) {
      const counts = countsOf(lastOverview);
      this.#retired = this.#retired === undefined ? counts : mergeOverviews([counts, this.#retired]);
    }
    if (isReplaced) this.#restarts += 1;
  }

  #ofPrimary(): Overview {
    const { serving, metrics: own, controls } = this.#sources;
    const status = emptyStatus;
    const sharedState = this.#sources.sharedState();
    const metrics = [
      ...own.collect(status),
      ...sharedStateMetrics(sharedState),
      ...workerMetrics(serving().length, this.#restarts),
    ];
    return { status, metrics, calls: [], sharedState, controls: controls() };
  }
}
