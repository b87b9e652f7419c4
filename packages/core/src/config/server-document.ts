import type { PriceDocument, WebhookEvent, WebhookFormat } from "./document-types.ts";

/** The levels of the server's log, from everything to errors alone. */
export type LogLevel = "DEBUG" | "INFO" | "WARNING" | "ERROR";

/** A route that needs no key. `methods` in capitals; absent: every method. */
export interface ExemptPath {
  readonly methods?: readonly string[];
  readonly path: string;
}

/** Names the role of a key: `client` asks models, `monitor` also reads status and usage, `operator` may do everything. */
export type ClientRole = "client" | "monitor" | "operator";

/** Limits the usage of a client within a period. */
export interface BudgetSettings {
  readonly per: "day" | "week" | "month";
  /** Name of the time zone in which periods begin; absent: that of the machine. */
  readonly timezone?: string;
  /** Tokens of input, output and cache writes; absent: as many as the cost allows. */
  readonly tokens?: number;
  /** By currency (ISO 4217), in units of it. */
  readonly cost: Readonly<Record<string, number>>;
}

/** A client with a name and a key of its own. */
export interface ClientSettings {
  readonly name: string;
  /** One of `key` and `keySha256` is there. */
  readonly key?: string;
  /** SHA-256 of the key, hexadecimal, lower case. */
  readonly keySha256?: string;
  readonly role: ClientRole;
  /** Globs over the models that it may ask for. */
  readonly models: readonly string[];
  /** Globs over the names of the providers that may serve it. */
  readonly providers: readonly string[];
  readonly limits: {
    readonly concurrent?: number;
    readonly requestsPerMinute?: number;
    readonly tokensPerMinute?: number;
  };
  readonly budgets: readonly BudgetSettings[];
  /** Higher goes first where requests wait. */
  readonly priority: number;
}

/** One entry of `webhooks`. The address may hold a secret, as Slack's and Discord's do. */
export interface WebhookSettings {
  readonly url: string;
  /** Base64, with or without `whsec_` in front; there for `format: standard`. */
  readonly secret?: string;
  readonly events: readonly WebhookEvent[];
  readonly format: WebhookFormat;
}

/** The server's half of a configuration, checked and with defaults; file paths as they were written. */
export interface ServerSettingsDocument {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly logLevel: LogLevel;
  /** undefined: not said; null: no log file. */
  readonly logFile: string | null | undefined;
  /** Number of rotated log files, their size in bytes and their age in days; without `days`, files of any age are kept. */
  readonly logKeep: { readonly files: number; readonly bytes: number; readonly days?: number };
  /** undefined: colours where the output is a terminal. */
  readonly logColor: boolean | undefined;
  readonly auth: {
    /** Keys of clients without names. */
    readonly apiKeys: readonly string[];
    /** Absent or empty, and no `apiKeys` either: no key is asked for. */
    readonly clients?: readonly ClientSettings[];
    readonly exemptPaths: readonly ExemptPath[];
  };
  /** Lower case, without ports. */
  readonly allowedHosts: readonly string[];
  /** Paths of PEM files. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** undefined: not said; null: the ledger of usage is kept in memory only. */
  readonly usageFolder: string | null | undefined;
  /** Webhooks that receive alerts. */
  readonly webhooks: readonly WebhookSettings[];
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
  readonly logKeep: { readonly files: number; readonly megabytes: number };
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
  logKeep: { files: 5, megabytes: 20 },
  metrics: true,
  drainTimeoutMs: 30_000,
  exemptPaths: ["GET|HEAD /", "/health", "HEAD /api/hello"],
  maxBodyMemoryBytes: 512_000_000,
  maxConnections: 4_000,
  workers: 1,
  sharedStatePrefix: "ccpb",
};
