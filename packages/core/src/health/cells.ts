import type { Reason } from "../base/outcome.ts";
import type { CircuitStatus } from "../base/status-types.ts";
import { type Circuit, circuitAt, isLeaseFree, nextProbeAtMs } from "./circuit.ts";
import type { SharedCircuit } from "./merge.ts";
import { FailureNotes } from "./notes.ts";
import { type Candidate, type CellScope, scopeNamesOf } from "../base/scope.ts";

/**
 * State of a candidate, which decides whether it may be tried, by the worst of its circuits (provider, deployment, key or login, each of these ×
 * deployment). `probeAtMs`: when it may be probed if no other candidate can serve; `Infinity` if a circuit is open
 * for a time that the provider stated. `isProbed`: an early probe is under way, which may close it.
 */
export type Availability =
  | { readonly type: "closed" }
  | { readonly type: "half-open"; readonly leaseFree: boolean; readonly probeAtMs: number }
  | {
      readonly type: "open";
      readonly untilMs: number;
      readonly reason: Reason;
      readonly probeAtMs: number;
      readonly isProbed?: boolean;
    };

/** One stored circuit. */
export interface Cell {
  readonly scope: CellScope;
  circuit: Circuit;
  /** Its last charge was for a failure that was unclear at first. */
  isUnclear?: boolean;
  /** State that processes agree on; present only if health is shared. */
  shared?: SharedCircuit;
  /** Time from which on only other hosts keep the circuit open, without an attempt of this process; monotonic milliseconds. */
  takenOverAtMs?: number;
}

/**
 * Largest number of circuits that name a model, for each provider: clients choose model names where they are passed
 * through.
 */
export const modelCellLimit = 256;

/** Largest number of circuits of clients' own logins, for each provider. */
export const loginCellLimit = 1_024;

/** The circuits of one provider. A circuit that never failed is not stored. */
export class ProviderCells {
  readonly byName: Map<string, Cell> = new Map();
  /** Failures that are not charged until a different request fails in the same way. */
  readonly notes: FailureNotes = new FailureNotes();
  lastFailureAtMs: number | null = null;

  /** The stored circuits in `candidate`'s way. */
  of(candidate: Candidate): readonly Cell[] {
    if (this.byName.size === 0) return [];
    return scopeNamesOf(candidate).flatMap((name) => this.byName.get(name) ?? []);
  }

  /** Decides whether a circuit is stored for a key that `keyIndexes` does not keep. */
  hasOtherKeys(keyIndexes: ReadonlyMap<number, number>): boolean {
    return [...this.byName.values()].some(({ scope }) => "keyIndex" in scope && !keyIndexes.has(scope.keyIndex));
  }

  /**
   * Decides whether a deployment other than `own` has been out since `sinceMs` or later for a failure that was
   * unclear at first.
   */
  hasOtherUnclear(own: Cell, sinceMs: number): boolean {
    for (const cell of this.byName.values()) {
      if (cell === own || cell.isUnclear !== true || cell.scope.type !== "deployment") continue;
      if (cell.circuit.state !== "closed" && cell.circuit.openedAtMs > sinceMs) return true;
    }
    return false;
  }

  /** Decides whether half of the circuits that may name a model are stored. */
  isHalfFull(): boolean {
    if (this.byName.size < modelCellLimit / 2) return false;
    const named = [...this.byName.values()].filter(({ scope }) => "model" in scope && !("login" in scope));
    return named.length >= modelCellLimit / 2;
  }

  /** The cell that has to go before one for `scope` may be added, if any: of those that clients can multiply, the soonest to end. */
  surplus(scope: CellScope): readonly [name: string, cell: Cell] | undefined {
    const isLogin = "login" in scope;
    if (!isLogin && !("model" in scope)) return undefined;
    if (this.byName.size < Math.min(loginCellLimit, modelCellLimit)) return undefined;
    const rivals = [...this.byName].filter(([, cell]) =>
      isLogin ? "login" in cell.scope : "model" in cell.scope && !("login" in cell.scope),
    );
    if (rivals.length < (isLogin ? loginCellLimit : modelCellLimit)) return undefined;
    return rivals.reduce((least, entry) => (endMs(entry[1]) < endMs(least[1]) ? entry : least));
  }
}

function endMs({ circuit }: Cell): number {
  return circuit.state === "closed" ? -Infinity : circuit.untilMs;
}

const closed: Availability = { type: "closed" };

/** Returns the worst of `cells`: open until the last of them is over, half-open if any is. `isRepeat`: see `nextProbeAtMs`. */
export function worstOf(cells: readonly Cell[], nowMs: number, isRepeat?: (digest: string) => boolean): Availability {
  let worst = closed;
  for (const cell of cells) worst = worse(worst, availabilityOf(cell.circuit, nowMs, isRepeat));
  return worst;
}

function availabilityOf(circuit: Circuit, nowMs: number, isRepeat?: (digest: string) => boolean): Availability {
  const now = circuitAt(circuit, nowMs);
  switch (now.state) {
    case "closed":
      return closed;
    case "half-open":
      return { type: "half-open", leaseFree: isLeaseFree(now.lease, nowMs), probeAtMs: nextProbeAtMs(now, isRepeat) };
    case "open":
      return {
        type: "open",
        untilMs: now.untilMs,
        reason: now.reason,
        probeAtMs: nextProbeAtMs(now, isRepeat),
        isProbed: !isLeaseFree(now.lease, nowMs),
      };
  }
}

function worse(a: Availability, b: Availability): Availability {
  if (a.type === "closed" || b.type === "closed") return a.type === "closed" ? b : a;
  const probeAtMs = Math.max(a.probeAtMs, b.probeAtMs);
  const isProbed = isUnderProbe(a) || isUnderProbe(b);
  if (a.type === "open" && b.type === "open") return { ...(b.untilMs > a.untilMs ? b : a), probeAtMs, isProbed };
  if (a.type === "open") return { ...a, probeAtMs, isProbed };
  if (b.type === "open") return { ...b, probeAtMs, isProbed };
  return { type: "half-open", leaseFree: a.leaseFree && b.leaseFree, probeAtMs };
}

/** Decides whether a probe is under way at a circuit that is not closed. */
export function isUnderProbe(availability: Availability): boolean {
  if (availability.type === "closed") return false;
  return availability.type === "open" ? availability.isProbed === true : !availability.leaseFree;
}

/** Returns a circuit for status displays. */
export function circuitStatus(circuit: Circuit, nowMs: number): CircuitStatus {
  const now = circuitAt(circuit, nowMs);
  if (now.state === "closed") {
    return { state: "closed", cooldownRemainingMs: 0, reason: null, failureCount: now.failedAtMs.length };
  }
  const cooldownRemainingMs = now.state === "open" ? now.untilMs - nowMs : 0;
  return { state: now.state, cooldownRemainingMs, reason: now.reason, failureCount: now.failures };
}

/** Returns the circuits of `cells` after the keys of the provider have moved from old to new indexes; no lease survives, its holder has an old index. */
export function movedCells(cells: ProviderCells, keyIndexes: ReadonlyMap<number, number>): readonly Cell[] {
  return [...cells.byName.values()].flatMap((cell): Cell[] => {
    const circuit: Circuit = cell.circuit.state === "closed" ? cell.circuit : { ...cell.circuit, lease: null };
    const shared = cell.shared && { shared: cell.shared };
    if (!("keyIndex" in cell.scope)) return [{ scope: cell.scope, circuit, ...shared }];
    const keyIndex = keyIndexes.get(cell.scope.keyIndex);
    return keyIndex === undefined ? [] : [{ scope: { ...cell.scope, keyIndex }, circuit, ...shared }];
  });
}
