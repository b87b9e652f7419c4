import {
  type BalancerSettings,
  defaultSettings,
  selectionStrategies,
  type SelectionStrategy,
} from "../base/config-types.ts";
import {
  bodyPatternsSchema,
  errorRulesSchema,
  httpCodesSchema,
  readErrorRules,
  writeErrorRules,
} from "./error-rules.ts";
import { flag, oneOf, seconds, whole } from "./schema-fields.ts";
import { asWritten, inUnit, type Setting } from "./setting.ts";
import { readTimeouts, timeoutsSchema, writeTimeouts } from "./timeouts-schema.ts";

const defaults = defaultSettings;
// Never empty: it has every word of the type.
const strategies = Object.keys(selectionStrategies) as [SelectionStrategy, ...SelectionStrategy[]];

/** The balancer's half of `settings`, a row a field, in the order of the reference. */
export const balancerSettings: { readonly [Field in keyof BalancerSettings]: Setting<BalancerSettings[Field]> } = {
  failureCooldownMs: {
    ...inUnit("seconds", "failure_cooldown", defaults.failureCooldownMs, (notes) =>
      seconds("Seconds that a provider stays out after a failure; doubles with each failed probe.", "zero", notes),
    ),
    usuallyBelow: 10_000,
  },
  maxCooldownMs: {
    ...inUnit("seconds", "max_cooldown", defaults.maxCooldownMs, (notes) =>
      seconds(
        "Seconds. The longest that a provider's own word (Retry-After, reset headers) keeps it out.",
        "zero",
        notes,
      ),
    ),
    usuallyBelow: 100_000,
    sample: { comment: "seconds" },
  },
  unhealthyThreshold: {
    ...asWritten("unhealthy_threshold", defaults.unhealthyThreshold, (notes) =>
      whole("Failures in a row that take a provider out.", [1, 1000], notes),
    ),
    sample: { comment: "failures in a row" },
  },
  unhealthyResetMs: {
    ...inUnit("seconds", "unhealthy_reset_timeout", defaults.unhealthyResetMs, (notes) =>
      seconds("Seconds after which earlier failures are forgotten.", "above-zero", notes),
    ),
    usuallyBelow: 10_000,
    sample: { comment: "seconds" },
  },
  timeouts: {
    key: "timeouts",
    schema: timeoutsSchema("Deadlines of all providers.", "global"),
    default: defaults.timeouts,
    read: ({ request_timeout: requestTimeout, timeouts = {} }) => ({
      ...defaults.timeouts,
      ...(requestTimeout !== undefined && { responseMs: Math.round(requestTimeout * 1_000) }),
      ...readTimeouts(timeouts),
    }),
    write: writeTimeouts,
    section: { response: [["request_timeout"]] },
    others: {
      request_timeout: seconds(
        "Seconds. Streams: until the headers of the answer (`timeouts.response`); never a total.",
        "above-zero",
        { default: defaults.timeouts.responseMs / 1_000 },
      ),
    },
    usuallyBelow: 1_000,
    sample: { comment: "seconds" },
  },
  selectionStrategy: {
    ...asWritten("selection_strategy", defaults.selectionStrategy, (notes) =>
      oneOf(
        strategies,
        "Which healthy provider comes first; failover walks the others in any case. `drain_soonest`: the key whose unused quota lapses first, as its provider's rate limit headers say.",
        notes,
      ),
    ),
  },
  sessionAffinity: {
    ...asWritten("session_affinity", defaults.sessionAffinity, (notes) =>
      oneOf(["off", "session"], "`session`: a conversation stays with the provider whose prompt cache is warm.", notes),
    ),
    sample: { yaml: '"off"', comment: '"session": a conversation stays where its prompt cache is warm' },
  },
  lastResort: {
    ...asWritten("last_resort", defaults.lastResort, (notes) =>
      flag(
        "Where no provider can serve: probe those that are only cooling down, one request at a time, after 1, 2, 4 … seconds; `false` answers 503 at once.",
        notes,
      ),
    ),
    sample: { comment: "where no provider can serve, probe those that are only cooling down" },
  },
  prefersServerTools: {
    ...asWritten("prefer_server_tools", defaults.prefersServerTools, (notes) =>
      flag(
        "A request that offers a tool which Anthropic's servers run, such as web search, goes first to `anthropic` providers; `false`: in the configured order, where `openai` providers serve it without that tool.",
        notes,
      ),
    ),
    sample: { comment: "a request that offers Anthropic's web search goes first to anthropic providers" },
  },
  queueTimeoutMs: {
    ...inUnit("seconds", "queue_timeout", defaults.queueTimeoutMs, (notes) =>
      seconds(
        "Seconds that a request may wait for room at a provider (`max_concurrent`, a learned limit) or for a probe; then 503.",
        "zero",
        notes,
      ),
    ),
    usuallyBelow: 1_000,
    sample: { comment: "seconds a request may wait for room at a provider, or for a probe" },
  },
  errorRules: {
    key: "error_rules",
    schema: errorRulesSchema,
    default: defaults.errorRules,
    read: readErrorRules,
    write: writeErrorRules,
    others: {
      unhealthy_http_codes: httpCodesSchema,
      unhealthy_response_body_patterns: bodyPatternsSchema,
    },
    sample: { yaml: "- status: 400\n  match: no capacity\n  action: failover\n  cooldown: 30", comment: "" },
  },
  streamFailure: {
    ...asWritten("stream_failure", defaults.streamFailure, (notes) =>
      oneOf(
        ["auto", "error", "abort"],
        "How a stream that breaks after its first content ends: `error` sends an error event, `abort` cuts the connection, `auto` aborts for Claude Code, which then retries.",
        notes,
      ),
    ),
  },
  earlyHeadersMs: {
    ...inUnit("seconds", "early_headers", defaults.earlyHeadersMs, (notes) =>
      seconds(
        "Seconds without content after which a stream gets its headers (status 200) and pings, while failover goes on: for a proxy in front that cuts silent connections. A failure of all providers is then an error event. 0 is never.",
        "zero",
        { ...notes, examples: [20] },
      ),
    ),
    usuallyBelow: 1_000,
    sample: {
      comment:
        "seconds; above 0: headers and pings for a stream that has no content yet, for a proxy in front that cuts silence",
    },
  },
  allowProviderPin: {
    ...asWritten("allow_provider_pin", defaults.allowProviderPin, (notes) =>
      flag("Let the `x-ccpb-provider` header of a request choose the provider.", notes),
    ),
    sample: { comment: "" },
  },
};
