import type { Reason } from "../policy/outcome.ts";
import type { CircuitStatus } from "../status-types.ts";
import { type Circuit, circuitAt, isLeaseFree } from "./circuit.ts";
import type { SharedCircuit } from "./merge.ts";
import { type Candidate, type CircuitScope, scopeNamesOf } from "./scope.ts";

/** Whether a candidate may be tried: the worst of its circuits (provider, deployment, key, key × deployment). */
export type Availability =
  | { readonly type: "closed" }
  | { readonly type: "half-open"; readonly leaseFree: boolean }
  | { readonly type: "open"; readonly untilMs: number; readonly reason: Reason };

/** One stored circuit. */
export interface Cell {
  readonly scope: CircuitScope;
  circuit: Circuit;
  /** What processes agree on; kept only where health is shared. */
  shared?: SharedCircuit;
  /** Since when other hosts alone keep the circuit open, without an attempt of this process; monotonic milliseconds. */
  takenOverAtMs?: number;
}

/** How many circuits that name a model one provider may have: clients choose model names where they are passed through. */
export const modelCellLimit = 256;

/** The circuits of one provider. A circuit that never failed is not stored. */
export class ProviderCells {
  readonly byName: Map<string, Cell> = new Map();
  lastFailureAtMs: number | null = null;

  /** The stored circuits in `candidate`'s way. */
  of(candidate: Candidate): readonly Cell[] {
    if (this.byName.size === 0) return [];
    return scopeNamesOf(candidate).flatMap((name) => this.byName.get(name) ?? []);
  }

  /** Whether a circuit is stored for a key that `keyIndexes` does not keep. */
  hasOtherKeys(keyIndexes: ReadonlyMap<number, number>): boolean {
    return [...this.byName.values()].some(({ scope }) => "keyIndex" in scope && !keyIndexes.has(scope.keyIndex));
  }

  /** Whether half of the circuits that may name a model are stored. */
  isHalfFull(): boolean {
    if (this.byName.size < modelCellLimit / 2) return false;
    const named = [...this.byName.values()].filter(({ scope }) => "model" in scope);
    return named.length >= modelCellLimit / 2;
  }

  /** The cell that has to go before another one that names a model may be added, if any. */
  surplus(): readonly [name: string, cell: Cell] | undefined {
    const named = [...this.byName].filter(([, { scope }]) => "model" in scope);
    if (named.length < modelCellLimit) return undefined;
    return named.reduce((least, entry) => (endMs(entry[1]) < endMs(least[1]) ? entry : least));
  }
}

function endMs({ circuit }: Cell): number {
  return circuit.state === "closed" ? -Infinity : circuit.untilMs;
}

const closed: Availability = { type: "closed" };

/** The worst of `cells`: open until the last of them is over, half-open if any is. */
export function worstOf(cells: readonly Cell[], nowMs: number): Availability {
  let worst = closed;
  for (const cell of cells) worst = worse(worst, availabilityOf(cell.circuit, nowMs));
  return worst;
}

function availabilityOf(circuit: Circuit, nowMs: number): Availability {
  const now = circuitAt(circuit, nowMs);
  switch (now.state) {
    case "closed":
      return closed;
    case "half-open":
      return { type: "half-open", leaseFree: isLeaseFree(now.lease, nowMs) };
    case "open":
      return { type: "open", untilMs: now.untilMs, reason: now.reason };
  }
}

function worse(a: Availability, b: Availability): Availability {
  if (a.type === "closed" || b.type === "closed") return a.type === "closed" ? b : a;
  if (a.type === "open" && b.type === "open") return b.untilMs > a.untilMs ? b : a;
  if (a.type === "open") return a;
  if (b.type === "open") return b;
  return { type: "half-open", leaseFree: a.leaseFree && b.leaseFree };
}

/** A circuit for status displays. */
export function circuitStatus(circuit: Circuit, nowMs: number): CircuitStatus {
  const now = circuitAt(circuit, nowMs);
  if (now.state === "closed") {
    return { state: "closed", cooldownRemainingMs: 0, reason: null, failureCount: now.failedAtMs.length };
  }
  const cooldownRemainingMs = now.state === "open" ? now.untilMs - nowMs : 0;
  return { state: now.state, cooldownRemainingMs, reason: now.reason, failureCount: now.failures };
}

/** The circuits of `cells` after the keys of the provider have moved from old to new indexes; no lease survives, its holder has an old index. */
export function movedCells(cells: ProviderCells, keyIndexes: ReadonlyMap<number, number>): readonly Cell[] {
  return [...cells.byName.values()].flatMap((cell): Cell[] => {
    const circuit: Circuit = cell.circuit.state === "half-open" ? { ...cell.circuit, lease: null } : cell.circuit;
    const shared = cell.shared && { shared: cell.shared };
    if (!("keyIndex" in cell.scope)) return [{ scope: cell.scope, circuit, ...shared }];
    const keyIndex = keyIndexes.get(cell.scope.keyIndex);
    return keyIndex === undefined ? [] : [{ scope: { ...cell.scope, keyIndex }, circuit, ...shared }];
  });
}
