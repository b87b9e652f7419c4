import { candidatesFor, rankCandidates } from "./candidates.ts";
import type { ProviderConfig } from "./config-types.ts";
import { latencyAt } from "./health/latency.ts";
import type { Availability, ProviderHealthStatus } from "./health/table.ts";
import type { Runtime, Snapshot } from "./runtime.ts";
import type { BalancerStatus, CircuitStatus, ProviderStatus } from "./status-types.ts";
import { keyCount } from "./upstream/headers.ts";

/** A name that every provider with a big model covers: who would take it is the current provider. */
const usualModel = "claude-opus";

/** The state of all providers, disabled ones included; plain data without secrets. */
export function balancerStatus(snapshot: Snapshot, runtime: Runtime): BalancerStatus {
  const ranked = rankCandidates(snapshot, runtime, candidatesFor(snapshot, usualModel, undefined), {
    turn: 0,
    session: undefined,
    request: undefined,
  });
  const providers = snapshot.config.providers.map((provider) => providerStatus(provider, runtime));
  // A provider of which only other models are known, and those cool down, is shown as unhealthy, and is not the current one.
  const healthy = new Set(providers.flatMap((provider) => (provider.healthy ? [provider.name] : [])));
  const first = ranked.find(({ standing, candidate }) => standing !== "open" && healthy.has(candidate.provider));
  return {
    strategy: snapshot.settings.selectionStrategy,
    currentProvider: first?.candidate.provider ?? null,
    providers,
  };
}

function providerStatus(provider: ProviderConfig, runtime: Runtime): ProviderStatus {
  const nowMs = runtime.clock.now();
  const health = runtime.health.status(provider.name, nowMs);
  const load = runtime.load.of(provider.name);
  const circuit = overallCircuit(provider, health, runtime);
  return {
    ...circuit,
    name: provider.name,
    type: provider.type,
    baseUrl: provider.baseUrl,
    enabled: provider.enabled !== false,
    healthy: provider.enabled !== false && circuit.state !== "open",
    bigModel: provider.bigModel ?? null,
    smallModel: provider.smallModel ?? null,
    lastFailureAtMs: load.lastFailureAtMs,
    inFlight: load.inFlight,
    requests: load.requests,
    failures: load.failures,
    timeToFirstContentMs: slowestModelMs(provider, runtime, nowMs),
    keys: health.keys,
    deployments: health.deployments,
    keyDeployments: health.keyDeployments,
  };
}

/**
 * How the provider stands as a whole: as well as its best key for its big model. Where names are passed through, the models that it has been asked
 * for stand for it.
 */
function overallCircuit(provider: ProviderConfig, health: ProviderHealthStatus, runtime: Runtime): CircuitStatus {
  const nowMs = runtime.clock.now();
  let best: Availability | undefined;
  for (const model of usualModels(provider, health, runtime)) {
    for (let keyIndex = 0; keyIndex < keyCount(provider.auth); keyIndex += 1) {
      const availability = runtime.health.availability({ provider: provider.name, keyIndex, model }, nowMs);
      if (!best || waitMs(availability, nowMs) < waitMs(best, nowMs)) best = availability;
    }
  }
  const circuits = [health, ...health.keys, ...health.deployments, ...health.keyDeployments];
  const failureCount = circuits.reduce((most, circuit) => Math.max(most, circuit.failureCount), 0);
  if (best?.type === "open") {
    return { state: "open", cooldownRemainingMs: best.untilMs - nowMs, reason: best.reason, failureCount };
  }
  const reason = circuits.find((circuit) => circuit.reason !== null)?.reason ?? null;
  return { state: best?.type ?? "closed", cooldownRemainingMs: 0, reason, failureCount };
}

function waitMs(availability: Availability, nowMs: number): number {
  switch (availability.type) {
    case "closed":
      return -1;
    case "half-open":
      return 0;
    case "open":
      return availability.untilMs - nowMs;
  }
}

function usualModels(provider: ProviderConfig, health: ProviderHealthStatus, runtime: Runtime): readonly string[] {
  if (provider.bigModel !== undefined && provider.bigModel !== "passthrough") return [provider.bigModel];
  const seen = new Set([...health.deployments, ...health.keyDeployments].map(({ model }) => model));
  for (const key of runtime.latencies.keys()) {
    if (key.startsWith(`${provider.name}\n`)) seen.add(key.slice(provider.name.length + 1));
  }
  return seen.size === 0 ? [usualModel] : [...seen];
}

function slowestModelMs(provider: ProviderConfig, runtime: Runtime, nowMs: number): number | null {
  let slowest: number | null = null;
  for (const [key, latency] of runtime.latencies) {
    if (key.startsWith(`${provider.name}\n`)) slowest = Math.max(slowest ?? 0, latencyAt(latency, nowMs));
  }
  return slowest === null ? null : Math.round(slowest);
}
