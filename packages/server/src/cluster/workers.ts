import cluster, { type Worker } from "node:cluster";
import { fileURLToPath } from "node:url";
import type { Log } from "../log/log-types.ts";
import type { ToPrimary, ToWorker } from "./messages.ts";
import { type WorkerEnd, WorkerProcess } from "./worker-process.ts";

export interface WorkersOptions {
  readonly count: number;
  readonly log: Log;
  /** True if lines on the console are for people. */
  readonly isPretty: boolean;
  readonly onFork: (worker: WorkerProcess) => void;
  readonly onMessage: (worker: WorkerProcess, message: ToPrimary) => void;
  readonly onServing: (worker: WorkerProcess) => void;
  readonly onEnd: (worker: WorkerProcess) => void;
  /** Called when no worker is running and restarts have failed repeatedly. */
  readonly onGiveUp: (reason: string) => void;
  /** Interval of the heartbeats of workers, in milliseconds. Default 1,000. */
  readonly heartbeatMs?: number;
  /** The program of a worker process. Default: `worker.js` beside this file, once built. */
  readonly program?: string;
  /** Default: `cluster.fork`. */
  readonly fork?: () => Worker;
}

// A worker that has lived this long has not died of its start.
const settledMs = 10_000;
const firstPauseMs = 100;
const longestPauseMs = 10_000;
const startWithinMs = 60_000;
const usualHeartbeatMs = 1_000;
// In a row, after which a worker hangs: a pause of the garbage collector or a busy machine costs it one or two.
const missedBeatsOfTheHung = 5;
// Ends in a row, of workers that never served, after which starting is given up if no other worker serves.
const hopeless = 6;

/** The worker processes: forked, and replaced when they die. */
export class Workers {
  readonly #options: WorkersOptions;
  readonly #processes = new Set<WorkerProcess>();
  readonly #failures = new Map<number, number>();
  readonly #pauses = new Set<NodeJS.Timeout>();
  #heart: NodeJS.Timeout | undefined;
  #isStopping = false;
  #failedStarts = 0;
  #onFirst: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;

  constructor(options: WorkersOptions) {
    this.#options = options;
  }

  /** Those that have not ended. */
  get all(): readonly WorkerProcess[] {
    return [...this.#processes];
  }

  get serving(): readonly WorkerProcess[] {
    return this.all.filter(({ state }) => state === "serving");
  }

  /** Forks all; resolves when every one serves, rejects when one cannot. */
  async start(): Promise<void> {
    const { count, isPretty, program, heartbeatMs = usualHeartbeatMs } = this.#options;
    cluster.setupPrimary({
      exec: program ?? fileURLToPath(new URL("worker.js", import.meta.url)),
      // Tells the path by which the command was called: npm installs global packages beside that, not beside the program of a worker.
      args: [process.argv[1] ?? "", ...(isPretty ? ["--pretty"] : [])],
      // Whole lines of all workers reach the console through the primary.
      silent: true,
      serialization: "json",
    });
    this.#heart = setInterval(() => this.#beat(), heartbeatMs).unref();
    const limit = setTimeout(() => this.#onFirst?.reject(new Error("the workers do not start")), startWithinMs);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#onFirst = { resolve, reject };
        for (let number = 1; number <= count; number += 1) this.#fork(number);
      });
    } finally {
      clearTimeout(limit);
      this.#onFirst = undefined;
    }
  }

  broadcast(message: ToWorker, except?: WorkerProcess): void {
    for (const worker of this.#processes) if (worker !== except && worker.state !== "forked") worker.send(message);
  }

  /** Stops replacing workers that end. */
  stop(): void {
    this.#isStopping = true;
    clearInterval(this.#heart);
    for (const pause of this.#pauses) clearTimeout(pause);
  }

  killAll(): void {
    this.stop();
    for (const worker of this.#processes) worker.kill();
  }

  /** Kills workers that do not answer, so that they are replaced and their connections close. */
  #beat(): void {
    for (const worker of this.#processes) {
      // One that has not said hello is loading its program, and cannot hear yet.
      const isSilent =
        worker.state === "forked"
          ? performance.now() - worker.forkedAtMs > startWithinMs
          : worker.beat() >= missedBeatsOfTheHung;
      if (!isSilent) continue;
      worker.failure = "it hung: no sign of life";
      worker.kill();
    }
  }

  #fork(number: number): void {
    const { fork = () => cluster.fork() } = this.#options;
    const worker = new WorkerProcess(number, fork(), {
      onMessage: (worker, message) => this.#onMessage(worker, message),
      onEnd: (worker, end) => this.#onEnd(worker, end),
    });
    this.#processes.add(worker);
    this.#options.onFork(worker);
  }

  #onMessage(worker: WorkerProcess, message: ToPrimary): void {
    if (message.type === "hello") worker.state = "greeted";
    if (message.type === "failed") worker.failure = message.message;
    if (message.type === "started") {
      worker.state = "serving";
      worker.hasServed = true;
      this.#failedStarts = 0;
      this.#options.onServing(worker);
      if (this.serving.length === this.#options.count) this.#onFirst?.resolve();
    }
    this.#options.onMessage(worker, message);
  }

  #onEnd(worker: WorkerProcess, end: WorkerEnd): void {
    this.#processes.delete(worker);
    this.#options.onEnd(worker);
    if (this.#isStopping) return;
    const { number, pid, failure } = worker;
    const how = failure ?? (end.signal === null ? `exit code ${end.code}` : end.signal);
    // A terminal that closes signals the whole group, also a worker that does not ignore that yet. Whether the server ends is the primary's to decide.
    if (this.#onFirst !== undefined && end.signal === "SIGHUP") {
      this.#fork(number);
      return;
    }
    if (this.#onFirst !== undefined) {
      this.#onFirst.reject(new Error(`worker ${number} ended before it served: ${how}`));
      return;
    }
    const livedMs = performance.now() - worker.forkedAtMs;
    this.#failedStarts += worker.hasServed ? 0 : 1;
    if (this.#failedStarts >= hopeless && this.serving.length === 0) {
      this.#options.onGiveUp(`worker ${number} cannot be started, and no other serves: ${how}`);
      return;
    }
    const failures = livedMs >= settledMs ? 0 : (this.#failures.get(number) ?? 0);
    this.#failures.set(number, failures + 1);
    const pauseMs = failures === 0 ? 0 : Math.min(longestPauseMs, firstPauseMs * 2 ** (failures - 1));
    const message = `worker ${number} ended (${how}); another takes its place${pauseMs === 0 ? "" : ` in ${pauseMs} ms`}`;
    this.#options.log.write("ERROR", "worker_ended", message, { worker: number, pid, ...end, pause_ms: pauseMs });
    const pause = setTimeout(() => {
      this.#pauses.delete(pause);
      this.#fork(number);
    }, pauseMs);
    this.#pauses.add(pause);
  }
}
