import { homedir } from "node:os";
import type { Writable } from "node:stream";
import { App } from "./app.ts";
import type { LoadConfigOptions, LoadedConfig } from "../config/config-file.ts";
import type { LocatedProblem } from "../config/problems.ts";
import type { ReloadResult } from "../config/config-reload.ts";
import { openLog, usualJoinMs, type LogOptions } from "../log/logger.ts";
import type { Log } from "../log/log-types.ts";
import { removeOldLogs } from "../log/old-log-files.ts";
import { secretsOf } from "../config/secrets.ts";
import { version } from "../base/version.ts";

export interface StartServerOptions extends Partial<LoadConfigOptions> {
  /** Where log lines go besides the file: pretty on a terminal, else JSON; default: nowhere. */
  readonly console?: Writable & { readonly isTTY?: boolean };
  /** Reload when the file changes; default true. */
  readonly watch?: boolean;
}

/** A server that runs from a configuration file or the environment. */
export interface RunningServer {
  /** With the real port. */
  readonly url: string;
  /** The configuration that it started with. */
  readonly loaded: LoadedConfig;
  readonly log: Log;
  /** How many processes serve; absent: this one alone. */
  readonly workers?: number;
  reload(options?: { readonly reset?: boolean }): Promise<ReloadResult>;
  /** Drains for up to `drainMs` (default: `drain_timeout`), then stops; answers how many requests were cut off. */
  close(drainMs?: number): Promise<number>;
}

/** A configuration that has been found good, and what a server is started with. */
export interface ServerStart {
  readonly loaded: LoadedConfig;
  /** Reads it again; throws `ConfigError`. */
  readonly load: () => LoadedConfig;
  readonly environment: NodeJS.ProcessEnv;
  readonly console: (Writable & { readonly isTTY?: boolean }) | null;
  readonly watch: boolean;
}

/**
 * Finds and checks the configuration, opens the log and listens, in this process alone. Rejects with `ConfigError` (every problem at once), or with the
 * system's error when the address cannot be had.
 */
export async function startServer(options: StartServerOptions = {}): Promise<RunningServer> {
  return startAlone(await readStart(options));
}

/** Finds and checks the configuration. Rejects with `ConfigError`. */
export async function readStart(options: StartServerOptions): Promise<ServerStart> {
  const { console = null, watch = true, cwd = process.cwd(), env = process.env, home = homedir(), ...rest } = options;
  const { loadConfig } = await import("../config/config-file.ts");
  const load = (): LoadedConfig => loadConfig({ ...rest, cwd, env, home });
  return { loaded: load(), load, environment: env, console, watch };
}

/** Opens the log and listens, in this process. */
export async function startAlone({ loaded, load, environment, console, watch }: ServerStart): Promise<RunningServer> {
  const log = openLog({
    ...(await logOptions(loaded, console)),
    losses: () => app.losses,
  });
  const app: App = new App({ active: loaded, load, log, environment });
  const url = await app.listen();
  logStart(log, url, loaded);
  const watcher = watch
    ? await watchSource(loaded, { log, reload: () => void app.reload({ reset: false }) })
    : undefined;
  const cleaner = removeOld(loaded, log);
  return {
    url,
    loaded,
    log,
    reload: ({ reset = false } = {}) => app.reload({ reset }),
    close: async (drainMs) => {
      watcher?.[Symbol.dispose]();
      cleaner?.[Symbol.dispose]();
      const cut = await app.close(drainMs);
      await log.close();
      return cut;
    },
  };
}

/** How the log of a configuration is opened. */
export async function logOptions(loaded: LoadedConfig, console: ServerStart["console"]): Promise<LogOptions> {
  const { logLevel: level, logFile: file, logColor: colorize = true, logKeep } = loaded.server;
  const { files: keptFiles, bytes: rotateBytes } = logKeep;
  const shared = { level, file, console, secrets: secretsOf(loaded), keptFiles, rotateBytes };
  if (console?.isTTY !== true) return { ...shared, joinMs: usualJoinMs };
  const { createPrettifier } = await import("../log/pretty-lines.ts");
  // On a terminal somebody watches.
  return { ...shared, joinMs: 0, prettify: createPrettifier(colorize) };
}

/** Removes rotated log files that are older than `settings.log_keep.days`, until the result is disposed; undefined where none is removed for its age. */
export function removeOld({ server: { logFile, logKeep } }: LoadedConfig, log: Log): Disposable | undefined {
  if (logFile === null || logKeep.days === undefined) return undefined;
  return removeOldLogs(logFile, logKeep.days, (error) =>
    log.write("WARNING", "log_problem", `old log files cannot be removed: ${error.message}`, { file: logFile }),
  );
}

/** Writes what a server starts with into its log. */
export function logStart(log: Log, url: string, loaded: LoadedConfig): void {
  for (const warning of loaded.warnings) logWarning(log, warning);
  log.write("INFO", "server_started", `listening on ${url}`, { url, version, ...sourceOf(loaded) });
}

/** Reloads when the configuration's file changes, until the answer is disposed; undefined where there is no file. */
export async function watchSource(
  { source }: LoadedConfig,
  { log, reload }: { readonly log: Log; readonly reload: () => void },
): Promise<Disposable | undefined> {
  if (source.kind !== "file") return undefined;
  const { path } = source;
  const { watchConfig } = await import("../config/watch.ts");
  const onError = (error: unknown): void => {
    const message = error instanceof Error ? error.message : String(error);
    log.write("WARNING", "config_warning", `the file is not watched any more: ${message}`, { file: path });
  };
  return watchConfig(path, reload, { onError });
}

function logWarning(log: Log, { file, line, column, message }: LocatedProblem): void {
  log.write("WARNING", "config_warning", message, { file, line: line ?? null, column: column ?? null });
}

function sourceOf({ source }: LoadedConfig): { readonly config: string } {
  return { config: source.kind === "file" ? source.path : `environment: ${source.variables.join(", ")}` };
}
