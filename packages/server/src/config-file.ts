import type { BalancerConfig } from "@ccpb/core";
import type { LocatedProblem } from "./config/problems.ts";
import type { ServerSettings } from "./server-settings.ts";

export interface LoadConfigOptions {
  /** `--config`; relative to `cwd`. */
  readonly configPath?: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home folder. */
  readonly home: string;
  /** `--host` and `--port`, which win over environment and file. */
  readonly host?: string;
  readonly port?: string;
}

export interface LoadedConfig {
  readonly config: BalancerConfig;
  readonly server: ServerSettings;
  /** The absolute path of the file, or the variables of an environment-only start. */
  readonly source:
    | { readonly kind: "file"; readonly path: string }
    | { readonly kind: "environment"; readonly variables: readonly string[] };
  readonly warnings: readonly LocatedProblem[];
}

/** Finds, reads and checks the configuration. Throws `ConfigError` with every problem at once. */
export declare function loadConfig(options: LoadConfigOptions): LoadedConfig;
