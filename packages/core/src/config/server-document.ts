import type { PriceDocument } from "./document-types.ts";

/** The levels of the server's log, from everything to errors alone. */
export type LogLevel = "DEBUG" | "INFO" | "WARNING" | "ERROR";

/** A route that needs no key. `methods` in capitals; absent: every method. */
export interface ExemptPath {
  readonly methods?: readonly string[];
  readonly path: string;
}

/** The server's half of a configuration, checked and with defaults; file paths as they were written. */
export interface ServerSettingsDocument {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly logLevel: LogLevel;
  /** undefined: not said; null: no log file. */
  readonly logFile: string | null | undefined;
  /** undefined: colours where the output is a terminal. */
  readonly logColor: boolean | undefined;
  readonly auth: {
    /** Empty: no key is asked for. */
    readonly apiKeys: readonly string[];
    readonly exemptPaths: readonly ExemptPath[];
  };
  /** Lower case, without ports. */
  readonly allowedHosts: readonly string[];
  /** Paths of PEM files. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** undefined: not said; null: the ledger of usage is kept in memory only. */
  readonly usageFolder: string | null | undefined;
  /** The configuration's own prices, per million tokens. */
  readonly prices: readonly PriceDocument[];
  readonly metrics: boolean;
  readonly drainTimeoutMs: number;
  /** How many bytes of request bodies may be held at once, over all workers. */
  readonly maxBodyMemoryBytes: number;
  /** How many client connections may be open at once, over all workers. */
  readonly maxConnections: number;
  /** How many processes serve; `auto`: one a processor. */
  readonly workers: number | "auto";
  /** Where health is shared; absent: with nobody. The URL may hold a password. */
  readonly sharedState?: { readonly redis: string; readonly prefix: string };
}

/** What holds where the file says nothing. */
export const serverDefaults: {
  readonly host: string;
  readonly port: number;
  readonly logLevel: LogLevel;
  readonly logFile: string;
  readonly metrics: boolean;
  readonly drainTimeoutMs: number;
  readonly exemptPaths: readonly string[];
  readonly maxBodyMemoryBytes: number;
  readonly maxConnections: number;
  readonly workers: number;
  readonly sharedStatePrefix: string;
} = {
  host: "127.0.0.1",
  port: 8080,
  logLevel: "INFO",
  logFile: "logs/balancer.jsonl",
  metrics: true,
  drainTimeoutMs: 30_000,
  exemptPaths: ["GET|HEAD /", "/health", "HEAD /api/hello"],
  maxBodyMemoryBytes: 512_000_000,
  maxConnections: 4_000,
  workers: 1,
  sharedStatePrefix: "ccpb",
};
