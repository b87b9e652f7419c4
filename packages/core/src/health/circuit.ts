import type { Cooldown, Reason } from "../policy/outcome.ts";

/** How circuits move; all in milliseconds. `maxCooldownMs` caps what providers state, `maxBackoffMs` what doubling makes of `baseMs`. */
export interface CircuitPolicy {
  readonly baseMs: number;
  readonly maxCooldownMs: number;
  readonly maxBackoffMs: number;
  /** This many consecutive failures within `resetMs` open a closed circuit. */
  readonly threshold: number;
  readonly resetMs: number;
}

/** The right to make the one probe that a half-open circuit admits; another may be given out after `expiresAtMs`. */
export interface ProbeLease {
  readonly id: number;
  readonly expiresAtMs: number;
}

interface Opening {
  readonly openedAtMs: number;
  readonly untilMs: number;
  /** Failed probes since the last success: the base cooldown is doubled that often. */
  readonly failedProbes: number;
  /** Consecutive failures, for display. */
  readonly failures: number;
  readonly reason: Reason;
}

/** The health of one scope. Every time is monotonic. An open circuit whose `untilMs` has passed reads as half-open: see `circuitAt`. */
export type Circuit =
  | {
      readonly state: "closed";
      readonly failedAtMs: readonly number[];
      /** When it last opened, once it has recovered from that. */
      readonly recoveredFromMs: number | null;
    }
  | ({ readonly state: "open" } & Opening)
  | ({ readonly state: "half-open"; readonly lease: ProbeLease | null } & Opening);

export type CircuitSignal =
  | {
      readonly type: "failure";
      readonly cooldown: Cooldown;
      readonly startedAtMs: number;
      readonly leaseId?: number;
      /** Uniform in [0, 1): the jitter. */
      readonly random: number;
      readonly reason: Reason;
    }
  | { readonly type: "success"; readonly startedAtMs: number; readonly leaseId?: number }
  | { readonly type: "acquire"; readonly lease: ProbeLease }
  | { readonly type: "release"; readonly leaseId: number }
  | { readonly type: "reset" };

export declare const closedCircuit: Circuit;
/** The circuit as it stands at `nowMs`: an open one whose cooldown is over is half-open. */
export declare function circuitAt(circuit: Circuit, nowMs: number): Circuit;
/** The circuit after `signal`; the same object where nothing changes. */
export declare function nextHealth(
  current: Circuit,
  signal: CircuitSignal,
  nowMs: number,
  policy: CircuitPolicy,
): Circuit;
