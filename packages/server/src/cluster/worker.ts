import type { Socket } from "node:net";
import type { HealthChange, HealthReplica } from "@ccpb/core";
import { App } from "../app/app.ts";
import type { PreparedReload } from "../app/app-options.ts";
import type { ActiveConfig } from "../config/config-file.ts";
import { rejection, type ReloadResult } from "../config/config-reload.ts";
import { LogFile } from "../log/log-file.ts";
import { openLog, usualJoinMs } from "../log/logger.ts";
import type { Log } from "../log/log-types.ts";
import { guardProcess } from "../log/guard-process.ts";
import { secretsOf } from "../config/secrets.ts";
import type {
  HealthNews,
  PrimaryAnswers,
  QuestionToPrimary,
  QuestionToWorker,
  ToPrimary,
  ToWorker,
  WorkerAnswers,
  WorkerStart,
} from "./messages.ts";
import { epochOffsetFrom } from "./monotonic-epoch.ts";
import { withLimitShares } from "../config/limit-shares.ts";
import { Questions } from "./questions.ts";
import { workerCount } from "../config/worker-count.ts";

// The primary bounds what it does for all; this is for a primary that is gone.
const answerWithinMs = 60_000;
// News of health that come before the start; the start itself brings all that is known.
const maxEarly = 1_000;
const overviewEveryMs = 1_000;

/** One worker process: an app that takes its connections, its configuration and news of health from the primary. */
export class WorkerProgram {
  readonly #prettify: ((colorize: boolean) => (line: string) => string) | undefined;
  readonly #questions = new Questions();
  #app: App | undefined;
  #log: Log | undefined;
  #generation = 0;
  #number = 1;
  #kept: ReadonlySet<string> = new Set();
  #prepared: PreparedReload | undefined;
  #hear: ((change: HealthChange) => void) | undefined;
  #toldAnswered = 0;
  readonly #early: HealthNews[] = [];

  /** `prettify` makes lines for people; absent: the console gets JSON. */
  constructor(prettify: ((colorize: boolean) => (line: string) => string) | undefined) {
    this.#prettify = prettify;
  }

  /** Begins to listen to the primary. */
  run(): void {
    process.on("message", (message: ToWorker, socket?: Socket) => this.#onMessage(message, socket));
    // A terminal and systemd signal the whole group; when to stop and what to reload is the primary's to say.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
    this.#send({ type: "hello" });
  }

  #send(message: ToPrimary, whenSent: () => void = () => undefined): void {
    if (process.connected) process.send?.(message, undefined, {}, whenSent);
    else whenSent();
  }

  #onMessage(message: ToWorker, socket: Socket | undefined): void {
    switch (message.type) {
      case "start":
        this.#start(message.start);
        return;
      case "connection":
        this.#send({ type: "accepted", id: message.id });
        // Undefined: the client has gone on the way.
        if (socket !== undefined) this.#app?.accept(socket);
        return;
      case "health":
        if (this.#app !== undefined) this.#take(message);
        else if (this.#early.length < maxEarly) this.#early.push(message);
        return;
      case "counts":
        this.#app?.clients.accounts.hear(message.news);
        return;
      case "ping":
        this.#send({ type: "pong" });
        return;
      case "drain":
        void this.#drain(message.drainMs ?? undefined);
        return;
      case "question":
        this.#send({ type: "answer", id: message.id, answer: this.#answer(message.question) });
        return;
      case "answer":
        this.#questions.answer(message.id, message.answer);
    }
  }

  #start(start: WorkerStart): void {
    try {
      this.#open(start);
      this.#send({ type: "started" });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#send({ type: "failed", message }, () => process.exit(1));
    }
  }

  #open({
    worker,
    active: whole,
    generation,
    logFile,
    colorize,
    monotonicEpochMs,
    health,
    counts,
    controls,
  }: WorkerStart): void {
    this.#number = worker;
    const active = this.#shareOf(whole);
    const log = openLog({
      level: active.server.logLevel,
      file: logFile,
      openFile: (path) => new LogFile(path),
      console: process.stderr,
      secrets: secretsOf(active),
      worker,
      // A terminal has a reader, so lines are shown at once.
      joinMs: this.#prettify === undefined ? usualJoinMs : 0,
      losses: () => this.#app?.losses,
      ...(this.#prettify !== undefined && { prettify: this.#prettify(colorize) }),
    });
    guardProcess(log);
    const app = new App({
      active,
      log,
      environment: process.env,
      epochOffsetMs: epochOffsetFrom(monotonicEpochMs),
      replica: this.#replica(),
      onAlert: (alert) => this.#send({ type: "alert", alert }),
      team: {
        size: workerCount(active.server.workers),
        reload: ({ reset }) => this.#ask({ type: "reload", reset }),
        overview: ({ isWatched = false }) => this.#ask({ type: "overview", isWatched }),
        findCalls: (query) => this.#ask({ type: "find-calls", query }),
        control: (command) => this.#ask({ type: "control", command }),
        usage: {
          append: async (rows) => this.#send({ type: "used", rows }),
          read: (from) => this.#ask({ type: "usage", from }),
          close: async () => undefined,
        },
        usageOfOthers: (query) => this.#ask({ type: "usage-of-others", query }),
        tellCounts: (counts) => this.#send({ type: "counted", counts }),
      },
    });
    app.balancer.restoreHealth(health);
    app.steering.obey({ controls });
    for (const news of counts) app.clients.accounts.hear(news);
    // Others take what comes after this for new.
    this.#send({ type: "counted", counts: {} });
    this.#log = log;
    this.#app = app;
    this.#generation = generation;
    for (const news of this.#early.splice(0)) this.#take(news);
    setInterval(() => this.#tellOverview(app), overviewEveryMs).unref();
  }

  /** A configuration with this worker's share of what all workers together may do. */
  #shareOf(active: ActiveConfig): ActiveConfig {
    const place = { number: this.#number, count: workerCount(active.server.workers) };
    return { ...active, config: withLimitShares(active.config, place) };
  }

  #replica(): HealthReplica {
    return {
      publish: (change) => this.#send({ type: "health", change, generation: this.#generation }),
      subscribe: (apply) => {
        this.#hear = apply;
        return { [Symbol.dispose]: () => (this.#hear = undefined) };
      },
    };
  }

  /** Takes over health. News about an earlier configuration counts for the providers that are still the same. */
  #take({ change, generation }: HealthNews): void {
    const { provider } = change.scope;
    if (generation < this.#generation && !this.#kept.has(provider)) return;
    if (this.#app?.config.providers.some(({ name }) => name === provider)) this.#hear?.(change);
  }

  async #ask<Question extends QuestionToPrimary>(question: Question): Promise<PrimaryAnswers[Question["type"]]> {
    const answer = await this.#questions.ask((id) => this.#send({ type: "question", id, question }), answerWithinMs);
    if (answer === undefined) throw new Error(`the primary process does not answer (${question.type})`);
    return answer as PrimaryAnswers[Question["type"]];
  }

  #answer(question: QuestionToWorker): WorkerAnswers[QuestionToWorker["type"]] {
    const app = this.#app;
    if (app === undefined) throw new Error(`asked for ${question.type} before the start`);
    switch (question.type) {
      case "overview":
        return app.ownOverview(question);
      case "find-calls":
        return app.search.ownCalls(question.query);
      case "health":
        return app.balancer.healthSnapshot();
      case "obey":
        app.steering.obey(question.orders);
        return "ready";
      case "prepare":
        try {
          this.#discard();
          this.#prepared = app.prepare(this.#shareOf(question.next), question.reset);
          return "ready";
        } catch (error) {
          return rejection(error);
        }
      case "commit":
        return this.#commit(question.generation);
      case "abort":
        this.#discard();
        return "ready";
    }
  }

  #discard(): void {
    this.#prepared?.discard();
    this.#prepared = undefined;
  }

  #commit(generation: number): ReloadResult {
    const prepared = this.#prepared;
    this.#prepared = undefined;
    if (prepared === undefined) return rejection(new Error("there is nothing to commit"));
    let result: ReloadResult;
    try {
      result = prepared.commit();
    } catch (error) {
      return rejection(error);
    }
    this.#generation = generation;
    if (result.type === "applied") this.#kept = new Set(result.kept);
    return result;
  }

  #tellOverview(app: App): void {
    const { answered } = app.metrics;
    if (answered === this.#toldAnswered) return;
    this.#toldAnswered = answered;
    this.#send({ type: "overview", overview: { ...app.ownOverview(), calls: [] } });
  }

  async #drain(drainMs: number | undefined): Promise<void> {
    const cut = (await this.#app?.close(drainMs)) ?? 0;
    await this.#log?.close();
    this.#send({ type: "drained", cut }, () => process.exit(0));
  }
}
