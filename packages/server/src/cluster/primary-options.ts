import type { Writable } from "node:stream";
import type { LoadedConfig } from "../config/config-file.ts";
import type { Log } from "../log/log-types.ts";
import type { Environment } from "../transport/proxy-route.ts";

export interface PrimaryOptions {
  readonly loaded: LoadedConfig;
  /** Reads the configuration again; throws `ConfigError`. */
  readonly load: () => LoadedConfig;
  readonly log: Log;
  /** Environment that the workers read the proxy variables from. */
  readonly environment: Environment;
  /** Receiver of the workers' log lines; null for none. */
  readonly console: Writable | null;
  /** Colours, where lines on the console are for people; absent: they are not. */
  readonly colorize?: boolean;
  readonly onGiveUp: (reason: string) => void;
  /** Interval of the heartbeats of workers, in milliseconds. Default 1,000. */
  readonly heartbeatMs?: number;
  /** The program of a worker process. Default: `worker.js` beside this file, once built. */
  readonly program?: string;
}
