import type { ActiveConfig } from "../config/config-file.ts";
import type { ReloadResult } from "../config/config-reload.ts";
import type { WorkerProcess } from "./worker-process.ts";

export interface WorkersReload {
  readonly next: ActiveConfig;
  readonly reset: boolean;
  /** The number of the configuration that this reload brings. */
  readonly generation: number;
}

const prepareWithinMs = 10_000;
const commitWithinMs = 10_000;

/**
 * Makes every worker prepare a configuration that the primary has checked, and then, only if all of them can, swap it
 * in. A worker that ends meanwhile does not matter: its replacement starts with the configuration in force. A worker
 * that fails to swap is killed, and so replaced.
 */
export async function reloadWorkers(workers: readonly WorkerProcess[], reload: WorkersReload): Promise<ReloadResult> {
  const { next, reset, generation } = reload;
  // One that has none yet starts with the configuration that is in force then.
  const asked = workers.filter(({ state }) => state === "configured" || state === "serving");
  const votes = await Promise.all(
    asked.map(async (worker) => ({
      worker,
      vote: await worker.ask({ type: "prepare", next, reset }, prepareWithinMs),
    })),
  );
  const present = votes.filter(({ worker }) => worker.state !== "ended");
  const against = present.find(({ vote }) => vote !== "ready");
  if (against !== undefined) {
    for (const { worker } of present) void worker.ask({ type: "abort" }, commitWithinMs);
    const { vote } = against;
    return vote === undefined || vote === "ready" ? silence(against.worker) : vote;
  }
  const done = await Promise.all(
    present.map(async ({ worker }) => {
      const result = await worker.ask({ type: "commit", generation }, commitWithinMs);
      // One that voted for the configuration and does not serve it would go on with the old one: its successor starts with the new one.
      if (result?.type !== "applied" && worker.state !== "ended") worker.kill();
      return result;
    }),
  );
  return done.find((result) => result?.type === "applied") ?? nobody(next);
}

function silence({ number, pid }: WorkerProcess): ReloadResult {
  const message = `Worker ${number} (process ${pid}) does not answer; the configuration before stays in force.`;
  return { type: "rejected", message, problems: [{ file: null, line: null, column: null, message }] };
}

/** Answers a reload while no worker runs: the next one starts with the new configuration. */
function nobody({ config }: ActiveConfig): ReloadResult {
  const message = "Configuration reloaded, for the workers that start next; none serves now.";
  const changed = config.providers.map(({ name }) => name);
  return { type: "applied", message, added: [], removed: [], changed, kept: [], restartNeeded: [], warnings: [] };
}
