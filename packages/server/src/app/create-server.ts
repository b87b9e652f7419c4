import type { IncomingMessage, ServerResponse } from "node:http";
import type { Writable } from "node:stream";
import type { Clock, Balancer, BalancerConfig, Transport } from "@ccpb/core";
import { defaultServerDocument } from "@ccpb/core/config";
import { App } from "./app.ts";
import { openLog, usualJoinMs } from "../log/logger.ts";
import type { Log } from "../log/log-types.ts";
import type { ReloadResult } from "../config/config-reload.ts";
import { secretsOf } from "../config/secrets.ts";
import type { ServerSettings } from "../config/server-settings.ts";
import type { Environment } from "../transport/proxy-route.ts";

/** The defaults of a server that is started by a program: those of the file format, without a log file and a ledger on disk. */
export const defaultServerSettings: ServerSettings = {
  ...defaultServerDocument,
  logFile: null,
  usageFolder: null,
  configPath: null,
};

export interface CreateServerOptions {
  readonly config: BalancerConfig;
  readonly settings?: Partial<ServerSettings>;
  /** Where log lines go besides `settings.logFile`; default: nowhere. */
  readonly console?: Writable;
  /** Instead of a log of its own. */
  readonly log?: Log;
  /** Instead of undici. */
  readonly transport?: Transport;
  /** Where `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are read; default: nowhere. */
  readonly environment?: Environment;
  /** Tells when credentials expire, and that the machine has slept; default: the platform's clock. */
  readonly clock?: Clock;
}

/** A balancer behind HTTP. */
export interface CcpbServer {
  readonly balancer: Balancer;
  /** For a server of one's own: answers one request of node:http. */
  readonly handle: (incoming: IncomingMessage, response: ServerResponse) => void;
  /** Starts to listen and answers the base URL; rejects with the system's error, such as `EADDRINUSE`. */
  listen(): Promise<string>;
  /** Swaps the configuration as a whole; requests under way keep the old one. */
  reload(config: BalancerConfig, settings?: Partial<ServerSettings>): Promise<ReloadResult>;
  /** Stops to accept, lets requests finish for up to `drainMs` (default `settings.drainTimeoutMs`), cuts off the rest; answers how many. */
  close(drainMs?: number): Promise<number>;
}

/**
 * Makes a server for a configuration given as data. Throws `CcpbError` (code `configuration`) when `settings.host` is not loopback and
 * `settings.auth.apiKeys` does not guard it.
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
