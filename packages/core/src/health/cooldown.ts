import type { Cooldown } from "../base/outcome.ts";
import { earlyWaitMs } from "./early-probes.ts";

/**
 * Policy by which circuits move; all in milliseconds. `maxCooldownMs` caps waits that providers state, `maxBackoffMs`
 * the doubling of `baseMs`.
 */
export interface CircuitPolicy {
  readonly baseMs: number;
  readonly maxCooldownMs: number;
  readonly maxBackoffMs: number;
  /** This many consecutive failures within `resetMs` open a closed circuit. */
  readonly threshold: number;
  readonly resetMs: number;
}

/**
 * Decides whether a cooldown is the balancer's own guess, and not stated by a provider or fixed by an operator or a
 * refused credential.
 */
export function isOwn(cooldown: Cooldown): boolean {
  return cooldown.kind === "base" || cooldown.kind === "short";
}

/** Computes the base cooldown after `failedProbes`: doubled each time and jittered by ±20 % on all but the first, at most `maxBackoffMs`. */
export function backoff(failedProbes: number, random: number, policy: CircuitPolicy): number {
  if (failedProbes === 0) return policy.baseMs;
  // An operator's base above the cap is meant: doubling stops, but the base stays.
  const capMs = Math.max(policy.maxBackoffMs, policy.baseMs);
  return Math.min(capMs, policy.baseMs * 2 ** failedProbes * (0.8 + 0.4 * random));
}

/** Computes the base of a `short` cooldown after `failedProbes`: as long as the wait for an early probe. */
export function shortBackoff(failedProbes: number, policy: CircuitPolicy): number {
  return earlyWaitMs(failedProbes, policy.baseMs);
}

/** Computes the duration of `cooldown` for the current base `backoffMs`. */
export function cooldownMs(cooldown: Cooldown, backoffMs: number, policy: CircuitPolicy): number {
  switch (cooldown.kind) {
    case "base":
    case "short":
      return backoffMs;
    case "fixed":
      return cooldown.ms;
    case "stated": {
      const statedMs = Math.min(cooldown.ms, policy.maxCooldownMs);
      return cooldown.atLeastBase === true ? Math.max(statedMs, backoffMs) : statedMs;
    }
  }
}
