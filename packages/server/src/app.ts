import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createSecureContext } from "node:tls";
import { Balancer, CcpbError, type BalancerConfig, type Transport } from "@ccpb/core";
import { accessRulesOf } from "./access-rules.ts";
import { needsRestart, problemView, rejection, type ReloadResult } from "./config-reload.ts";
import type { LoadedConfig } from "./config-file.ts";
import { createHttpServer, type RequestListener, type TlsMaterial } from "./http.ts";
import { InboundRequest } from "./inbound-request.ts";
import { logCalls } from "./log/call-lines.ts";
import type { Log } from "./log/log-types.ts";
import { Metrics } from "./metrics.ts";
import { knownRoute } from "./routes.ts";
import { assertSafeBinding } from "./safe-binding.ts";
import { secretsOf } from "./secrets.ts";
import { serveRequest } from "./serve-request.ts";
import type { AccessRules, ServerContext } from "./server-context.ts";
import type { ServerSettings } from "./server-settings.ts";
import { createHttpTransport, type HttpTransport } from "./transport.ts";
import type { Environment } from "./transport/proxy-route.ts";
import { CallHistory } from "./ui/call-history.ts";
import { version } from "./version.ts";

/** What is in force: the parts of a `LoadedConfig` that running needs. */
export type ActiveConfig = Pick<LoadedConfig, "config" | "server"> & Partial<Pick<LoadedConfig, "warnings">>;

export interface AppOptions {
  readonly active: ActiveConfig;
  readonly log: Log;
  /** Reads the configuration again; throws `ConfigError` when it cannot be used. Absent: there is nothing to read again. */
  readonly load?: () => ActiveConfig;
  /** Where the proxy variables are read. */
  readonly environment?: Environment;
  /** Default: undici, made and closed by the app. */
  readonly transport?: Transport;
}

// How long, after drain_timeout, the last words (an error event) may take to reach their clients.
const lastWordsMs = 500;

/** One running server: configuration, balancer, log and listener, and the requests under way. */
export class App implements ServerContext {
  readonly balancer: Balancer;
  readonly transport: Transport;
  readonly log: Log;
  readonly metrics: Metrics = new Metrics(version);
  readonly calls: CallHistory = new CallHistory(Date.now);
  readonly version: string = version;
  readonly #server: Server;
  readonly #httpTransport: HttpTransport | undefined;
  readonly #load: (() => ActiveConfig) | undefined;
  readonly #listeners: readonly Disposable[];
  readonly #underWay = new Set<InboundRequest>();
  #active: ActiveConfig;
  #access: AccessRules;
  #lastReload: Promise<unknown> = Promise.resolve();
  #closing: Promise<number> | undefined;
  #onIdle: (() => void) | undefined;

  /** Throws `CcpbError` (code `configuration`) for settings that would open the server to everybody; a certificate that cannot be read throws too. */
  constructor(options: AppOptions) {
    const { active, log, transport, environment = {} } = options;
    assertSafeBinding(active.server);
    this.log = log;
    this.#active = active;
    this.#load = options.load;
    this.#access = accessRulesOf(active.server);
    this.#httpTransport = transport === undefined ? createHttpTransport({ environment }) : undefined;
    this.transport = transport ?? (this.#httpTransport as HttpTransport).send;
    this.balancer = new Balancer(active.config);
    this.#listeners = [
      logCalls(this.balancer, log),
      this.metrics.watch(this.balancer),
      this.calls.watch(this.balancer),
    ];
    this.#server = createHttpServer(this.handle, readTls(active.server));
    log.setSecrets(secretsOf(active));
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

  /** Takes one request of node:http. */
  readonly handle: RequestListener = (incoming, response, expectsContinue) => {
    const inbound = new InboundRequest(incoming, response, expectsContinue);
    this.#underWay.add(inbound);
    this.metrics.onRequest();
    response.once("close", () => {
      this.#underWay.delete(inbound);
      this.metrics.onResponse(knownRoute(inbound.path), response.statusCode);
      if (this.isDraining) this.#whileDraining();
    });
    void serveRequest(inbound, this);
  };

  /** Starts to listen; rejects with the system's error, such as `EADDRINUSE`. Answers the base URL with the real port. */
  async listen(): Promise<string> {
    const { host, port, tls } = this.settings;
    const bare = host.startsWith("[") ? host.slice(1, -1) : host;
    // A burst of thousands of clients waits in the queue of the kernel, which cuts this to its own limit, rather than being reset.
    this.#server.listen({ host: bare, port, backlog: 16_384 });
    await once(this.#server, "listening");
    const { port: actual } = this.#server.address() as AddressInfo;
    return `${tls === undefined ? "http" : "https"}://${bare.includes(":") ? `[${bare}]` : bare}:${actual}`;
  }

  /** Reads, checks and swaps the configuration; one reload at a time. A bad one changes nothing. */
  reload(options: { readonly reset: boolean }): Promise<ReloadResult> {
    const result = this.#lastReload.then(() => this.#reloadNow(options.reset));
    this.#lastReload = result;
    return result;
  }

  #reloadNow(reset: boolean): ReloadResult {
    let result: ReloadResult;
    try {
      result = this.#apply(this.#load?.() ?? this.#active, reset);
    } catch (error) {
      result = rejection(error);
    }
    this.metrics.onReload(result.type);
    if (result.type === "applied")
      this.log.write("INFO", "config_reloaded", result.message, { ...result, message: undefined });
    else this.log.write("ERROR", "config_rejected", result.message, { problems: result.problems });
    return result;
  }

  /** Everything that can fail comes first; then the swap. */
  #apply(next: ActiveConfig, reset: boolean): ReloadResult {
    const before = this.#active.server;
    const bound = { ...next.server, host: before.host };
    assertSafeBinding(bound);
    const access = accessRulesOf(next.server);
    const tls = readTls(next.server);
    const restartNeeded = needsRestart(before, next.server);
    if (tls !== undefined && "setSecureContext" in this.#server) (this.#server as SecureServer).setSecureContext(tls);
    const summary = this.balancer.reload(next.config);
    if (reset) this.balancer.reset();
    this.#active = next;
    this.#access = access;
    this.log.setSecrets(secretsOf(next));
    this.log.setLevel(next.server.logLevel);
    const count = next.config.providers.filter(({ enabled = true }) => enabled).length;
    const message = `Configuration reloaded: ${count} enabled ${count === 1 ? "provider" : "providers"}${reset ? ", circuits reset" : ""}.`;
    return { type: "applied", message, ...summary, restartNeeded, warnings: (next.warnings ?? []).map(problemView) };
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
    this.log.write("INFO", "server_draining", `stopping: ${this.#underWay.size} requests under way`, {
      under_way: this.#underWay.size,
    });
    if (this.#server.listening) this.#server.close();
    this.#server.closeIdleConnections();
    await this.#idleWithin(drainMs);
    const cut = this.#underWay.size;
    for (const inbound of this.#underWay) inbound.cutOff();
    await this.#idleWithin(lastWordsMs);
    this.#server.closeAllConnections();
    this.#httpTransport?.close();
    for (const listener of this.#listeners) listener[Symbol.dispose]();
    this.log.write("INFO", "server_stopped", cut === 0 ? "stopped" : `stopped; ${cut} requests were cut off`, { cut });
    return cut;
  }

  #idleWithin(ms: number): Promise<void> {
    if (this.#underWay.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#onIdle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #whileDraining(): void {
    // A connection that has just become idle would otherwise be kept for its next request.
    setImmediate(() => this.#server.closeIdleConnections());
    if (this.#underWay.size === 0) this.#onIdle?.();
  }
}

interface SecureServer {
  setSecureContext(material: TlsMaterial): void;
}

function readTls({ tls }: ServerSettings): TlsMaterial | undefined {
  if (tls === undefined) return undefined;
  const material = { cert: readFileSync(tls.cert), key: readFileSync(tls.key) };
  try {
    createSecureContext(material);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `settings.tls: ${tls.cert} and ${tls.key} are no certificate with its key in PEM (${reason})`;
    throw new CcpbError("configuration", message, { status: 422, type: "invalid_request_error", cause });
  }
  return material;
}
