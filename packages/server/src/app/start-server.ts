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

/** Options of `startServer`. */
export interface StartServerOptions extends Partial<LoadConfigOptions> {
  /** Stream for log lines besides the file: pretty on a terminal, else JSON; default: none. */
  readonly console?: Writable & { readonly isTTY?: boolean };
  /** False: changes of the file are ignored. Default `true`: they lead to a reload. */
  readonly watch?: boolean;
}

/** Server that runs from a configuration file or the environment. */
export interface RunningServer {
  /** Base URL, with the real port. */
  readonly url: string;
  /** Configuration that it started with. */
  readonly loaded: LoadedConfig;
  /** Log of the server. */
  readonly log: Log;
  /** Number of processes that serve; absent: this one alone. */
  readonly workers?: number;
  /**
   * Reads the configuration again and puts it into force.
   *
   * @param options - `reset`: true also closes all circuits. Default `false`.
   * @returns the changes, or the problems that kept the old configuration in force.
   */
  reload(options?: { readonly reset?: boolean }): Promise<ReloadResult>;
  /**
   * Stops: accepts no more requests, lets those under way finish, then cuts off the rest.
   *
   * @param drainMs - milliseconds for requests under way; default: `drain_timeout`.
   * @returns the number of requests that were cut off.
   */
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
 * Starts a server from a configuration file or the environment: finds and checks the configuration, opens the log and
 * listens, in this process alone.
 *
 * @param options - places to look in, settings that override the file, and the output for log lines. Default: as the command `ccpb
 *   start`, without output.
 * @returns the running server.
 * @throws ConfigError with every problem if the configuration cannot be used; the system's error if the address
 *   cannot be used.
 * @example
 * ```ts
 * const running = await startServer({ configPath: "providers.yaml", console: process.stderr });
 * console.log(running.url);
 * await running.close();
 * ```
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

/** Builds the options with which the log of a configuration is opened. */
export async function logOptions(loaded: LoadedConfig, console: ServerStart["console"]): Promise<LogOptions> {
  const { logLevel: level, logFile: file, logColor: colorize = true, logKeep } = loaded.server;
  const { files: keptFiles, bytes: rotateBytes } = logKeep;
  const shared = { level, file, console, secrets: secretsOf(loaded), keptFiles, rotateBytes };
  if (console?.isTTY !== true) return { ...shared, joinMs: usualJoinMs };
  const { createPrettifier } = await import("../log/pretty-lines.ts");
  // A terminal has a reader, so lines are shown at once.
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
