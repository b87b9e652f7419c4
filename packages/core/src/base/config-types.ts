import type { UpstreamTls } from "./transport.ts";
import type { CredentialSource } from "./authorize.ts";
import type { ProfileOverride, NativeProfileOverride } from "./profile-types.ts";

/**
 * The API that a provider speaks: `anthropic` is passed through, `openai` is translated; `bedrock` and `vertex` are passed through in the envelope of
 * Amazon Bedrock's `InvokeModel` and of Google Vertex AI's `rawPredict`.
 */
export type ProviderType = "anthropic" | "openai" | "bedrock" | "vertex";

/** The part of the world that requests to an inference profile of Bedrock's stay in; `none` asks for the model itself, in the region alone. */
export type InferenceProfile = "global" | "us" | "eu" | "apac" | "jp" | "au" | "us-gov" | "none";

/**
 * Decides whether a type of provider speaks Anthropic's Messages API, in whatever envelope, so that nothing is
 * translated for it.
 *
 * @param type - type of a provider.
 * @returns false for `openai` only.
 */
export function isNative(type: ProviderType): boolean {
  return type !== "openai";
}

/**
 * Credential of a provider, and the way in which it is sent. Several keys each have a health of their own.
 *
 * - `api_key`: sent as `x-api-key` (anthropic) or `Authorization: Bearer` (openai).
 * - `auth_token`: sent as `Authorization: Bearer`.
 * - `passthrough`: the client's own credential is forwarded (anthropic only).
 * - `renewed`: a credential that may expire, which the balancer's option `authorize` adds.
 *
 * `header` names another header for the credential.
 */
export type ProviderAuth =
  | { readonly type: "api_key" | "auth_token"; readonly keys: readonly string[]; readonly header?: string }
  | { readonly type: "passthrough" }
  | { readonly type: "renewed"; readonly source: CredentialSource; readonly header?: string };

/** Maps model names of clients to a provider's model. */
export interface ModelRule {
  /** Glob over the client's model name: `*` and `?`, case-insensitive. */
  readonly pattern: string;
  /** Model that the provider is asked for; `passthrough`: the client's name. */
  readonly model: string;
}

/** Deadlines of the phases of an attempt, in milliseconds. */
export interface TimeoutsMs {
  /** Until the connection is established. Default 10,000. */
  readonly connectMs: number;
  /** Until the response headers have come. Default 30,000. */
  readonly responseMs: number;
  /** Until the first content has come. Default 120,000. */
  readonly firstContentMs: number;
  /** Longest silence between two bytes. Default 120,000. */
  readonly idleMs: number;
  /** Until the whole attempt is over. Default 300,000. */
  readonly totalMs: number;
  /**
   * Until the first content of any attempt of the call. Default 600,000. Only of the balancer's settings, not of a
   * provider.
   */
  readonly callMs: number;
}

/** One configured provider. */
export interface ProviderConfig {
  /** Unique name, as in events, logs and status. */
  readonly name: string;
  /** API and envelope that the provider speaks. */
  readonly type: ProviderType;
  /**
   * URL without a trailing slash. For `openai` and `vertex` it includes `/v1`. For `openai` its path may hold
   * `{model}`, and it may end in a query.
   */
  readonly baseUrl: string;
  /** Region of `bedrock` and `vertex`; `vertex` needs it. */
  readonly region?: string;
  /** Google Cloud project of `vertex`, which needs it. */
  readonly project?: string;
  /** Inference profile of `bedrock`; default: derived from the region. */
  readonly inferenceProfile?: InferenceProfile;
  /** Credential, and the way in which it is sent. */
  readonly auth: ProviderAuth;
  /**
   * Model for clients' names of big models (`opus`, `sonnet`); `passthrough`: the client's name. Absent: such names
   * are not served.
   */
  readonly bigModel?: string;
  /**
   * Model for clients' names of small models (`haiku`); `passthrough`: the client's name. Absent: such names are not
   * served.
   */
  readonly smallModel?: string;
  /** Rules that are looked at before `bigModel` and `smallModel`; the first that matches counts. */
  readonly models?: readonly ModelRule[];
  /** False: the provider is never asked. Default `true`. */
  readonly enabled?: boolean;
  /** Share of requests with the strategy `weighted`. Default 1. */
  readonly weight?: number;
  /** URL of an http, https or socks5 proxy; absent: connect directly. */
  readonly proxy?: string;
  /** Certificates of the provider's own; absent: the platform's. */
  readonly tls?: UpstreamTls;
  /** Headers that each request to this provider carries besides. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Deadlines that differ from the balancer's settings. */
  readonly timeouts?: Partial<TimeoutsMs>;
  /** Limit of requests at once; absent: none. */
  readonly maxConcurrent?: number;
  /**
   * Per cent of each quota window that is kept back while another provider can serve. Default: 0 with
   * `drain_soonest`, else quotas are not looked at.
   */
  readonly reserve?: number;
  /** Context window of its models, in tokens; absent: unknown. */
  readonly contextWindow?: number;
  /** API that an `openai` provider is asked in. Default `auto`: chosen by profile, and learned from refusals. */
  readonly dialect?: "auto" | "chat" | "responses";
  /** Differences of an `openai` provider from the built-in profile of its host and model. */
  readonly profile?: ProfileOverride;
  /** Differences of a provider of another type from the built-in profile of its host and model. */
  readonly nativeProfile?: NativeProfileOverride;
  /** Domain in which thinking signatures of this provider are valid. Default: the host of `baseUrl`. */
  readonly signatureDomain?: string;
  /**
   * Names, in lower case, of headers of the client's that are forwarded besides those that every provider of the type
   * gets.
   */
  readonly forwardHeaders?: readonly string[];
}

/**
 * In which order healthy providers are asked; `priority` is the order of the configuration. `drain_soonest`: the credential whose unused quota lapses
 * first.
 */
export type SelectionStrategy =
  | "priority"
  | "round_robin"
  | "weighted"
  | "random"
  | "least_latency"
  | "least_busy"
  | "drain_soonest";

/** Words of `SelectionStrategy`, in the order of the reference. A word that is missing here does not compile. */
export const selectionStrategies: Readonly<Record<SelectionStrategy, true>> = {
  priority: true,
  round_robin: true,
  weighted: true,
  random: true,
  least_latency: true,
  least_busy: true,
  drain_soonest: true,
};

/** Row of an operator in front of the failure table. */
export interface ErrorRule {
  /** Status code, or a class such as `"5xx"`; absent: any failing status. */
  readonly status?: number | string;
  /** Substring (case-insensitive) or `/regex/` that the text of the parsed error must match; absent: any text. */
  readonly match?: string;
  /** `stop`: the client gets the error. `failover`: the next provider is tried. */
  readonly action: "stop" | "failover";
  /** Milliseconds for which `failover` cools the provider down; absent: `failureCooldownMs`. */
  readonly cooldownMs?: number;
}

/** One candidate of a route. */
export interface ModelRouteCandidate {
  /** Name of the provider. */
  readonly provider: string;
  /** Model that the provider is asked for. */
  readonly model: string;
  /** Place in the order: lower numbers come first. */
  readonly priority: number;
}

/** Route of `model_routes`: its candidates replace the provider list for the models that it covers. */
export interface ModelRoute {
  /** Glob over the client's model name: `*` and `?`, case-insensitive. */
  readonly pattern: string;
  /** Candidates, in the order of `priority`. */
  readonly candidates: readonly ModelRouteCandidate[];
}

/**
 * End of a stream that broke after its first content. `auto`: aborts the connection for Claude Code 2.1 or later, and
 * sends an `error` event to other clients.
 */
export type StreamFailureMode = "auto" | "error" | "abort";

/** Settings of a balancer; times in milliseconds. `defaultSettings` holds the defaults. */
export interface BalancerSettings {
  /** First cooldown after a failure; it doubles with each failed probe. Default 60,000. */
  readonly failureCooldownMs: number;
  /** Longest cooldown. Default 3,600,000. */
  readonly maxCooldownMs: number;
  /** Number of failures in a row that open a circuit. Default 1. */
  readonly unhealthyThreshold: number;
  /** Time without a failure after which counted failures are forgotten. Default 300,000. */
  readonly unhealthyResetMs: number;
  /** Deadlines of the phases of an attempt and of the call. */
  readonly timeouts: TimeoutsMs;
  /** Order in which healthy providers are asked. Default `priority`. */
  readonly selectionStrategy: SelectionStrategy;
  /** `session`: a session stays with the provider that served it. Default `off`. */
  readonly sessionAffinity: "off" | "session";
  /**
   * True: if no provider can serve, those whose cooldown is the balancer's own guess are probed early. False: the
   * call fails at once. Default `true`.
   */
  readonly lastResort: boolean;
  /**
   * True: a request that offers a tool of Anthropic's servers goes first to providers that can run it. False: that is
   * not looked at. Default `true`.
   */
  readonly prefersServerTools: boolean;
  /** Longest wait of a request for room at a provider or for a probe. Default 10,000. */
  readonly queueTimeoutMs: number;
  /** Rows in front of the failure table; the first that matches counts. Default: none. */
  readonly errorRules: readonly ErrorRule[];
  /** End of a stream that broke after its first content. Default `auto`. */
  readonly streamFailure: StreamFailureMode;
  /** Time without content after which a stream gets its headers and pings while failover goes on. Default 0: never. */
  readonly earlyHeadersMs: number;
  /** True: a caller may pin a provider (`CallContext.pin`). Default `false`. */
  readonly allowProviderPin: boolean;
}

/**
 * Configuration of a `Balancer`: plain, immutable data. `parseConfig` of `@ccpb/core/config` makes it from the file
 * format.
 */
export interface BalancerConfig {
  /** Providers, in the order of priority. */
  readonly providers: readonly ProviderConfig[];
  /** Routes; the first whose pattern covers the model counts. Default: none. */
  readonly routes?: readonly ModelRoute[];
  /** Settings that differ from `defaultSettings`. */
  readonly settings?: Partial<BalancerSettings>;
}

/**
 * Defaults of the file format; times in milliseconds. `BalancerConfig.settings` overrides single members.
 *
 * @example
 * ```ts
 * console.log(defaultSettings.failureCooldownMs, defaultSettings.selectionStrategy); // 60000 priority
 * ```
 */
export const defaultSettings: BalancerSettings = {
  failureCooldownMs: 60_000,
  maxCooldownMs: 3_600_000,
  unhealthyThreshold: 1,
  unhealthyResetMs: 300_000,
  timeouts: {
    connectMs: 10_000,
    responseMs: 30_000,
    firstContentMs: 120_000,
    idleMs: 120_000,
    totalMs: 300_000,
    callMs: 600_000,
  },
  selectionStrategy: "priority",
  sessionAffinity: "off",
  lastResort: true,
  prefersServerTools: true,
  queueTimeoutMs: 10_000,
  errorRules: [],
  streamFailure: "auto",
  earlyHeadersMs: 0,
  allowProviderPin: false,
};
