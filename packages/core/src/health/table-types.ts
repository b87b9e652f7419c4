import type { CircuitChange } from "../base/events.ts";
import type { Reason } from "../base/outcome.ts";
import type { CircuitPolicy } from "./cooldown.ts";
import type { HealthChange } from "./replica.ts";

/** Options of a table of health. */
export interface HealthTableOptions {
  readonly policy: CircuitPolicy;
  /** Uniform in [0, 1): jitter. */
  readonly random: () => number;
  readonly onChange?: (change: CircuitChange) => void;
  /** Called with every opening and recovery, for other processes. */
  readonly share?: (change: HealthChange) => void;
  /** Wall clock minus monotonic clock, taken once: `clock.wallNow() - clock.now()`. Default 0. */
  readonly epochOffsetMs?: number;
}

/** Times of a lease: the attempt's start, and when another attempt may take over its probe. See `ProbeLease`. */
export interface LeaseTimes {
  readonly nowMs: number;
  readonly expiresAtMs: number;
  readonly yieldsAtMs?: number;
  /** No other candidate can serve: an open circuit may be probed before its cooldown is over. */
  readonly isEarly?: boolean;
  /** Digest of the request's body; required if `isEarly` is set. */
  readonly digest?: string;
}

/** A failed attempt's reason and time. `digest`: of the request's body, so that a request that fails again and again is known. */
export interface FailureFacts {
  readonly reason: Reason;
  readonly nowMs: number;
  readonly digest?: string;
}

/** Names the scope of a reset: a provider, or within it one key (from 0), one upstream model, or both. */
export interface ResetScope {
  readonly provider: string;
  readonly keyIndex?: number;
  readonly model?: string;
}

/** Circuits as plain JSON, in epoch milliseconds, to survive a restart. */
export type HealthSnapshot = readonly HealthChange[];

/**
 * Health that a reload keeps: provider name → old key index → new key index. Entries that are missing are forgotten.
 */
export type KeptHealth = ReadonlyMap<string, ReadonlyMap<number, number>>;
