import type { ProviderType } from "./config-types.ts";
import type { Reason } from "./policy/outcome.ts";

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
  /** Could serve a request now: enabled and no circuit in its way (half-open counts). */
  readonly healthy: boolean;
  readonly bigModel: string | null;
  readonly smallModel: string | null;
  /** Wall clock, ms since the epoch. */
  readonly lastFailureAtMs: number | null;
  readonly inFlight: number;
  readonly requests: number;
  readonly failures: number;
  /** Decayed mean; null before the first answer. */
  readonly timeToFirstContentMs: number | null;
  readonly keys: readonly (CircuitStatus & { readonly index: number })[];
  readonly deployments: readonly (CircuitStatus & { readonly model: string })[];
  /** One key at one model: what a 429 takes out. */
  readonly keyDeployments: readonly (CircuitStatus & { readonly index: number; readonly model: string })[];
}

/** A snapshot of a balancer, from `Balancer.status()`: plain data without a secret. */
export interface BalancerStatus {
  readonly strategy: string;
  /** The provider that a new request would go to first; null when nobody can serve. */
  readonly currentProvider: string | null;
  readonly providers: readonly ProviderStatus[];
}
