import * as z from "zod";
import { authSample, authSchema } from "./auth-schema.ts";
import { readClient, writeClient } from "./clients-schema.ts";
import { canonicalHost } from "./host-address.ts";
import { priceSchema } from "./prices-schema.ts";
import { flag, oneOf, seconds, text, whole } from "./schema-fields.ts";
import { serverDefaults, type ServerSettingsDocument } from "./server-document.ts";
import { asWritten, inUnit, readFields, type Setting } from "./setting.ts";
import { hostFault, hostNameFault, lineFault, prefixFault, readExemptPath, storeUrlFault } from "./text-rules.ts";
import { readWebhook, webhookSchema, writeWebhook } from "./webhooks-schema.ts";

const defaults = serverDefaults;

const tlsSchema = z
  .strictObject({
    cert: text("PEM file with the certificate chain.", lineFault, { examples: ["tls/cert.pem"] }),
    key: text("PEM file with the private key.", lineFault, { examples: ["tls/key.pem"] }),
  })
  .meta({ description: "Serve HTTPS. Paths are relative to the configuration file's folder." });

const logKeepSchema = z
  .strictObject({
    files: whole("How many rotated files are kept beside the live one.", [1, 1_000], {
      default: defaults.logKeep.files,
    }).optional(),
    megabytes: whole("When the live file is rotated.", [1, 100_000], {
      default: defaults.logKeep.megabytes,
    }).optional(),
    days: whole("Rotated files that were last written before are removed. Default: none for its age.", [1, 36_500], {
      examples: [30],
    }).optional(),
  })
  .meta({ description: "Says how much of the log is kept. A change takes effect after a restart." });

const sharedStateSchema = z
  .strictObject({
    redis: text(
      "Where Redis or Valkey is: `redis://[user:password@]host[:port][/database]`, `rediss://` for TLS.",
      storeUrlFault,
      { examples: ["redis://127.0.0.1:6379"] },
    ),
    prefix: text(
      "Stands in front of every key and channel: installations with different ones share nothing.",
      prefixFault,
      { default: defaults.sharedStatePrefix },
    ).optional(),
  })
  .meta({
    description:
      "Share with other servers over Redis what providers say (refused keys, rate limits, failing statuses); failures of one server's network stay with it. Needs the package `@ccpb/redis`; a Redis that is away slows and fails nothing.",
  });

/** The server's half of `settings`, a row a field, in the order of the reference. */
export const serverSettings: {
  readonly [Field in keyof ServerSettingsDocument]-?: Setting<ServerSettingsDocument[Field]>;
} = {
  host: {
    ...asWritten("host", defaults.host, (notes) =>
      text("The address to listen on. Other than loopback needs `auth.api_keys`.", hostFault, notes),
    ),
    read: ({ host = defaults.host }) => host.replace(/^\[(.*)\]$/, "$1"),
  },
  port: asWritten("port", defaults.port, (notes) =>
    whole("The port to listen on; 0 is any free one.", [0, 65_535], notes),
  ),
  logLevel: {
    key: "log_level",
    schema: oneOf(
      ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"],
      "In any case; `CRITICAL` is `ERROR`. `INFO` has one line a call, `DEBUG` also one for its arrival and for each attempt.",
      { default: defaults.logLevel },
    ),
    default: defaults.logLevel,
    read: ({ log_level: level = defaults.logLevel }) => (level === "CRITICAL" ? "ERROR" : level),
    write: (level) => level,
  },
  logFile: {
    key: "log_file",
    schema: z.string().meta({
      description:
        'JSONL log, relative to the configuration file\'s folder; the default is relative to the working folder. `""` turns it off.',
      default: defaults.logFile,
    }),
    default: undefined,
    read: ({ log_file_path: other, log_file: file = other }) => (file === "" ? null : file),
    write: (file) => file ?? "",
    others: { log_file_path: z.string().meta({ description: "Another name of `log_file`." }) },
    sample: { comment: '"" turns it off' },
  },
  logKeep: {
    key: "log_keep",
    schema: logKeepSchema,
    default: { files: defaults.logKeep.files, bytes: defaults.logKeep.megabytes * 1_000_000 },
    read: ({ log_keep: { files, megabytes, days } = {} }) => ({
      files: files ?? defaults.logKeep.files,
      bytes: (megabytes ?? defaults.logKeep.megabytes) * 1_000_000,
      ...(days !== undefined && { days }),
    }),
    write: ({ files, bytes, days }) => ({ files, megabytes: bytes / 1_000_000, ...(days !== undefined && { days }) }),
    sample: { yaml: "{ files: 5, megabytes: 20, days: 30 }", comment: "rotated log files that are kept" },
  },
  logColor: {
    key: "log_color",
    schema: flag("Colours in the log on the terminal. Default: where the output is one."),
    default: undefined,
    read: ({ log_color: isColored }) => isColored,
    write: (isColored) => isColored,
    sample: { yaml: "true", comment: "" },
  },
  auth: {
    key: "auth",
    schema: authSchema,
    default: { apiKeys: [], exemptPaths: defaults.exemptPaths.map(readExemptPath) },
    read: ({ auth = {} }) => {
      const keys = [...(auth.api_keys ?? []), ...(auth.api_key === undefined ? [] : [auth.api_key])];
      return {
        apiKeys: auth.enabled === false ? [] : [...new Set(keys)],
        ...(auth.enabled !== false && auth.clients !== undefined && { clients: auth.clients.map(readClient) }),
        exemptPaths: (auth.exempt_paths ?? defaults.exemptPaths).map(readExemptPath),
      };
    },
    write: ({ apiKeys, clients = [], exemptPaths }) => ({
      api_keys: apiKeys,
      ...(clients.length > 0 && { clients: clients.map(writeClient) }),
      exempt_paths: exemptPaths.map(({ methods, path }) =>
        methods === undefined ? path : `${methods.join("|")} ${path}`,
      ),
    }),
    section: { api_keys: [["auth", "api_key"]] },
    sample: { yaml: authSample, comment: "" },
  },
  allowedHosts: {
    key: "allowed_hosts",
    schema: z.array(text("", hostNameFault, { examples: ["ccpb.example.com"] })).meta({
      description: "Names, without port, under which clients may reach the server beside localhost and IP addresses.",
    }),
    default: [],
    read: ({ allowed_hosts: hosts = [] }) => hosts.map((host) => canonicalHost(host) ?? host.toLowerCase()),
    write: (hosts) => hosts,
    sample: { yaml: "[ccpb.example.com]", comment: "" },
  },
  tls: {
    key: "tls",
    schema: tlsSchema,
    default: undefined,
    read: ({ tls }) => tls,
    write: (tls) => tls,
    sample: { yaml: "cert: tls/cert.pem\nkey: tls/key.pem", comment: "" },
  },
  sharedState: {
    key: "shared_state",
    schema: sharedStateSchema,
    default: undefined,
    read: ({ shared_state: shared }) =>
      shared && { redis: shared.redis, prefix: shared.prefix ?? defaults.sharedStatePrefix },
    write: (shared) => shared,
    sample: {
      yaml: "redis: redis://127.0.0.1:6379\nprefix: ccpb",
      comment: "share what providers say with other servers; needs the package @ccpb/redis",
    },
  },
  usageFolder: {
    key: "usage_folder",
    schema: z.string().meta({
      description:
        'Folder of the ledger of tokens and cost, relative to the configuration file\'s folder. Default: `usage` beside the log. `""` keeps usage in memory only.',
      examples: ["logs/usage"],
    }),
    default: undefined,
    read: ({ usage_folder: folder }) => (folder === "" ? null : folder),
    write: (folder) => folder ?? "",
    sample: {
      yaml: "logs/usage",
      comment: 'tokens and cost; default: usage beside the log, "" keeps them in memory only',
    },
  },
  prices: {
    key: "prices",
    schema: z.array(priceSchema).meta({
      description: "Prices per million tokens, for usage and cost; the first entry that covers a model counts.",
    }),
    default: [],
    read: ({ prices = [] }) => prices,
    write: (prices) => (prices.length === 0 ? undefined : prices),
    sample: {
      yaml: '- { model: "my-model*", input: 3, output: 15, cache_read: 0.3 }',
      comment: "per million tokens, before those that ccpb knows",
    },
  },
  webhooks: {
    key: "webhooks",
    schema: z.array(webhookSchema).meta({
      description: "Who is told when a provider goes out or comes back, a key is refused, and the like.",
    }),
    default: [],
    read: ({ webhooks = [] }) => webhooks.map(readWebhook),
    write: (webhooks) => (webhooks.length === 0 ? undefined : webhooks.map(writeWebhook)),
    sample: {
      yaml: "- url: ${CCPB_WEBHOOK_URL}\n  secret: ${CCPB_WEBHOOK_SECRET}",
      comment: "told when a provider goes out, a key is refused, and the like",
    },
  },
  metrics: {
    ...asWritten("metrics", defaults.metrics, (notes) => flag("Serve `/metrics`.", notes)),
    sample: { comment: "" },
  },
  drainTimeoutMs: {
    ...inUnit("seconds", "drain_timeout", defaults.drainTimeoutMs, (notes) =>
      seconds("Seconds that streams get to finish when the server is told to stop.", "zero", notes),
    ),
    usuallyBelow: 1_000,
    sample: { comment: "seconds" },
  },
  maxBodyMemoryBytes: {
    ...inUnit("megabytes", "max_body_memory", defaults.maxBodyMemoryBytes, (notes) =>
      whole(
        "Megabytes of request bodies that may be held at once, over all workers: a body is held until its answer begins. A further one is answered with 503.",
        [34, 1_000_000],
        notes,
      ),
    ),
    sample: { comment: "megabytes of request bodies held at once; a further one gets 503" },
  },
  maxConnections: {
    ...asWritten("max_connections", defaults.maxConnections, (notes) =>
      whole(
        "Client connections that may be open at once, over all workers. A further one is answered with 503 and closed (over TLS only closed).",
        [1, 1_000_000],
        notes,
      ),
    ),
    sample: { comment: "client connections open at once; a further one gets 503" },
  },
  workers: {
    ...asWritten("workers", defaults.workers, (notes) =>
      z.union([whole("", [1, 1024]), z.literal("auto")]).meta({
        description:
          "Processes that `ccpb serve` runs behind one address; `auto` is one a processor. They share health, reloads, status and metrics.",
        ...notes,
        examples: ["auto", 4],
      }),
    ),
    sample: { yaml: "auto", comment: "processes behind one address (docs/workers.md); 1 is the default" },
  },
};

/** The server's half of a configuration that says nothing of it; `logFile` is undefined. */
export const defaultServerDocument: ServerSettingsDocument = readFields<ServerSettingsDocument>(serverSettings, {});
