import type { SharedCircuit } from "./merge.ts";
import type { CircuitScope } from "./scope.ts";

/** What one process tells the others about one circuit; plain JSON, no secrets. */
export interface HealthChange {
  readonly scope: CircuitScope;
  readonly circuit: SharedCircuit;
}

/** Background sharing of health between processes. `publish` must return at once and never throw; changes may arrive late, twice, in any order. */
export interface HealthReplica {
  publish(change: HealthChange): void;
  subscribe(apply: (change: HealthChange) => void): Disposable;
}
