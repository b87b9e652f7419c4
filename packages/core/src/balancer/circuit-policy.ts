import type { Snapshot } from "../call/runtime.ts";
import type { CircuitPolicy } from "../health/cooldown.ts";

/** Returns how circuits open and close under a configuration. */
export function circuitPolicy({ settings }: Snapshot): CircuitPolicy {
  return {
    baseMs: settings.failureCooldownMs,
    maxCooldownMs: settings.maxCooldownMs,
    maxBackoffMs: 900_000,
    threshold: settings.unhealthyThreshold,
    resetMs: settings.unhealthyResetMs,
  };
}
