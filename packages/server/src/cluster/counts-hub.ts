import type { ServerSettings } from "../config/server-settings.ts";
import { addCounts, type ClientCounts, type CountsNews, hostCounts, remainsOf } from "../clients/client-counts.ts";
import { countsBefore } from "../clients/client-desk.ts";
import type { Log } from "../log/log-types.ts";
import { UsageFiles } from "../usage/usage-files.ts";
import type { WorkerProcess } from "./worker-process.ts";

export interface CountsHubOptions {
  /** Sends to all workers but one. */
  readonly broadcast: (news: CountsNews, except?: WorkerProcess) => void;
  /** Sends the counts of all workers together to other servers. */
  readonly publish: (counts: ClientCounts) => void;
}

const retired = "retired";

/** Carries what workers count of clients between them, and between them and other servers; in the primary. */
export class CountsHub {
  readonly #options: CountsHubOptions;
  readonly #workers = new Map<string, ClientCounts>();
  readonly #hosts = new Map<string, ClientCounts>();
  #before: ClientCounts = {};
  /** Usage of workers that have ended. */
  #retired: ClientCounts = {};

  constructor(options: CountsHubOptions) {
    this.#options = options;
  }

  /** Reads what the ledger has of the periods that are not over. */
  async restore({ usageFolder, auth: { clients = [] } }: ServerSettings, log: Log): Promise<void> {
    if (usageFolder === null) return;
    try {
      const files = new UsageFiles({ folder: usageFolder });
      this.#before = await countsBefore((from) => files.read(from), clients, Date.now());
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log.write("ERROR", "usage_problem", `budgets begin at 0, since the ledger cannot be read: ${why}`);
    }
  }

  /** Takes in what a worker has counted since it began. */
  onCounted(worker: WorkerProcess, counts: ClientCounts): void {
    const origin = originOf(worker);
    this.#workers.set(origin, counts);
    this.#options.broadcast({ kind: "worker", origin, counts }, worker);
    this.#publish();
  }

  /** A worker has ended: what it used stays used, what it had under way is over. */
  onEnd(worker: WorkerProcess): void {
    const origin = originOf(worker);
    const counts = this.#workers.get(origin);
    if (counts === undefined) return;
    this.#workers.delete(origin);
    this.#retired = addCounts([this.#retired, remainsOf(counts)]);
    this.#options.broadcast({ kind: "worker", origin, counts: null });
    this.#options.broadcast({ kind: "worker", origin: retired, counts: this.#retired });
    this.#publish();
  }

  /** Takes in what another server has told. */
  onHost(origin: string, value: unknown, isAlive: boolean): void {
    const counts = hostCounts(value, isAlive);
    if (counts === undefined) return;
    this.#hosts.set(origin, counts);
    this.#options.broadcast({ kind: "host", origin, counts });
  }

  /** Returns all that a new worker has to know. */
  known(): readonly CountsNews[] {
    const workers = [...this.#workers, [retired, this.#retired] as const];
    return [
      { kind: "before", origin: "", counts: this.#before },
      ...workers.map(([origin, counts]) => ({ kind: "worker", origin, counts }) as const),
      ...[...this.#hosts].map(([origin, counts]) => ({ kind: "host", origin, counts }) as const),
    ];
  }

  #publish(): void {
    this.#options.publish(addCounts([...this.#workers.values(), this.#retired]));
  }
}

function originOf({ number, pid }: WorkerProcess): string {
  return `${number}.${pid}`;
}
