import type { ProviderType } from "./config-types.ts";
import type { Reason } from "./outcome.ts";
import type { QuotaWindow } from "./quota-window.ts";

/** Closed: healthy. Open: out until its cooldown is over. Half-open: one request may probe it. */
export type CircuitStateName = "closed" | "open" | "half-open";

/** The state of one circuit at the time of the snapshot. */
export interface CircuitStatus {
  readonly state: CircuitStateName;
  /** 0 unless open. */
  readonly cooldownRemainingMs: number;
  readonly reason: Reason | null;
  readonly failureCount: number;
}

/** One provider in a snapshot: its own circuit, those of its keys and deployments, and its load. Holds no credential. */
export interface ProviderStatus extends CircuitStatus {
  readonly name: string;
  readonly type: ProviderType;
  readonly baseUrl: string;
  readonly enabled: boolean;
  /** Could serve a request now: enabled, not held by an operator, and no circuit in its way (half-open counts). */
  readonly healthy: boolean;
  readonly bigModel: string | null;
  readonly smallModel: string | null;
  /** Wall clock, ms since the epoch. */
  readonly lastFailureAtMs: number | null;
  readonly inFlight: number;
  /** The configured limit of requests at once (`max_concurrent`); null where there is none. */
  readonly maxConcurrent: number | null;
  /** Has no room for one more request now: because of `maxConcurrent`, or of learned limits of all its keys. */
  readonly isFull: boolean;
  /** A probe is under way: one request finds out whether the provider serves again. */
  readonly isProbed: boolean;
  /**
   * In how many milliseconds the next request may probe the provider although its cooldown is not over, because no other provider can serve (0: now).
   * Null where it is not probed early.
   */
  readonly nextProbeInMs: number | null;
  /** Lists the limits on requests at once that were learned from a 429 without a stated wait. */
  readonly limits: readonly LearnedLimitStatus[];
  /** Lists what refusals have taught about its models, until it is tested again. */
  readonly learned: readonly LearnedProfileStatus[];
  /** Lists the quota windows that the provider has stated in its answers, the longest last. */
  readonly quotas: readonly QuotaStatus[];
  /** How many clients' own credentials the provider refuses for now (`auth_type: passthrough`); those of other clients are not affected. */
  readonly loginsOut: number;
  readonly requests: number;
  readonly failures: number;
  /** Decayed mean; null before the first answer. */
  readonly timeToFirstContentMs: number | null;
  readonly keys: readonly (CircuitStatus & { readonly index: number })[];
  readonly deployments: readonly (CircuitStatus & { readonly model: string })[];
  /** One key at one model: what a 429 takes out. */
  readonly keyDeployments: readonly (CircuitStatus & { readonly index: number; readonly model: string })[];
}

/** A limit of requests at once that a credential has shown at a model. It rises by one for each minute without a refusal. */
export interface LearnedLimitStatus {
  /** Index of the key within the provider; null for clients' own credentials, of which the lowest limit is given. */
  readonly keyIndex: number | null;
  readonly model: string;
  readonly limit: number;
  /** Attempts under way there; of clients' own credentials, with the one that has the lowest limit. */
  readonly inFlight: number;
  /** How many credentials have a limit at the model: 1 for a key. */
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

/** One thing that an operator has taken out of service at run time: see `Balancer.hold`. */
export interface HeldStatus {
  readonly provider: string;
  /** From 0; absent: every key. */
  readonly keyIndex?: number;
  /** The upstream model; absent: every model. */
  readonly model?: string;
  /** `disabled`: no further attempts; `draining`: attempts only of sessions that are bound to the provider. */
  readonly type: "disabled" | "draining";
  /** Milliseconds until it comes back by itself; null: when it is enabled again. */
  readonly remainingMs: number | null;
}

/**
 * Tells where a new request would go now. `served`: it goes to `provider`. `probe`: it goes to `provider`, which is cooling down, to find out whether that
 * has recovered, since no provider can serve. `wait`: it waits in the queue, for room at a provider, for a probe, for this machine's network, or for the end
 * of an operator's hold; `forMs` is the time until something is tried, null where it waits for another request to end. `refused`: it is answered with 503
 * at once.
 */
export type NextRequest =
  | { readonly type: "served"; readonly provider: string }
  | { readonly type: "probe"; readonly provider: string }
  | { readonly type: "wait"; readonly waitsFor: "room" | "probe" | "host" | "hold"; readonly forMs: number | null }
  | { readonly type: "refused"; readonly retryAfterMs: number };

/** A snapshot of a balancer, from `Balancer.status()`: plain data without a secret. */
export interface BalancerStatus {
  readonly strategy: string;
  /** The provider that serves a new request; null when none can serve one at once. */
  readonly currentProvider: string | null;
  /** Tells where a new request would go now, for a model name that every provider with a big model covers. */
  readonly nextRequest: NextRequest;
  /** Lists what operators have taken out of service at run time, the oldest first. */
  readonly holds: readonly HeldStatus[];
  /** Calls that wait for room at a provider or for a probe. */
  readonly waiting: number;
  /**
   * This machine or its network is suspected: a call at several providers ended without one connection. No provider is charged for that; one call at a
   * time tries again. Null where there is no such suspicion.
   */
  readonly hostSuspicion: { readonly nextTryInMs: number } | null;
  readonly providers: readonly ProviderStatus[];
}
