import { homedir } from "node:os";
import type { Writable } from "node:stream";
import { App } from "./app.ts";
import type { LoadConfigOptions, LoadedConfig } from "./config-file.ts";
import type { LocatedProblem } from "./config/problems.ts";
import type { ReloadResult } from "./config-reload.ts";
import { openLog, usualJoinMs } from "./log.ts";
import type { Log } from "./log/log-types.ts";
import { secretsOf } from "./secrets.ts";

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
  reload(options?: { readonly reset?: boolean }): Promise<ReloadResult>;
  /** Drains for up to `drainMs` (default: `drain_timeout`), then stops; answers how many requests were cut off. */
  close(drainMs?: number): Promise<number>;
}

/**
 * Finds and checks the configuration, opens the log and listens. Rejects with `ConfigError` (every problem at once), or with the system's error
 * when the address cannot be had.
 */
export async function startServer(options: StartServerOptions = {}): Promise<RunningServer> {
  const { console, watch = true, cwd = process.cwd(), env = process.env, home = homedir(), ...rest } = options;
  const { loadConfig } = await import("./config-file.ts");
  const load = (): LoadedConfig => loadConfig({ ...rest, cwd, env, home });
  const loaded = load();
  const prettify = console?.isTTY === true ? await prettyLines(loaded.server.logColor ?? true) : undefined;
  const log = openLog({
    level: loaded.server.logLevel,
    file: loaded.server.logFile,
    console: console ?? null,
    // On a terminal somebody watches.
    joinMs: console?.isTTY === true ? 0 : usualJoinMs,
    secrets: secretsOf(loaded),
    onDropped: (count) => app.metrics.onDroppedLines(count),
    ...(prettify !== undefined && { prettify }),
  });
  const app: App = new App({ active: loaded, load, log, environment: env });
  const url = await app.listen();
  for (const warning of loaded.warnings) logWarning(log, warning);
  log.write("INFO", "server_started", `listening on ${url}`, { url, version: app.version, ...sourceOf(loaded) });
  const watcher = watch && loaded.source.kind === "file" ? await watchFile(loaded.source.path, app) : undefined;
  return {
    url,
    loaded,
    log,
    reload: ({ reset = false } = {}) => app.reload({ reset }),
    close: async (drainMs) => {
      watcher?.[Symbol.dispose]();
      const cut = await app.close(drainMs);
      await log.close();
      return cut;
    },
  };
}

async function prettyLines(colorize: boolean): Promise<(line: string) => string> {
  const { createPrettifier } = await import("./log/pretty-lines.ts");
  return createPrettifier(colorize);
}

async function watchFile(path: string, app: App): Promise<Disposable> {
  const { watchConfig } = await import("./config/watch.ts");
  const onError = (error: unknown): void => {
    const message = error instanceof Error ? error.message : String(error);
    app.log.write("WARNING", "config_warning", `the file is not watched any more: ${message}`, { file: path });
  };
  return watchConfig(path, () => void app.reload({ reset: false }), { onError });
}

function logWarning(log: Log, { file, line, column, message }: LocatedProblem): void {
  log.write("WARNING", "config_warning", message, { file, line: line ?? null, column: column ?? null });
}

function sourceOf({ source }: LoadedConfig): { readonly config: string } {
  return { config: source.kind === "file" ? source.path : `environment: ${source.variables.join(", ")}` };
}
