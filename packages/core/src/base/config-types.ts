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

/** Whether providers of a type speak Anthropic's Messages API, in whatever envelope, so that nothing is translated for them. */
export function isNative(type: ProviderType): boolean {
  return type !== "openai";
}

/**
 * How a provider is paid. `api_key` is sent as `x-api-key` (anthropic) or `Authorization: Bearer` (openai), `auth_token` as
 * `Authorization: Bearer`, `passthrough` forwards the client's own credential (anthropic only). Several keys each have their own health. `renewed` is a
 * credential that may expire: the `authorize` option of the balancer gets it. `header` is the header that a credential is sent in instead.
 */
export type ProviderAuth =
  | { readonly type: "api_key" | "auth_token"; readonly keys: readonly string[]; readonly header?: string }
  | { readonly type: "passthrough" }
  | { readonly type: "renewed"; readonly source: CredentialSource; readonly header?: string };

/** A glob over the client's model name (`*` and `?`, case-insensitive) and the upstream model, or `passthrough`. */
export interface ModelRule {
  readonly pattern: string;
  readonly model: string;
}

/** When each phase of an attempt must be over, in milliseconds; `callMs` bounds all attempts of a call until content. */
export interface TimeoutsMs {
  readonly connectMs: number;
  readonly responseMs: number;
  readonly firstContentMs: number;
  readonly idleMs: number;
  readonly totalMs: number;
  readonly callMs: number;
}

/**
 * One configured provider. `baseUrl` has no trailing slash; one of openai or vertex includes `/v1`. Of openai it may hold `{model}` in its path, and
 * end in a query.
 */
export interface ProviderConfig {
  readonly name: string;
  readonly type: ProviderType;
  readonly baseUrl: string;
  /** Of bedrock and vertex; vertex needs it. */
  readonly region?: string;
  /** Of vertex, which needs it: the Google Cloud project. */
  readonly project?: string;
  /** Of bedrock; default: by the region. */
  readonly inferenceProfile?: InferenceProfile;
  readonly auth: ProviderAuth;
  readonly bigModel?: string;
  readonly smallModel?: string;
  readonly models?: readonly ModelRule[];
  /** Default: true. */
  readonly enabled?: boolean;
  readonly weight?: number;
  readonly proxy?: string;
  readonly tls?: UpstreamTls;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeouts?: Partial<TimeoutsMs>;
  readonly maxConcurrent?: number;
  /** Per cent of each quota window that is kept back while another provider can serve; default: none is looked at, with `drain_soonest` 0. */
  readonly reserve?: number;
  /** Tokens. */
  readonly contextWindow?: number;
  /** Of an openai provider; `auto` (the default) decides by profile, and learns. */
  readonly dialect?: "auto" | "chat" | "responses";
  /** Of an openai provider: what differs from the built-in profile of its host and model. */
  readonly profile?: ProfileOverride;
  /** The same of a provider of another type. */
  readonly nativeProfile?: NativeProfileOverride;
  /** Thinking signatures made in one domain are valid in it; default: the host of `baseUrl`. */
  readonly signatureDomain?: string;
  /** Lower-case names of headers of the client's that this provider is sent besides those that every provider of its type is. */
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

/** The words of `SelectionStrategy`, in the order of the reference; one that the type has and this has not does not compile. */
export const selectionStrategies: Readonly<Record<SelectionStrategy, true>> = {
  priority: true,
  round_robin: true,
  weighted: true,
  random: true,
  least_latency: true,
  least_busy: true,
  drain_soonest: true,
};

/** An operator's row in front of the failure table: `match` is tested (case-insensitive substring or `/regex/`) against the parsed error's text. */
export interface ErrorRule {
  /** A status code, or a class such as `"5xx"`; absent: any failing status. */
  readonly status?: number | string;
  readonly match?: string;
  readonly action: "stop" | "failover";
  readonly cooldownMs?: number;
}

/** One candidate of a route: a provider by name, its upstream model, and a priority (lower comes first). */
export interface ModelRouteCandidate {
  readonly provider: string;
  readonly model: string;
  readonly priority: number;
}

/** A route of `model_routes`: where `pattern` covers the client's model, its candidates replace the provider list. */
export interface ModelRoute {
  readonly pattern: string;
  readonly candidates: readonly ModelRouteCandidate[];
}

/** How a stream that broke after its first content ends for the client (`spec`: auto aborts the connection for Claude Code ≥ 2.1). */
export type StreamFailureMode = "auto" | "error" | "abort";

/** The settings of a balancer, times in milliseconds; `defaultSettings` holds the defaults. */
export interface BalancerSettings {
  readonly failureCooldownMs: number;
  readonly maxCooldownMs: number;
  readonly unhealthyThreshold: number;
  readonly unhealthyResetMs: number;
  readonly timeouts: TimeoutsMs;
  readonly selectionStrategy: SelectionStrategy;
  readonly sessionAffinity: "off" | "session";
  /** Where no provider can serve, those whose cooldown is the balancer's own guess are probed early; false: the call fails at once. */
  readonly lastResort: boolean;
  /** Requests that offer a tool which Anthropic's servers run go first to providers that can run it; false: that is not looked at. */
  readonly prefersServerTools: boolean;
  /** For how long a request may wait for room at a provider, or for a probe. */
  readonly queueTimeoutMs: number;
  readonly errorRules: readonly ErrorRule[];
  readonly streamFailure: StreamFailureMode;
  /** A stream without content for this long gets its headers and pings while failover goes on; 0: never. */
  readonly earlyHeadersMs: number;
  readonly allowProviderPin: boolean;
}

/** What a `Balancer` is made of: plain, immutable data. `config/parse.ts` makes it from the file format; `defaultSettings` fills the rest. */
export interface BalancerConfig {
  readonly providers: readonly ProviderConfig[];
  readonly routes?: readonly ModelRoute[];
  readonly settings?: Partial<BalancerSettings>;
}

/** The defaults of the file format, in milliseconds. */
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
