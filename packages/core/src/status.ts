import { candidatesFor, rankCandidates } from "./candidates.ts";
import type { ProviderConfig } from "./config-types.ts";
import { latencyAt } from "./health/latency.ts";
import type { Runtime, Snapshot } from "./runtime.ts";
import type { BalancerStatus, ProviderStatus } from "./status-types.ts";
import { keyCount } from "./upstream/headers.ts";

/** A name that every provider with a big model covers: who would take it is the current provider. */
const usualModel = "claude-opus";

/** The state of all providers, disabled ones included; plain data without secrets. */
export function balancerStatus(snapshot: Snapshot, runtime: Runtime): BalancerStatus {
  const [first] = rankCandidates(snapshot, runtime, candidatesFor(snapshot, usualModel, undefined), {
    turn: 0,
    session: undefined,
    request: undefined,
  });
  return {
    strategy: snapshot.settings.selectionStrategy,
    currentProvider: first && first.standing !== "open" ? first.candidate.provider : null,
    providers: snapshot.config.providers.map((provider) => providerStatus(provider, runtime)),
  };
}

function providerStatus(provider: ProviderConfig, runtime: Runtime): ProviderStatus {
  const nowMs = runtime.clock.now();
  const health = runtime.health.status(provider.name, nowMs);
  const load = runtime.load.of(provider.name);
  const { sinceLastFailureMs: _since, keyDeployments: _keyDeployments, ...circuits } = health;
  return {
    ...circuits,
    name: provider.name,
    type: provider.type,
    baseUrl: provider.baseUrl,
    enabled: provider.enabled,
    healthy: provider.enabled && health.state !== "open" && hasUsableKey(provider, runtime, nowMs),
    bigModel: provider.bigModel ?? null,
    smallModel: provider.smallModel ?? null,
    lastFailureAtMs: load.lastFailureAtMs,
    inFlight: load.inFlight,
    requests: load.requests,
    failures: load.failures,
    timeToFirstContentMs: slowestModelMs(provider, runtime, nowMs),
  };
}

function hasUsableKey(provider: ProviderConfig, runtime: Runtime, nowMs: number): boolean {
  const { keys } = runtime.health.status(provider.name, nowMs);
  const open = new Set(keys.filter(({ state }) => state === "open").map(({ index }) => index));
  return open.size < keyCount(provider.auth);
}

function slowestModelMs(provider: ProviderConfig, runtime: Runtime, nowMs: number): number | null {
  let slowest: number | null = null;
  for (const [key, latency] of runtime.latencies) {
    if (key.startsWith(`${provider.name}\n`)) slowest = Math.max(slowest ?? 0, latencyAt(latency, nowMs));
  }
  return slowest === null ? null : Math.round(slowest);
}
