import type { CircuitStatus } from "../base/status-types.ts";
import { circuitStatus, type ProviderCells } from "./cells.ts";
import { closedCircuit, isLeaseFree } from "./circuit.ts";

/** The health of one provider for status displays; a circuit that never failed is not listed. */
export interface ProviderHealthStatus extends CircuitStatus {
  /** Consecutive failures in all its circuits together. */
  readonly totalFailureCount: number;
  /** Milliseconds since its last failure in any scope; null if none is remembered. */
  readonly sinceLastFailureMs: number | null;
  readonly keys: readonly (CircuitStatus & { readonly index: number })[];
  readonly deployments: readonly (CircuitStatus & { readonly model: string })[];
  readonly keyDeployments: readonly (CircuitStatus & { readonly index: number; readonly model: string })[];
  /** Number of clients' own credentials that are kept out now. */
  readonly openLogins: number;
  /** An attempt probes one of its circuits; those of clients' own credentials do not count. */
  readonly isProbed: boolean;
}

/** Returns the health of a provider as it stands now; `cells` is undefined for one that never failed. */
export function providerHealthStatus(cells: ProviderCells | undefined, nowMs: number): ProviderHealthStatus {
  const stored = [...(cells?.byName.values() ?? [])];
  const all = stored.map(({ scope, circuit }) => ({
    scope,
    status: circuitStatus(circuit, nowMs),
  }));
  const own = all.find(({ scope }) => scope.type === "provider")?.status ?? circuitStatus(closedCircuit, nowMs);
  return {
    ...own,
    totalFailureCount: all.reduce((sum, { status }) => sum + status.failureCount, 0),
    sinceLastFailureMs: cells === undefined || cells.lastFailureAtMs === null ? null : nowMs - cells.lastFailureAtMs,
    keys: all.flatMap(({ scope, status }) => (scope.type === "key" ? { ...status, index: scope.keyIndex } : [])),
    deployments: all.flatMap(({ scope, status }) =>
      scope.type === "deployment" ? { ...status, model: scope.model } : [],
    ),
    keyDeployments: all.flatMap(({ scope, status }) =>
      scope.type === "key-deployment" ? { ...status, index: scope.keyIndex, model: scope.model } : [],
    ),
    openLogins: new Set(
      all.flatMap(({ scope, status }) => ("login" in scope && status.state === "open" ? scope.login : [])),
    ).size,
    isProbed: stored.some(
      ({ scope, circuit }) => !("login" in scope) && circuit.state !== "closed" && !isLeaseFree(circuit.lease, nowMs),
    ),
  };
}
