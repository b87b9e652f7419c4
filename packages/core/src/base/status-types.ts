import type { ProviderType } from "./config-types.ts";
import type { Reason } from "./outcome.ts";
import type { QuotaWindow } from "./quota-window.ts";

/** Closed: healthy. Open: out until its cooldown is over. Half-open: one request may probe it. */
export type CircuitStateName = "closed" | "open" | "half-open";

/** State of one circuit at the time of the snapshot. */
export interface CircuitStatus {
  /** `closed`: in service. `open`: cooling down. `half-open`: one probe is admitted. */
  readonly state: CircuitStateName;
  /** Milliseconds until the cooldown ends; 0 unless `open`. */
  readonly cooldownRemainingMs: number;
  /** Reason why the circuit opened; `null` while it is closed. */
  readonly reason: Reason | null;
  /** Failures since the last success. */
  readonly failureCount: number;
}

/**
 * One provider in a snapshot: its own circuit, those of its keys and deployments, and its load. It holds no
 * credential.
 */
export interface ProviderStatus extends CircuitStatus {
  /** Name of the provider. */
  readonly name: string;
  /** API and envelope that it speaks. */
  readonly type: ProviderType;
  /** URL, as configured. */
  readonly baseUrl: string;
  /** False if the configuration disables it. */
  readonly enabled: boolean;
  /**
   * True if it could serve a request now: enabled, not held by an operator, and not kept out by a circuit (half-open
   * counts as healthy).
   */
  readonly healthy: boolean;
  /** Model for names of big models; `null` if there is none. */
  readonly bigModel: string | null;
  /** Model for names of small models; `null` if there is none. */
  readonly smallModel: string | null;
  /** Time of the last failure, in milliseconds since the Unix epoch; `null` if it never did. */
  readonly lastFailureAtMs: number | null;
  /** Number of attempts under way. */
  readonly inFlight: number;
  /** Configured limit of requests at once (`max_concurrent`); `null` if there is none. */
  readonly maxConcurrent: number | null;
  /**
   * True if it has no room for one more request now, because of `maxConcurrent` or of learned limits of all its keys.
   */
  readonly isFull: boolean;
  /** True if a probe is under way that finds out whether it serves again. */
  readonly isProbed: boolean;
  /**
   * Milliseconds after which the next request may probe it although its cooldown is not over, because no other
   * provider can serve (0: now). `null` if it is not probed early.
   */
  readonly nextProbeInMs: number | null;
  /** Limits on requests at once that were learned from a 429 without a stated wait. */
  readonly limits: readonly LearnedLimitStatus[];
  /** Lessons that refusals have taught about its models, until they are tested again. */
  readonly learned: readonly LearnedProfileStatus[];
  /** Quota windows that it has stated in its answers, the longest last. */
  readonly quotas: readonly QuotaStatus[];
  /**
   * Number of clients' own credentials that it refuses for now (`auth_type: passthrough`); other clients are not
   * affected.
   */
  readonly loginsOut: number;
  /** Number of attempts since the start. */
  readonly requests: number;
  /** Number of failed attempts since the start. */
  readonly failures: number;
  /** Decayed mean of the time to first content, in milliseconds; `null` before the first answer. */
  readonly timeToFirstContentMs: number | null;
  /** Circuits of its keys, by index from 0. */
  readonly keys: readonly (CircuitStatus & { readonly index: number })[];
  /** Circuits of its models. */
  readonly deployments: readonly (CircuitStatus & { readonly model: string })[];
  /** Circuits of one key at one model, which a 429 opens. */
  readonly keyDeployments: readonly (CircuitStatus & { readonly index: number; readonly model: string })[];
}

/**
 * Limit of requests at once that a credential has shown at a model. It rises by one for each minute without a
 * refusal.
 */
export interface LearnedLimitStatus {
  /**
   * Index of the key within the provider, from 0; `null` for clients' own credentials, of which the lowest limit is
   * given.
   */
  readonly keyIndex: number | null;
  /** Upstream's name of the model. */
  readonly model: string;
  /** Number of requests at once. */
  readonly limit: number;
  /** Attempts under way there; for clients' own credentials those with the credential that has the lowest limit. */
  readonly inFlight: number;
  /** Number of credentials that have a limit at the model: 1 for a key. */
  readonly credentials: number;
}

/** Holds the lessons that refusals have taught about one model of a provider. The balancer applies them to its requests. */
export interface LearnedProfileStatus {
  /** The upstream's name of the model. */
  readonly model: string;
  /** The rows of the table of refusals, such as `mid-system`, the oldest first. */
  readonly lessons: readonly string[];
  /** The line of `providers.yaml` that makes them permanent: `profile: { mid_system: user }`. */
  readonly line: string;
  /** The members of the profile that they change, by their names in TypeScript. */
  readonly profile: Readonly<Record<string, unknown>>;
  /** Milliseconds until the first of them is forgotten, so that the next request tests it again. */
  readonly remainingMs: number;
}

/** A quota window of a credential as its provider has last stated it, or as it must be since it has started anew. */
export interface QuotaStatus extends QuotaWindow {
  /** Index of the key within the provider; null for clients' own credentials, of which the most used window is given. */
  readonly keyIndex: number | null;
  /** The upstream model that it counts; null where it counts all. */
  readonly model: string | null;
  /** Number of credentials that have such a window; 1 for a key. */
  readonly credentials: number;
}

/** Part of a provider that an operator has taken out of service at run time: see `Balancer.hold`. */
export interface HeldStatus {
  /** Name of the provider. */
  readonly provider: string;
  /** Index of the key, from 0; absent: every key. */
  readonly keyIndex?: number;
  /** Upstream's name of the model; absent: every model. */
  readonly model?: string;
  /** `disabled`: no further attempts. `draining`: only attempts of sessions that are bound to the provider. */
  readonly type: "disabled" | "draining";
  /** Milliseconds until the hold ends by itself; `null`: it lasts until it is ended. */
  readonly remainingMs: number | null;
}

/**
 * Destination of a new request now.
 *
 * - `served`: to `provider`.
 * - `probe`: to `provider`, which is cooling down, to find out whether it has recovered, because no provider can
 *   serve.
 * - `wait`: into the queue, for room at a provider, a probe, this machine's network, or the end of an operator's
 *   hold. `forMs`: milliseconds until the next try; `null`: until another request ends.
 * - `refused`: it is answered with 503 at once.
 */
export type NextRequest =
  | { readonly type: "served"; readonly provider: string }
  | { readonly type: "probe"; readonly provider: string }
  | { readonly type: "wait"; readonly waitsFor: "room" | "probe" | "host" | "hold"; readonly forMs: number | null }
  | { readonly type: "refused"; readonly retryAfterMs: number };

/** Snapshot of a balancer, from `Balancer.status()`: plain data without secrets. */
export interface BalancerStatus {
  /** Strategy of selection that is in force. */
  readonly strategy: string;
  /** Provider that would serve a new request; `null` if none can serve one at once. */
  readonly currentProvider: string | null;
  /** Destination of a new request now, for a model name that every provider with a big model covers. */
  readonly nextRequest: NextRequest;
  /** Holds of operators, the oldest first. */
  readonly holds: readonly HeldStatus[];
  /** Number of calls that wait for room at a provider or for a probe. */
  readonly waiting: number;
  /**
   * Suspicion against this machine or its network: a call at several providers ended without one connection. No
   * provider is charged for that; one call at a time tries again. `null`: no such suspicion.
   */
  readonly hostSuspicion: { readonly nextTryInMs: number } | null;
  /** Providers in the order of the configuration. */
  readonly providers: readonly ProviderStatus[];
}
