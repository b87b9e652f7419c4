import type { BalancerStatus, CircuitStatus, ProviderStatus, Reason } from "@ccpb/core";

/** A circuit as `/providers` shows it; `cooldown_remaining` in seconds. */
interface CircuitView {
  readonly status: "closed" | "open" | "half-open";
  readonly cooldown_remaining: number;
  readonly reason: string | null;
  readonly failure_count: number;
}

/** One provider in `/providers`; times in seconds but where the name says ms, `last_failure_time` as ISO 8601. */
export interface ProviderView {
  readonly name: string;
  readonly type: "anthropic" | "openai";
  readonly base_url: string;
  readonly enabled: boolean;
  readonly healthy: boolean;
  readonly failure_count: number;
  readonly last_failure_time: string | null;
  readonly big_model: string | null;
  readonly small_model: string | null;
  readonly status: "closed" | "open" | "half-open" | "disabled";
  readonly cooldown_remaining: number;
  readonly reason: string | null;
  /** Health per upstream model, where it differs from the provider's own. */
  readonly models: readonly (CircuitView & { readonly model: string })[];
  /** Health of one key at one model: what a 429 takes out. */
  readonly key_models: readonly (CircuitView & { readonly index: number; readonly model: string })[];
  /** Health per key, by its place in the configuration. */
  readonly keys: readonly (CircuitView & { readonly index: number })[];
  readonly requests: { readonly total: number; readonly failed: number; readonly in_flight: number };
  readonly latency: { readonly time_to_first_content_ms: number | null };
}

/** The answer of `GET /providers`. */
export interface ProvidersView {
  readonly total_providers: number;
  readonly healthy_providers: number;
  readonly current_provider: string | null;
  readonly strategy: string;
  readonly providers: readonly ProviderView[];
}

/** What `/providers` shows of a balancer's status; holds no secret, since the status holds none. */
export function providersView(status: BalancerStatus): ProvidersView {
  return {
    total_providers: status.providers.length,
    healthy_providers: status.providers.filter((provider) => provider.healthy).length,
    current_provider: status.currentProvider,
    strategy: status.strategy,
    providers: status.providers.map(providerView),
  };
}

function providerView(provider: ProviderStatus): ProviderView {
  const circuit = circuitInTheWay(provider);
  return {
    name: provider.name,
    type: provider.type,
    base_url: provider.baseUrl,
    enabled: provider.enabled,
    healthy: provider.healthy,
    failure_count: provider.failureCount,
    last_failure_time: provider.lastFailureAtMs === null ? null : new Date(provider.lastFailureAtMs).toISOString(),
    big_model: provider.bigModel,
    small_model: provider.smallModel,
    status: provider.enabled ? circuit.state : "disabled",
    cooldown_remaining: seconds(circuit.cooldownRemainingMs),
    reason: reasonText(circuit.reason),
    models: provider.deployments.map((deployment) => ({ model: deployment.model, ...circuitView(deployment) })),
    key_models: provider.keyDeployments.map(({ index, model, ...circuit }) => ({
      index,
      model,
      ...circuitView(circuit),
    })),
    keys: provider.keys.map((key) => ({ index: key.index, ...circuitView(key) })),
    requests: { total: provider.requests, failed: provider.failures, in_flight: provider.inFlight },
    latency: { time_to_first_content_ms: round(provider.timeToFirstContentMs) },
  };
}

/** The circuit that says why a provider cannot serve: its own, else that of the key which recovers soonest when all of them are out. */
function circuitInTheWay(provider: ProviderStatus): CircuitStatus {
  if (provider.healthy || provider.state === "open" || provider.keys.length === 0) return provider;
  if (provider.keys.some((key) => key.state !== "open")) return provider;
  return provider.keys.reduce((soonest, key) =>
    key.cooldownRemainingMs < soonest.cooldownRemainingMs ? key : soonest,
  );
}

function circuitView(circuit: CircuitStatus): CircuitView {
  return {
    status: circuit.state,
    cooldown_remaining: seconds(circuit.cooldownRemainingMs),
    reason: reasonText(circuit.reason),
    failure_count: circuit.failureCount,
  };
}

function reasonText(reason: Reason | null): string | null {
  return reason === null ? null : `${reason.class}: ${reason.detail}`;
}

function seconds(ms: number): number {
  return Math.ceil(ms / 100) / 10;
}

function round(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}
