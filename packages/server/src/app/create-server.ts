import type { IncomingMessage, ServerResponse } from "node:http";
import type { Writable } from "node:stream";
import type { Clock, Balancer, BalancerConfig, Transport } from "@ccpb/core";
import { defaultServerDocument } from "@ccpb/core/internal";
import { App } from "./app.ts";
import { openLog, usualJoinMs } from "../log/logger.ts";
import type { Log } from "../log/log-types.ts";
import type { ReloadResult } from "../config/config-reload.ts";
import { secretsOf } from "../config/secrets.ts";
import type { ServerSettings } from "../config/server-settings.ts";
import type { Environment } from "../transport/proxy-route.ts";

/**
 * Defaults of a server that a program starts: those of the file format, without a log file and without a ledger on
 * disk.
 *
 * @example
 * ```ts
 * console.log(defaultServerSettings.host, defaultServerSettings.logFile); // 127.0.0.1 null
 * ```
 */
export const defaultServerSettings: ServerSettings = {
  ...defaultServerDocument,
  logFile: null,
  usageFolder: null,
  configPath: null,
};

/** Options of `createServer`. */
export interface CreateServerOptions {
  /** Providers, routes and settings of the balancer. */
  readonly config: BalancerConfig;
  /** Settings of the server that differ from `defaultServerSettings`. */
  readonly settings?: Partial<ServerSettings>;
  /** Stream for log lines besides `settings.logFile`; default: none. */
  readonly console?: Writable;
  /** Log to use instead of the server's own. */
  readonly log?: Log;
  /** Transport to use instead of the server's own over undici. */
  readonly transport?: Transport;
  /** Variables in which `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are read; default: none. */
  readonly environment?: Environment;
  /** Clock for the expiry of credentials and for noticing that the machine slept; default: the platform's. */
  readonly clock?: Clock;
}

/** Balancer behind HTTP. */
export interface CcpbServer {
  /** Balancer that serves the requests. */
  readonly balancer: Balancer;
  /** Answers one request of node:http, for a server of your own. */
  readonly handle: (incoming: IncomingMessage, response: ServerResponse) => void;
  /**
   * Starts to listen.
   *
   * @returns the base URL, with the real port. Rejects with the system's error, such as `EADDRINUSE`.
   */
  listen(): Promise<string>;
  /**
   * Replaces the configuration as a whole. Requests under way keep the old one.
   *
   * @param config - the whole new configuration.
   * @param settings - settings that change; default: none.
   * @returns the changes, or the problems that kept the old configuration in force.
   */
  reload(config: BalancerConfig, settings?: Partial<ServerSettings>): Promise<ReloadResult>;
  /**
   * Stops: accepts no more requests, lets those under way finish, then cuts off the rest.
   *
   * @param drainMs - milliseconds for requests under way; default `settings.drainTimeoutMs`.
   * @returns the number of requests that were cut off.
   */
  close(drainMs?: number): Promise<number>;
}

/**
 * Makes a server for a configuration given as data. It does not listen yet.
 *
 * @param options - configuration, settings, and where log lines go.
 * @returns the server; `listen` starts it.
 * @throws CcpbError (code `configuration`) if `settings.host` is not loopback and no key guards it.
 * @example
 * ```ts
 * const server = createServer({ config: { providers }, settings: { port: 0 } });
 * console.log(await server.listen());
 * await server.close();
 * ```
 */
export function createServer(options: CreateServerOptions): CcpbServer {
  const active = { config: options.config, server: { ...defaultServerSettings, ...options.settings } };
  const { server } = active;
  const ownLog = (): Log =>
    openLog({
      level: server.logLevel,
      file: server.logFile,
      keptFiles: server.logKeep.files,
      rotateBytes: server.logKeep.bytes,
      console: options.console ?? null,
      joinMs: options.console === undefined ? usualJoinMs : 0,
      secrets: secretsOf(active),
      losses: () => app.losses,
    });
  const log = options.log ?? ownLog();
  const app: App = new App({
    active,
    log,
    ...(options.environment !== undefined && { environment: options.environment }),
    ...(options.transport !== undefined && { transport: options.transport }),
    ...(options.clock !== undefined && { clock: options.clock }),
  });
  return {
    balancer: app.balancer,
    handle: (incoming, response) => app.handle(incoming, response, false),
    listen: () => app.listen(),
    reload: (config, settings) =>
      // Settings that are left out stay as they are in force then, not as a refused reload wanted them.
      app.reload({ reset: false, load: () => ({ config, server: { ...app.settings, ...settings } }) }),
    close: async (drainMs) => {
      const cut = await app.close(drainMs);
      if (options.log === undefined) await log.close();
      return cut;
    },
  };
}
