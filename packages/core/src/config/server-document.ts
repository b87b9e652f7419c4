import type { PriceDocument, WebhookEvent, WebhookFormat } from "./document-types.ts";

/** The levels of the server's log, from everything to errors alone. */
export type LogLevel = "DEBUG" | "INFO" | "WARNING" | "ERROR";

/** Route that needs no key. */
export interface ExemptPath {
  /** HTTP methods in capitals; absent: every method. */
  readonly methods?: readonly string[];
  /** Path of the route. */
  readonly path: string;
}

/** Names the role of a key: `client` asks models, `monitor` also reads status and usage, `operator` may do everything. */
export type ClientRole = "client" | "monitor" | "operator";

/** Limit to the usage of a client within a period. */
export interface BudgetSettings {
  /** Length of the period, by the calendar. */
  readonly per: "day" | "week" | "month";
  /** IANA name of the time zone in which periods begin; absent: that of the machine. */
  readonly timezone?: string;
  /** Tokens of input, output and cache writes; absent: limited by the cost alone. */
  readonly tokens?: number;
  /** Limits by currency (ISO 4217), in units of it. */
  readonly cost: Readonly<Record<string, number>>;
}

/** Client with a name and a key of its own. */
export interface ClientSettings {
  /** Unique name, as in logs, metrics and reports. */
  readonly name: string;
  /** Key in plain text. Exactly one of `key` and `keySha256` is present. */
  readonly key?: string;
  /** SHA-256 of the key: 64 hexadecimal digits in lower case. */
  readonly keySha256?: string;
  /** Rights of the client besides sending requests; `client`: none. */
  readonly role: ClientRole;
  /** Globs over the models that it may ask for; empty: all. */
  readonly models: readonly string[];
  /** Globs over the names of the providers that may serve it; empty: all. */
  readonly providers: readonly string[];
  /** Limits of requests at once, requests per minute and tokens per minute; an absent one is unlimited. */
  readonly limits: {
    readonly concurrent?: number;
    readonly requestsPerMinute?: number;
    readonly tokensPerMinute?: number;
  };
  /** Budgets, all of which count. */
  readonly budgets: readonly BudgetSettings[];
  /** Requests of clients with a higher number go first where requests wait. */
  readonly priority: number;
}

/** Entry of `webhooks`. Its address may hold a secret, as those of Slack and Discord do. */
export interface WebhookSettings {
  /** Address that alerts are posted to. */
  readonly url: string;
  /** Secret of signatures: base64, with or without `whsec_` in front. Present if `format` is `standard`. */
  readonly secret?: string;
  /** Events that are sent. */
  readonly events: readonly WebhookEvent[];
  /** Format of the messages. */
  readonly format: WebhookFormat;
}

/** Server's half of a configuration, checked and with defaults. File paths are as they were written. */
export interface ServerSettingsDocument {
  /** Address to listen on. */
  readonly host: string;
  /** Port to listen on; 0: any free port. */
  readonly port: number;
  /** Lowest level that is logged. */
  readonly logLevel: LogLevel;
  /** Path of the log file; `undefined`: not configured; `null`: no log file. */
  readonly logFile: string | null | undefined;
  /**
   * Number of rotated log files, their size in bytes and their age in days. Without `days`, files of any age are
   * kept.
   */
  readonly logKeep: { readonly files: number; readonly bytes: number; readonly days?: number };
  /** Colours in the log; `undefined`: if the output is a terminal. */
  readonly logColor: boolean | undefined;
  /** Keys of clients, and routes without a key. Without keys and clients, no key is asked for. */
  readonly auth: {
    /** Keys of clients without names. */
    readonly apiKeys: readonly string[];
    /** Absent or empty, and no `apiKeys` either: no key is asked for. */
    readonly clients?: readonly ClientSettings[];
    readonly exemptPaths: readonly ExemptPath[];
  };
  /** Values of the `Host` header that are answered, in lower case and without ports. */
  readonly allowedHosts: readonly string[];
  /** Paths of PEM files; absent: plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Folder of the ledger of usage; `undefined`: not configured; `null`: kept in memory only. */
  readonly usageFolder: string | null | undefined;
  /** Webhooks that receive alerts. */
  readonly webhooks: readonly WebhookSettings[];
  /** Prices of the configuration, per million tokens. */
  readonly prices: readonly PriceDocument[];
  /** True: `/metrics` is served. */
  readonly metrics: boolean;
  /** Milliseconds that requests under way get when the server stops. */
  readonly drainTimeoutMs: number;
  /** Bytes of request bodies that may be held at once, over all workers. */
  readonly maxBodyMemoryBytes: number;
  /** Client connections that may be open at once, over all workers. */
  readonly maxConnections: number;
  /** Number of processes that serve; `auto`: one for each processor. */
  readonly workers: number | "auto";
  /** Store in which health is shared; absent: it is not shared. The URL may hold a password. */
  readonly sharedState?: { readonly redis: string; readonly prefix: string };
}

/** Values that apply if the file has none. */
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
