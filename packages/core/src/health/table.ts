import type { CircuitChange } from "../events.ts";
import type { Charge, Reason } from "../policy/outcome.ts";
import type { CircuitStatus } from "../status-types.ts";
import type { CircuitPolicy } from "./circuit.ts";
import type { HealthChange } from "./replica.ts";
import type { Candidate } from "./scope.ts";

/** Whether a candidate may be tried: the worst of its circuits (provider, deployment, key, key × deployment). */
export type Availability =
  | { readonly type: "closed" }
  | { readonly type: "half-open"; readonly leaseFree: boolean }
  | { readonly type: "open"; readonly untilMs: number; readonly reason: Reason };

/** An attempt's hold on the health of its candidate. Disposing it without `fail` or `succeed` hands every probe lease back; doing so twice does nothing. */
export interface Lease extends Disposable {
  readonly candidate: Candidate;
  readonly startedAtMs: number;
  /** Whether this attempt is the probe of at least one half-open circuit. */
  readonly probe: boolean;
}

export interface HealthTableOptions {
  readonly policy: CircuitPolicy;
  /** Uniform in [0, 1): jitter. */
  readonly random: () => number;
  readonly onChange?: (change: CircuitChange) => void;
  /** Told of every opening and recovery for other processes; needs `epochOffsetMs`. */
  readonly share?: (change: HealthChange) => void;
  /** Wall clock minus monotonic clock, taken once: `clock.wallNow() - clock.now()`. Default 0. */
  readonly epochOffsetMs?: number;
}

/** The health of one provider for status displays; a circuit that never failed is not listed. */
export interface ProviderHealthStatus extends CircuitStatus {
  /** Milliseconds since its last failure in any scope; null if none is remembered. */
  readonly sinceLastFailureMs: number | null;
  readonly keys: readonly (CircuitStatus & { readonly index: number })[];
  readonly deployments: readonly (CircuitStatus & { readonly model: string })[];
  readonly keyDeployments: readonly (CircuitStatus & { readonly index: number; readonly model: string })[];
}

/** Circuits as plain JSON, in epoch milliseconds, to survive a restart. */
export type HealthSnapshot = readonly HealthChange[];

/** Which health a reload keeps: provider name → old key index → new key index. What is not listed is forgotten. */
export type KeptHealth = ReadonlyMap<string, ReadonlyMap<number, number>>;

export declare class HealthTable {
  constructor(options: HealthTableOptions);
  availability(candidate: Candidate, nowMs: number): Availability;
  /** Starts an attempt: takes the free probe leases of all half-open circuits in its way. The leases may be given to others after `expiresAtMs`. */
  acquire(candidate: Candidate, times: { readonly nowMs: number; readonly expiresAtMs: number }): Lease;
  /** Charges a failure and settles the lease (a charge may also follow later: `if-served`). Returns the milliseconds until the charged scope is tried again; 0 if it stays closed. */
  fail(lease: Lease, charge: Charge, failure: { readonly reason: Reason; readonly nowMs: number }): number;
  /** The attempt served: closes what was half-open, unless the attempt is older than the opening. */
  succeed(lease: Lease, nowMs: number): void;
  status(provider: string, nowMs: number): ProviderHealthStatus;
  setPolicy(policy: CircuitPolicy): void;
  retain(kept: KeptHealth): void;
  /** Closes every circuit, or those of one provider; attempts still under way are no longer counted. */
  reset(provider?: string): void;
  snapshot(nowMs: number): HealthSnapshot;
  restore(snapshot: HealthSnapshot, nowMs: number): void;
  /** Takes in what another process shared. */
  apply(change: HealthChange, nowMs: number): void;
}
