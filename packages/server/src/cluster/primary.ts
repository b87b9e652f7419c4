import { systemClock, type HealthSnapshot } from "@ccpb/core";
import { raiseRejection } from "../alerts/alert.ts";
import { Alerts } from "../alerts/alerts.ts";
import type { LoadedConfig } from "../config/config-file.ts";
import { needsRestart, rejection, type ReloadResult } from "../config/config-reload.ts";
import { logReload, logStopped } from "../log/reload-lines.ts";
import { logLosses } from "../app/log-losses.ts";
import type { LogLosses } from "../log/logger.ts";
import { ExposureWatch } from "../app/exposure-warnings.ts";
import { asBound, asStarted } from "../app/fixed-settings.ts";
import { ControlDesk } from "../control/control-desk.ts";
import { Metrics } from "../metrics/metrics.ts";
import type { PrimaryOptions } from "./primary-options.ts";
import type { Overview, OverviewOptions } from "../views/overview.ts";
import { prepareConfig } from "../app/prepared-config.ts";
import { findInWorkers, healthInWorkers } from "./ask-workers.ts";
import { keepUsage, type UsageKeeping } from "../usage/open-ledger.ts";
import { CountsHub } from "./counts-hub.ts";
import { Dispatcher } from "./dispatcher.ts";
import { SharedState } from "../sharing/shared-state.ts";
import { assertLimitShares } from "../config/limit-shares.ts";
import type { PrimaryAnswers, QuestionToPrimary, ToPrimary, WorkerStart } from "./messages.ts";
import { epochOffsetFrom, monotonicEpochMs } from "./monotonic-epoch.ts";
import { Overviews } from "./overviews.ts";
import { reloadWorkers } from "./reload-workers.ts";
import { forwardLines } from "./whole-lines.ts";
import type { WorkerProcess } from "./worker-process.ts";
import { workerCount } from "../config/worker-count.ts";
import { Workers } from "./workers.ts";

const obeyWithinMs = 2_000;
// Time beyond its drain in which a worker sends its last messages and writes the end of its log.
const graceMs = 2_500;

/** The process that listens and answers for all: it forks the workers, hands connections to them, and carries between them what they share. */
export class Primary {
  readonly #options: PrimaryOptions;
  readonly #dispatcher = new Dispatcher(() => this.#active.server.maxConnections);
  readonly #workers: Workers;
  readonly #metrics = new Metrics();
  readonly #exposure: ExposureWatch;
  readonly #alerts: Alerts;
  readonly #epochMs = monotonicEpochMs();
  /** With other machines: one connection for all workers. */
  readonly #sharedState: SharedState;
  readonly #desk = new ControlDesk({
    // One that is greeted only now starts with what is in force then.
    obey: async (orders) => {
      const workers = this.#workers.all.filter(({ state }) => state === "configured" || state === "serving");
      await Promise.all(workers.map((worker) => worker.ask({ type: "obey", orders }, obeyWithinMs)));
    },
    publish: (changes) => this.#sharedState.publishControls(changes),
  });
  readonly #counts = new CountsHub({
    broadcast: (news, except) => this.#workers.broadcast({ type: "counts", news }, except),
    publish: (counts) => this.#sharedState.publishCounts(counts),
  });
  readonly #overviews = new Overviews({
    serving: () => this.#workers.serving,
    metrics: this.#metrics,
    sharedState: () => this.#sharedState.status(),
    controls: () => this.#desk.inForce(),
  });
  readonly #usage: UsageKeeping;
  #subscription: Disposable | undefined;
  #known: HealthSnapshot = [];
  #active: LoadedConfig;
  #generation = 0;
  #lastReload: Promise<unknown> = Promise.resolve();
  #closing: Promise<number> | undefined;
  #cut = 0;

  /** Throws what a server of one process would throw for these settings. */
  constructor(options: PrimaryOptions) {
    const { loaded, log, console, colorize } = options;
    const { exposure, redact } = prepareConfig(loaded, options.environment);
    log.setRedactor(redact);
    this.#alerts = new Alerts({ clock: systemClock, log, environment: options.environment, metrics: this.#metrics });
    this.#alerts.useConfig(loaded, redact);
    this.#exposure = new ExposureWatch(log, this.#alerts.raise);
    this.#exposure.watch(exposure);
    this.#options = options;
    this.#active = loaded;
    this.#workers = new Workers({
      count: workerCount(loaded.server.workers),
      log,
      isPretty: colorize !== undefined,
      onFork: ({ outputs }) => {
        if (console !== null) for (const output of outputs) forwardLines(output, console);
        else for (const output of outputs) output.resume();
      },
      onMessage: (worker, message) => this.#onMessage(worker, message),
      onServing: (worker) => {
        this.#dispatcher.add(worker);
        const { number, pid } = worker;
        log.write("INFO", "worker_started", `worker ${number} serves`, { worker: number, pid });
      },
      onEnd: (worker) => this.#onEnd(worker),
      onGiveUp: options.onGiveUp,
      ...(options.heartbeatMs !== undefined && { heartbeatMs: options.heartbeatMs }),
      ...(options.program !== undefined && { program: options.program }),
    });
    this.#usage = keepUsage(loaded.server.usageFolder);
    this.#sharedState = new SharedState({
      log,
      usage: this.#usage.source,
      snapshot: () => this.#known,
      epochOffsetMs: epochOffsetFrom(this.#epochMs),
      desk: this.#desk,
      onCounts: (origin, value, isAlive) => this.#counts.onHost(origin, value, isAlive),
    });
  }

  /**
   * Listens, and resolves with the base URL when every worker serves; rejects when the address or what the settings need cannot be had, or a worker
   * cannot start.
   */
  async start(): Promise<string> {
    await this.#sharedState.start(this.#options.loaded);
    await this.#counts.restore(this.#options.loaded.server, this.#options.log);
    const url = await this.#dispatcher.listen(this.#options.loaded.server);
    // Ends the workers however this process ends, unless it is killed (SIGKILL).
    process.once("exit", () => this.#workers.killAll());
    try {
      await this.#workers.start();
    } catch (error) {
      this.#dispatcher.close();
      this.#workers.killAll();
      throw error;
    }
    return url;
  }

  /** Returns who is told of lines of the log that could not be written. */
  get losses(): LogLosses {
    return logLosses(this.#metrics, this.#alerts.raise);
  }

  /** One reload at a time, for all workers or for none. */
  reload(reset: boolean): Promise<ReloadResult> {
    const result = this.#lastReload.then(() => this.#reloadNow(reset));
    this.#lastReload = result;
    return result;
  }

  /** Collects the overview of all workers, and the counts of those that have ended. */
  overview(options: OverviewOptions = {}): Promise<Overview> {
    return this.#overviews.collect(options);
  }

  /** Stops to accept, has all workers drain, and answers how many requests were cut off. */
  close(drainMs?: number): Promise<number> {
    this.#closing ??= this.#drain(drainMs);
    return this.#closing;
  }

  async #drain(drainMs: number | undefined): Promise<number> {
    this.#dispatcher.close();
    this.#workers.stop();
    const { all } = this.#workers;
    for (const worker of all) {
      if (worker.state === "serving") worker.send({ type: "drain", drainMs: drainMs ?? null });
      else worker.kill();
    }
    const deadline = setTimeout(
      () => this.#workers.killAll(),
      (drainMs ?? this.#active.server.drainTimeoutMs) + graceMs,
    );
    await Promise.all(all.map(({ ended }) => ended));
    clearTimeout(deadline);
    this.#subscription?.[Symbol.dispose]();
    this.#exposure[Symbol.dispose]();
    await this.#sharedState.close();
    await this.#alerts.close();
    logStopped(this.#options.log, this.#cut);
    return this.#cut;
  }

  #onMessage(worker: WorkerProcess, message: ToPrimary): void {
    switch (message.type) {
      case "hello":
        void this.#begin(worker);
        return;
      case "overview":
        worker.lastOverview = message.overview;
        return;
      case "counted":
        this.#counts.onCounted(worker, message.counts);
        return;
      case "used":
        return this.#usage.memory.add(message.rows);
      case "drained":
        worker.hasDrained = true;
        this.#cut += message.cut;
        return;
      case "health":
        // Workers are behind the same network: what one finds out on its way to a provider holds for all.
        this.#workers.broadcast({ ...message, change: { ...message.change, isSameHost: true } }, worker);
        if (message.generation === this.#generation) this.#sharedState.publish(message.change);
        return;
      case "alert":
        this.#alerts.raise(message.alert);
        return;
      case "question":
        void this.#answer(worker, message.id, message.question);
        return;
      case "started":
      case "failed":
      case "accepted":
      case "answer":
      case "pong":
    }
  }

  async #begin(worker: WorkerProcess): Promise<void> {
    const health = await healthInWorkers(this.#workers.serving);
    this.#hearOtherMachines();
    // A reload under way would pass this one by.
    for (let last; last !== this.#lastReload;) {
      last = this.#lastReload;
      await last;
    }
    if (worker.state !== "greeted") return;
    worker.state = "configured";
    const { loaded, colorize = false } = this.#options;
    const start: WorkerStart = {
      worker: worker.number,
      active: this.#active,
      generation: this.#generation,
      logFile: loaded.server.logFile,
      colorize,
      monotonicEpochMs: this.#epochMs,
      health,
      counts: this.#counts.known(),
      controls: this.#desk.inForce(),
    };
    worker.send({ type: "start", start });
  }

  /**
   * Subscribes to other machines again, so that all they know is sent again, also to a worker that has just started.
   */
  #hearOtherMachines(): void {
    this.#subscription?.[Symbol.dispose]();
    this.#subscription = this.#sharedState.subscribe((change) =>
      this.#workers.broadcast({ type: "health", change, generation: this.#generation }),
    );
  }

  async #answer(worker: WorkerProcess, id: number, question: QuestionToPrimary): Promise<void> {
    worker.send({ type: "answer", id, answer: await this.#answerTo(question) });
  }

  #answerTo(question: QuestionToPrimary): Promise<PrimaryAnswers[keyof PrimaryAnswers]> {
    switch (question.type) {
      case "reload":
        return this.reload(question.reset);
      case "control":
        return this.#desk.act(question.command);
      case "overview":
        return this.overview(question);
      case "find-calls":
        return findInWorkers(this.#workers.serving, question.query);
      case "usage":
        return this.#usage.memory.read(question.from);
      case "usage-of-others":
        return this.#sharedState.usageOfOthers(question.query);
    }
  }

  #onEnd(worker: WorkerProcess): void {
    this.#dispatcher.remove(worker);
    this.#counts.onEnd(worker);
    this.#overviews.retire(worker, this.#closing === undefined);
    if (this.#closing !== undefined && !worker.hasDrained) this.#cut += 1;
  }

  async #reloadNow(reset: boolean): Promise<ReloadResult> {
    let result: ReloadResult;
    try {
      result = await this.#reloadAll(this.#options.load(), reset);
    } catch (error) {
      result = rejection(error);
    }
    raiseRejection(result, this.#alerts.raise);
    this.#metrics.onReload(result.type);
    logReload(this.#options.log, result);
    return result;
  }

  /** Prepares here and in every worker, and commits here only what all workers could prepare. */
  async #reloadAll(wanted: LoadedConfig, reset: boolean): Promise<ReloadResult> {
    const { loaded, log, environment } = this.#options;
    const next = asStarted(wanted, loaded);
    const restartNeeded = needsRestart(loaded.server, wanted.server);
    const { exposure, logLevel, redact } = prepareConfig(asBound(wanted, loaded), environment);
    // A new number of workers needs a restart: until then the limits are divided between as many as there are.
    assertLimitShares(next);
    await this.#sharedState.load(next.server);
    if (next.server.sharedState !== undefined) this.#known = await healthInWorkers(this.#workers.serving);
    const followControls = this.#desk.prepareReload(this.#active.config, next.config);
    const sharing = this.#sharedState.prepare(next);
    const generation = this.#generation + 1;
    const result = await reloadWorkers(this.#workers.all, { next, reset, generation }).catch(rejection);
    if (result.type === "rejected") {
      sharing.discard();
      return result;
    }
    this.#generation = generation;
    followControls();
    this.#active = next;
    sharing.commit();
    log.setRedactor(redact);
    this.#alerts.useConfig(next, redact);
    log.setLevel(logLevel);
    this.#exposure.watchReloaded(exposure, next.server);
    return { ...result, restartNeeded };
  }
}
