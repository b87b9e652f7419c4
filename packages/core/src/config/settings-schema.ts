import * as z from "zod";
import { defaultSettings } from "../base/config-types.ts";
import type { ErrorRuleDocument, SettingsDocument } from "./document-types.ts";
import { flag, oneOf, seconds, text, whole } from "./schema-fields.ts";
import { serverDefaults } from "./server-document.ts";
import {
  exemptPathFault,
  forwardedHeaderFault,
  hostFault,
  hostNameFault,
  keyFault,
  lineFault,
  matchFault,
  prefixFault,
  statusClassFault,
  storeUrlFault,
} from "./text-rules.ts";
import { timeoutsSchema } from "./timeouts-schema.ts";

const inSeconds = (milliseconds: number): number => milliseconds / 1000;

const errorRuleSchema: z.ZodType<ErrorRuleDocument> = z
  .strictObject({
    status: z
      .union([z.int().min(100).max(599), text("", statusClassFault)])
      .meta({ description: 'A status such as 529, or a class such as "5xx". Absent: any.', examples: [529] })
      .optional(),
    match: text(
      "Part of the error's text in any case, or a regular expression between slashes, which must not repeat without a bound twice. Reads parsed errors, never answers.",
      matchFault,
      { examples: ["overloaded"] },
    ).optional(),
    action: oneOf(["stop", "failover"], "`stop` gives the error to the client, `failover` tries the next provider."),
    cooldown: seconds("Seconds that the provider then stays out. Default: `failure_cooldown`.", "zero").optional(),
  })
  .meta({ description: "A row in front of the table of failures; needs `status`, `match` or both." });

/** The section `settings`. */
export const settingsSchema: z.ZodType<SettingsDocument> = z
  .strictObject({
    failure_cooldown: seconds(
      "Seconds that a provider stays out after a failure; doubles with each failed probe.",
      "zero",
      {
        default: inSeconds(defaultSettings.failureCooldownMs),
      },
    ).optional(),
    request_timeout: seconds(
      "Seconds. Streams: until the headers of the answer (`timeouts.response`); never a total.",
      "above-zero",
      {
        default: inSeconds(defaultSettings.timeouts.responseMs),
      },
    ).optional(),
    log_level: oneOf(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], "In any case; `CRITICAL` is `ERROR`.", {
      default: serverDefaults.logLevel,
    }).optional(),
    host: text("The address to listen on. Other than loopback needs `auth.api_keys`.", hostFault, {
      default: serverDefaults.host,
    }).optional(),
    port: whole("The port to listen on; 0 is any free one.", [0, 65_535], { default: serverDefaults.port }).optional(),
    selection_strategy: oneOf(
      ["priority", "round_robin", "weighted", "random", "least_latency", "least_busy"],
      "Which healthy provider comes first; failover walks the others in any case.",
      { default: defaultSettings.selectionStrategy },
    ).optional(),
    session_affinity: oneOf(
      ["off", "session"],
      "`session`: a conversation stays with the provider whose prompt cache is warm.",
      {
        default: defaultSettings.sessionAffinity,
      },
    ).optional(),
    unhealthy_threshold: whole("Failures in a row that take a provider out.", [1, 1000], {
      default: defaultSettings.unhealthyThreshold,
    }).optional(),
    unhealthy_reset_timeout: seconds("Seconds after which earlier failures are forgotten.", "above-zero", {
      default: inSeconds(defaultSettings.unhealthyResetMs),
    }).optional(),
    max_cooldown: seconds(
      "Seconds. The longest that a provider's own word (Retry-After, reset headers) keeps it out.",
      "zero",
      {
        default: inSeconds(defaultSettings.maxCooldownMs),
      },
    ).optional(),
    last_resort: flag(
      "Where no provider can serve: probe those that are only cooling down, one request at a time, after 1, 2, 4 … seconds; `false` answers 503 at once.",
      { default: defaultSettings.lastResort },
    ).optional(),
    prefer_server_tools: flag(
      "A request that offers a tool which Anthropic's servers run, such as web search, goes first to `anthropic` providers; `false`: in the configured order, where `openai` providers serve it without that tool.",
      { default: defaultSettings.prefersServerTools },
    ).optional(),
    queue_timeout: seconds(
      "Seconds that a request may wait for room at a provider (`max_concurrent`, a learned limit) or for a probe; then 503.",
      "zero",
      { default: inSeconds(defaultSettings.queueTimeoutMs) },
    ).optional(),
    error_rules: z
      .array(errorRuleSchema)
      .meta({ description: "What some failures mean, in front of the built-in table; the first match wins." })
      .optional(),
    unhealthy_http_codes: z
      .array(
        z
          .int()
          .min(100)
          .max(599)
          .meta({ examples: [529] }),
      )
      .meta({ description: "Statuses that mean failover, as rules without `match`." })
      .optional(),
    unhealthy_response_body_patterns: z
      .array(text("", lineFault))
      .meta({ description: "Regular expressions over an error's text that mean failover, as rules without `status`." })
      .optional(),
    timeouts: timeoutsSchema("Deadlines of all providers.", "global").optional(),
    stream_failure: oneOf(
      ["auto", "error", "abort"],
      "How a stream that breaks after its first content ends: `error` sends an error event, `abort` cuts the connection, `auto` aborts for Claude Code, which then retries.",
      { default: defaultSettings.streamFailure },
    ).optional(),
    early_headers: seconds(
      "Seconds without content after which a stream gets its headers (status 200) and pings, while failover goes on: for a proxy in front that cuts silent connections. A failure of all providers is then an error event. 0 is never.",
      "zero",
      { default: inSeconds(defaultSettings.earlyHeadersMs), examples: [20] },
    ).optional(),
    forward_headers: z
      .array(text("", forwardedHeaderFault, { examples: ["x-tenant"] }))
      .meta({
        description:
          "Names of further headers of the client's that `anthropic` providers are sent; `anthropic-*`, `x-anthropic-*`, `x-claude-*`, `x-stainless-*`, `x-app` and `user-agent` are without it. Default: none.",
      })
      .optional(),
    allow_provider_pin: flag("Let the `x-ccpb-provider` header of a request choose the provider.", {
      default: defaultSettings.allowProviderPin,
    }).optional(),
    auth: z
      .strictObject({
        enabled: flag("Whether clients need a key. Default: true once there is one.").optional(),
        api_key: text("The same as `api_keys` with one.", keyFault, { examples: ["${CCPB_API_KEY}"] }).optional(),
        api_keys: z
          .array(text("", keyFault))
          .min(1)
          .meta({
            description:
              "Keys that clients show as `Authorization: Bearer`, `x-api-key` or `api-key`; at least 16 characters each.",
            examples: [["${CCPB_API_KEY}"]],
          })
          .optional(),
        exempt_paths: z
          .array(text("", exemptPathFault, { examples: ["/health"] }))
          .meta({
            description: "Routes that need no key; methods may stand in front. Replaces the default.",
            default: serverDefaults.exemptPaths,
          })
          .optional(),
      })
      .meta({ description: "Keys that the server asks its own clients for." })
      .optional(),
    allowed_hosts: z
      .array(text("", hostNameFault, { examples: ["ccpb.example.com"] }))
      .meta({
        description: "Names, without port, under which clients may reach the server beside localhost and IP addresses.",
      })
      .optional(),
    tls: z
      .strictObject({
        cert: text("PEM file with the certificate chain.", lineFault, { examples: ["tls/cert.pem"] }),
        key: text("PEM file with the private key.", lineFault, { examples: ["tls/key.pem"] }),
      })
      .meta({ description: "Serve HTTPS. Paths are relative to the configuration file's folder." })
      .optional(),
    log_file: z
      .string()
      .meta({
        description:
          'JSONL log, relative to the configuration file\'s folder; the default is relative to the working folder. `""` turns it off.',
        default: serverDefaults.logFile,
      })
      .optional(),
    log_file_path: z.string().meta({ description: "Another name of `log_file`." }).optional(),
    log_color: flag("Colours in the log on the terminal. Default: where the output is one.").optional(),
    metrics: flag("Serve `/metrics`.", { default: serverDefaults.metrics }).optional(),
    drain_timeout: seconds("Seconds that streams get to finish when the server is told to stop.", "zero", {
      default: inSeconds(serverDefaults.drainTimeoutMs),
    }).optional(),
    max_body_memory: whole(
      "Megabytes of request bodies that may be held at once, over all workers: a body is held until its answer begins. A further one is answered with 503.",
      [34, 1_000_000],
      { default: serverDefaults.maxBodyMemoryMb },
    ).optional(),
    max_connections: whole(
      "Client connections that may be open at once, over all workers. A further one is answered with 503 and closed (over TLS only closed).",
      [1, 1_000_000],
      { default: serverDefaults.maxConnections },
    ).optional(),
    shared_state: z
      .strictObject({
        redis: text(
          "Where Redis or Valkey is: `redis://[user:password@]host[:port][/database]`, `rediss://` for TLS.",
          storeUrlFault,
          { examples: ["redis://127.0.0.1:6379"] },
        ),
        prefix: text(
          "Stands in front of every key and channel: installations with different ones share nothing.",
          prefixFault,
          {
            default: serverDefaults.sharedStatePrefix,
          },
        ).optional(),
      })
      .meta({
        description:
          "Share with other servers over Redis what providers say (refused keys, rate limits, failing statuses); failures of one server's network stay with it. Needs the package `@ccpb/redis`; a Redis that is away slows and fails nothing.",
      })
      .optional(),
    workers: z
      .union([whole("", [1, 1024]), z.literal("auto")])
      .meta({
        description:
          "Processes that `ccpb serve` runs behind one address; `auto` is one a processor. They share health, reloads, status and metrics.",
        default: serverDefaults.workers,
        examples: ["auto", 4],
      })
      .optional(),
  })
  .meta({ description: "Everything that is not about one provider." });
