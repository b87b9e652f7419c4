import type { ServerSettingsDocument } from "@ccpb/core/config";

/** Settings of the server; file paths are absolute. `loadConfig` makes them. */
export interface ServerSettings extends ServerSettingsDocument {
  /** null: no log file. */
  readonly logFile: string | null;
  /** null: the ledger of usage is kept in memory only. */
  readonly usageFolder: string | null;
  /** The configuration file; null where the environment alone configures. */
  readonly configPath: string | null;
}
