import type { Socket } from "node:net";
import type { Balancer, BalancerConfig, HealthSnapshot, Transport } from "@ccpb/core";
import { scanBody } from "@ccpb/json-scan";
import { BodyMemory } from "../http/body-memory.ts";
import { Steering } from "../control/steering.ts";
import type { AppOptions, PreparedReload, ReloadOptions, Team } from "./app-options.ts";
import { describeReload, needsRestart, rejection, type ReloadResult } from "../config/config-reload.ts";
import type { ActiveConfig } from "../config/config-file.ts";
import { exposureOf, ExposureWatch } from "./exposure-warnings.ts";
import { asBound, asStarted } from "./fixed-settings.ts";
import type { RequestListener, TlsMaterial } from "../http/http.ts";
import { watchCertificate } from "./watch-certificate.ts";
import { logCalls } from "../log/call-lines.ts";
import type { Log } from "../log/log-types.ts";
import { logReload, logStopped } from "../log/reload-lines.ts";
import { Metrics } from "../metrics/metrics.ts";
import { CallSearch } from "../views/call-search.ts";
import type { Overview, OverviewOptions } from "../views/overview.ts";
import { prepareConfig } from "./prepared-config.ts";
import { raiseRejection, type AlertSink } from "../alerts/alert.ts";
import type { Alerts } from "../alerts/alerts.ts";
import { RequestIntake } from "./request-intake.ts";
import { tracedBalancer } from "./tracing.ts";
import { openAlerts } from "./open-alerts.ts";
import { ProviderWatch } from "../alerts/provider-watch.ts";
import type { AccessRules } from "../http/access-rules.ts";
import type { ServerContext } from "../routes/server-context.ts";
import type { ServerSettings } from "../config/server-settings.ts";
import { recoverFromSleep } from "../transport/sleep-watch.ts";
import { SharedState, type SharedStateOptions } from "../sharing/shared-state.ts";
import { sharedStateMetrics } from "../views/shared-state-view.ts";
import { TextTokenizer } from "../tokenizer/text-tokenizer.ts";
import { Authorizers } from "../transport/authorize/authorizers.ts";
import { createHttpTransport, type HttpTransport } from "../transport/transport.ts";
import type { Environment } from "../transport/proxy-route.ts";
import { UpstreamModels } from "../views/upstream-models.ts";
import { ServedModels } from "../views/served-models.ts";
import { logLosses, type LogLosses } from "./log-losses.ts";
import { budgetAlert } from "./budget-alert.ts";
import { type Books, type BooksOptions, openBooks } from "./open-books.ts";
import { keepUsage } from "../usage/open-ledger.ts";
import { credentialLines } from "../transport/authorize/credential-lines.ts";
import { version } from "../base/version.ts";
import { wallOffsetMs } from "../base/wall-offset.ts";

/** One running server: configuration, balancer, log and listener, and the requests under way. */
export class App implements ServerContext {
  readonly balancer: Balancer;
  readonly transport: Transport;
  readonly log: Log;
  readonly metrics: Metrics = new Metrics();
  readonly search: CallSearch = new CallSearch(
    () => this.settings,
    (query) => this.#team?.findCalls(query),
  );
  readonly servedModels: ServedModels = new ServedModels();
  readonly upstreamModels: UpstreamModels = new UpstreamModels(() => performance.now());
  readonly #books: Books;
  readonly steering: Steering = new Steering(
    () => this.balancer,
    () => this.#team?.control,
    (changes) => this.#sharedState?.publishControls(changes),
  );
  readonly tokenizer: TextTokenizer = new TextTokenizer();
  readonly version: string = version;
  readonly #sharedState: SharedState | undefined;
  readonly #intake: RequestIntake;
  readonly #httpTransport: HttpTransport | undefined;
  readonly #authorizers: Authorizers;
  readonly #load: (() => ActiveConfig) | undefined;
  readonly #team: Team | undefined;
  readonly #listeners: readonly Disposable[];
  readonly #alerts: Alerts | undefined;
  /** Sends an alert to the webhooks; never throws and never waits. */
  readonly raise: AlertSink;
  /** Receives losses of log lines. */
  readonly losses: LogLosses;
  readonly #environment: Environment;
  readonly #started: ActiveConfig;
  readonly #exposure: ExposureWatch | undefined;
  readonly bodies: BodyMemory = new BodyMemory(() => this.#shareOf(this.settings.maxBodyMemoryBytes));
  #active: ActiveConfig;
  #access: AccessRules;
  readonly #sharing: Promise<void> | undefined;
  #lastReload: Promise<unknown>;
  #closing: Promise<number> | undefined;

  /** Throws `CcpbError` (code `configuration`) for settings that would open the server to everybody; a certificate that cannot be read throws too. */
  constructor(options: AppOptions) {
    const { active, log, transport, environment = {}, replica, epochOffsetMs = wallOffsetMs() } = options;
    const { access, tls, exposure, redact } = prepareConfig(active, environment);
    this.log = log;
    this.#environment = environment;
    this.#started = active;
    this.#active = active;
    this.#load = options.load;
    this.#team = options.team;
    this.#access = access;
    this.#httpTransport = transport === undefined ? createHttpTransport({ environment }) : undefined;
    this.transport = transport ?? (this.#httpTransport as HttpTransport).send;
    const snapshot = (): HealthSnapshot => this.balancer.healthSnapshot();
    const usage = keepUsage(active.server.usageFolder);
    const shared = { log, snapshot, epochOffsetMs, onCounts: this.#onCounts, usage: usage.source };
    if (replica === undefined) this.#sharedState = new SharedState({ ...shared, desk: this.steering.desk });
    const { alerts, raise, clock } = openAlerts(options, this.metrics, redact);
    this.#alerts = alerts;
    this.raise = raise;
    this.losses = logLosses(this.metrics, raise);
    this.#authorizers = new Authorizers({ clock, ...credentialLines(log, raise) });
    this.balancer = tracedBalancer(active.config, {
      authorize: this.#authorizers.find,
      ...(options.balancerClock !== undefined && { clock: options.balancerClock }),
      replica: replica ?? (this.#sharedState as SharedState),
      epochOffsetMs,
      scanBody,
    });
    this.#authorizers.use(active.config.providers);
    this.#books = this.#openBooks(options.team?.usage ?? usage.memory);
    this.#sharing = this.#sharedState?.start(active);
    // A failure is logged here, because a caller of `handle` alone does not wait for it. A caller of `listen` gets it as an error.
    this.#lastReload = Promise.resolve(this.#sharing).catch((error: unknown) => {
      log.write("ERROR", "server_error", error instanceof Error ? error.message : String(error));
    });
    // Of several processes the primary says it.
    this.#exposure = options.team === undefined ? new ExposureWatch(log, raise) : undefined;
    this.#listeners = [
      ...(this.#exposure === undefined ? [] : [this.#exposure]),
      logCalls(this.balancer, log, (trace) => this.ledger.costOf(trace)),
      watchCertificate({
        settings: () => this.settings,
        material: tls,
        onChange: (next) => this.#useTls(next),
        log,
        raise,
      }),
      new ProviderWatch(this.balancer, clock, raise),
      this.metrics.watch(this.balancer),
      this.search.calls.watch(this.balancer),
      this.ledger.watch(this.balancer),
      this.servedModels.watch(this.balancer),
      recoverFromSleep({ clock, balancer: this.balancer, transport: this.#httpTransport, log }),
    ];
    const shareOf = (limit: number): number => this.#shareOf(limit);
    this.#intake = new RequestIntake({ context: this, metrics: this.metrics, tls, shareOf });
    log.setRedactor(redact);
    this.#exposure?.watch(exposure);
  }

  #useTls(material: TlsMaterial): void {
    this.#intake.useTls(material);
    this.#exposure?.watch(exposureOf(this.settings, material));
  }

  #openBooks(memory: BooksOptions["memory"]): Books {
    return openBooks({
      memory,
      usageFolder: this.settings.usageFolder,
      settings: () => this.settings,
      log: this.log,
      metrics: this.metrics,
      onBudget: (notice) => this.raise(budgetAlert(notice)),
      tellCounts: this.#team?.tellCounts ?? ((counts) => this.#sharedState?.publishCounts(counts)),
    });
  }

  readonly #onCounts: NonNullable<SharedStateOptions["onCounts"]> = (...told) => this.clients.onHost(...told);

  /** This process's part of a limit that holds for all workers together. */
  #shareOf(limit: number): number {
    return Math.ceil(limit / (this.#team?.size ?? 1));
  }

  get authorize(): Authorizers["find"] {
    return this.#authorizers.find;
  }

  get ledger(): Books["ledger"] {
    return this.#books.ledger;
  }

  get clients(): Books["clients"] {
    return this.#books.clients;
  }

  get settings(): ServerSettings {
    return this.#active.server;
  }

  get config(): BalancerConfig {
    return this.#active.config;
  }

  get access(): AccessRules {
    return this.#access;
  }

  get isDraining(): boolean {
    return this.#closing !== undefined;
  }

  /** Takes one request of node:http; see `RequestIntake`. */
  get handle(): RequestListener {
    return this.#intake.handle;
  }

  /**
   * Starts to listen; rejects with the system's error, such as `EADDRINUSE`, and where what `settings.shared_state` needs cannot be had. Answers the
   * base URL with the real port.
   */
  async listen(): Promise<string> {
    await this.#sharing;
    await this.clients.restore(this.ledger);
    return this.#intake.listen();
  }

  /** Takes a connection that another process accepted, instead of listening. */
  accept(socket: Socket): void {
    this.#intake.accept(socket);
  }

  /** Collects the overview of this process's own work. */
  ownOverview({ isWatched = false }: OverviewOptions = {}): Overview {
    const status = this.balancer.status();
    const sharedState = this.#sharedState?.status() ?? null;
    const metrics = [...this.metrics.collect(status), ...sharedStateMetrics(sharedState)];
    const calls = this.search.calls.calls(isWatched ? this.#intake.underWay.speeds(performance.now()) : undefined);
    return { status, metrics, calls, sharedState, ...this.steering.overview() };
  }

  overview(options: OverviewOptions = {}): Promise<Overview> {
    return this.#team?.overview(options) ?? Promise.resolve(this.ownOverview(options));
  }

  /** Returns what other servers have counted; null where nothing is shared. */
  readonly usageOfOthers: ServerContext["usageOfOthers"] = async (query) =>
    (await (this.#team ?? this.#sharedState)?.usageOfOthers(query)) ?? null;

  /** Reads, checks and swaps the configuration; one reload at a time. A bad one changes nothing. */
  reload(options: ReloadOptions): Promise<ReloadResult> {
    if (this.#team !== undefined) return this.#team.reload(options);
    const result = this.#lastReload.then(() => this.#reloadNow(options));
    this.#lastReload = result;
    return result;
  }

  async #reloadNow({ reset, load = this.#load }: ReloadOptions): Promise<ReloadResult> {
    let result: ReloadResult;
    try {
      const next = load?.() ?? this.#active;
      await this.#sharedState?.load(next.server);
      result = this.prepare(next, reset).commit();
    } catch (error) {
      result = rejection(error);
    }
    raiseRejection(result, this.raise);
    this.metrics.onReload(result.type);
    logReload(this.log, result);
    return result;
  }

  /**
   * Does everything of a reload that can fail, and changes nothing. `commit` then only assigns: what is read of the configuration is read here.
   *
   * @throws the error that makes the configuration unusable; then nothing has changed.
   */
  prepare(wanted: ActiveConfig, reset: boolean): PreparedReload {
    const restartNeeded = needsRestart(this.#started.server, wanted.server);
    const next = asStarted(wanted, this.#started);
    const { access, tls, exposure, logLevel, redact } = prepareConfig(
      asBound(wanted, this.#started),
      this.#environment,
    );
    const swapProviders = this.balancer.prepareReload(next.config);
    const followControls = this.steering.prepareReload(this.#active.config, next.config);
    const useAlerts = this.#alerts?.prepare(next, redact);
    const useCredentials = this.#authorizers.prepare(next.config.providers);
    const describe = describeReload(next, { reset, restartNeeded });
    // Last, since it opens a connection that a failure after it would have to close.
    const sharing = this.#sharedState?.prepare(next);
    const commit = (): ReloadResult => {
      // First, since Node builds the context again from the same bytes: should that fail, nothing has changed.
      if (tls !== undefined) this.#intake.useTls(tls);
      this.#active = next;
      this.#access = access;
      this.log.setRedactor(redact);
      useAlerts?.();
      this.log.setLevel(logLevel);
      this.#exposure?.watchReloaded(exposure, next.server);
      const summary = swapProviders();
      followControls();
      useCredentials();
      sharing?.commit();
      if (reset) this.balancer.reset();
      return describe(summary);
    };
    return { commit, discard: () => sharing?.discard() };
  }

  /**
   * Stops to accept, closes idle connections, lets what is under way finish for up to `drainMs`, then cuts it off with an error. Answers how many
   * requests were cut; a second call answers the same.
   */
  close(drainMs: number = this.settings.drainTimeoutMs): Promise<number> {
    this.#closing ??= this.#drain(drainMs);
    return this.#closing;
  }

  async #drain(drainMs: number): Promise<number> {
    await Promise.resolve(); // `isDraining` holds from here on
    const { size } = this.#intake.underWay;
    this.log.write("INFO", "server_draining", `stopping: ${size} requests under way`, { under_way: size });
    const cut = await this.#intake.drain(drainMs);
    this.#authorizers.close();
    this.#httpTransport?.close();
    await this.ledger.close();
    await this.#sharedState?.close();
    await this.#alerts?.close();
    for (const listener of [...this.#listeners, this.balancer, this.tokenizer]) listener[Symbol.dispose]();
    logStopped(this.log, cut);
    return cut;
  }
}
