import { candidatesFor } from "../call/candidates.ts";
import { rankCandidates } from "../call/rank-candidates.ts";
import type { ProviderConfig } from "../base/config-types.ts";
import { latencyAt } from "../health/latency.ts";
import type { Availability, ProviderHealthStatus } from "../health/table.ts";
import { learnedLimits, nextProbeInMs, nextRequest, type Outlook, outlookOf } from "./outlook.ts";
import { learnedProfiles } from "../call/teach.ts";
import { quotaStatus } from "./quota-status.ts";
import type { RankedCandidate } from "../policy/select.ts";
import type { Runtime, Snapshot } from "../call/runtime.ts";
import type { BalancerStatus, CircuitStatus, HeldStatus, ProviderStatus } from "../base/status-types.ts";
import { keyCount } from "../dialects/headers.ts";

/** A name that every provider with a big model covers: who would take it is the current provider. */
const usualModel = "claude-opus";

/** Returns the state of all providers, disabled ones included; plain data without secrets. */
export function balancerStatus(snapshot: Snapshot, runtime: Runtime): BalancerStatus {
  const nowMs = runtime.clock.now();
  const overall = new Map(snapshot.config.providers.map((provider) => [provider.name, overallOf(provider, runtime)]));
  const candidates = candidatesFor(snapshot, usualModel, undefined).map((candidate) => {
    // A provider that gets names unchanged is shown by the model whose state is known.
    const { model } = overall.get(candidate.provider) ?? candidate;
    return candidate.model === usualModel ? { ...candidate, model } : candidate;
  });
  const ranked = rankCandidates(snapshot, runtime, candidates, { turn: 0, session: undefined, request: undefined });
  // A provider of which only other models are known, and those cool down, is shown as unhealthy, and is not the current one.
  const isOut = ({ candidate, obstacle }: RankedCandidate): boolean =>
    obstacle === "none" && overall.get(candidate.provider)?.circuit.state === "open";
  const outlook = outlookOf(
    ranked.filter((one) => !isOut(one)),
    candidates,
    { snapshot, runtime },
  );
  const next = nextRequest(outlook, snapshot, runtime);
  const { host, room } = runtime;
  return {
    strategy: snapshot.settings.selectionStrategy,
    currentProvider: next.type === "served" ? next.provider : null,
    nextRequest: next,
    holds: runtime.holds.list(nowMs),
    waiting: room.size,
    hostSuspicion: host.isSuspected ? { nextTryInMs: Math.max(0, host.nextTryAtMs - nowMs) } : null,
    providers: snapshot.config.providers.map((provider) => {
      const circuit = overall.get(provider.name)?.circuit ?? overallOf(provider, runtime).circuit;
      return providerStatus(provider, { circuit, outlook, runtime });
    }),
  };
}

interface ProviderFacts {
  readonly circuit: CircuitStatus;
  readonly outlook: Outlook;
  readonly runtime: Runtime;
}

function providerStatus(provider: ProviderConfig, { circuit, outlook, runtime }: ProviderFacts): ProviderStatus {
  const { nowMs } = outlook;
  const { name, maxConcurrent = null } = provider;
  const health = runtime.health.status(name, nowMs);
  const load = runtime.load.of(name);
  const own = outlook.ranked.filter(({ candidate }) => candidate.provider === name);
  const probesInMs = own.flatMap((one) => nextProbeInMs(one, outlook) ?? []);
  const isHeld = runtime.holds.list(nowMs).some((hold) => hold.provider === name && isWhole(hold));
  const isAtLimit = maxConcurrent !== null && load.inFlight >= maxConcurrent;
  return {
    ...circuit,
    name,
    type: provider.type,
    baseUrl: provider.baseUrl,
    enabled: provider.enabled !== false,
    healthy: provider.enabled !== false && circuit.state !== "open" && !isHeld,
    bigModel: provider.bigModel ?? null,
    smallModel: provider.smallModel ?? null,
    lastFailureAtMs: load.lastFailureAtMs,
    inFlight: load.inFlight,
    maxConcurrent,
    isFull: isAtLimit || (own.length > 0 && own.every(({ obstacle }) => obstacle === "full")),
    isProbed: health.isProbed,
    nextProbeInMs: probesInMs.reduce<number | null>((least, ms) => Math.min(least ?? ms, ms), null),
    limits: learnedLimits(name, provider.auth.type === "passthrough", runtime),
    learned: learnedProfiles(provider, runtime.learned, nowMs),
    quotas: quotaStatus(name, runtime),
    loginsOut: health.openLogins,
    requests: load.requests,
    failures: load.failures,
    timeToFirstContentMs: slowestModelMs(provider, runtime, nowMs),
    keys: health.keys,
    deployments: health.deployments,
    keyDeployments: health.keyDeployments,
  };
}

/** Decides whether a hold takes a whole provider out. */
function isWhole({ keyIndex, model }: HeldStatus): boolean {
  return keyIndex === undefined && model === undefined;
}

/** State of a provider as a whole, and the model that it is taken from. */
interface Overall {
  readonly circuit: CircuitStatus;
  readonly model: string;
}

/**
 * Computes the state of a provider as a whole: the state of its best key for its big model. Where names are passed
 * through, the models that it has been asked for count.
 */
function overallOf(provider: ProviderConfig, runtime: Runtime): Overall {
  const nowMs = runtime.clock.now();
  const health = runtime.health.status(provider.name, nowMs);
  let best: Availability | undefined;
  let bestModel = usualModel;
  for (const model of usualModels(provider, health, runtime)) {
    for (let keyIndex = 0; keyIndex < keyCount(provider.auth); keyIndex += 1) {
      const availability = runtime.health.availability({ provider: provider.name, keyIndex, model }, nowMs);
      if (best && waitMs(availability, nowMs) >= waitMs(best, nowMs)) continue;
      best = availability;
      bestModel = model;
    }
  }
  const circuits = [health, ...health.keys, ...health.deployments, ...health.keyDeployments];
  const failureCount = circuits.reduce((most, circuit) => Math.max(most, circuit.failureCount), 0);
  if (best?.type === "open") {
    const circuit: CircuitStatus = {
      state: "open",
      cooldownRemainingMs: best.untilMs - nowMs,
      reason: best.reason,
      failureCount,
    };
    return { circuit, model: bestModel };
  }
  const reason = circuits.find((circuit) => circuit.reason !== null)?.reason ?? null;
  const circuit: CircuitStatus = { state: best?.type ?? "closed", cooldownRemainingMs: 0, reason, failureCount };
  return { circuit, model: bestModel };
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
