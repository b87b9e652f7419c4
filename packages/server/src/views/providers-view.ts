import type {
  BalancerStatus,
  CircuitStatus,
  LearnedProfileStatus,
  NextRequest,
  ProviderStatus,
  ProviderType,
  Reason,
} from "@ccpb/core";
import { reasonText } from "../base/reason-text.ts";

/** A circuit as `/providers` shows it; `cooldown_remaining` in seconds. */
interface CircuitView {
  readonly status: "closed" | "open" | "half-open";
  readonly cooldown_remaining: number;
  readonly reason: string | null;
  /** The provider's own words about the failure: redacted, at most 200 characters. */
  readonly words: string | null;
  /** The id that the provider gave the failed request. */
  readonly upstream_request_id: string | null;
  readonly failure_count: number;
}

/** A limit of requests at once that the provider has shown by a 429. */
interface LimitView {
  /** The key's place in the configuration, from 1; null for clients' own logins, of which the lowest limit is given. */
  readonly key: number | null;
  readonly model: string;
  readonly limit: number;
  readonly in_flight: number;
  /** Number of logins that have a limit at the model; 1 for a key. */
  readonly credentials: number;
}

/** Holds the lessons about one model of a provider. */
interface LearnedView {
  readonly model: string;
  /** Row of the table of refusals, such as `mid-system`. */
  readonly lessons: readonly string[];
  /** The line of `providers.yaml` that makes it permanent. */
  readonly profile: string;
  /** Seconds until the first lesson is forgotten, so that it is tested again. */
  readonly forgotten_in: number;
}

/** A quota window of a key, as the provider's rate limit headers state it; times as ISO 8601, `length` in seconds. */
export interface QuotaView {
  /** The key's place in the configuration, from 1; null for clients' own logins, of which the most used window is given. */
  readonly key: number | null;
  /** The upstream model that it counts; null where it counts all. */
  readonly model: string | null;
  /** Name of the window in the provider's words: `5h`, `7d`, `requests`, `tokens-minute`. */
  readonly window: string;
  /** The used share, from 0; 1 is all of it. */
  readonly used: number;
  /** Time at which the window starts anew or is full again; null where the provider does not say. */
  readonly resets_at: string | null;
  readonly length: number | null;
  /** Requests or tokens in all, and left; null where the provider states shares. */
  readonly limit: number | null;
  readonly remaining: number | null;
  /** Time at which the provider stated it. */
  readonly heard_at: string;
  /** Number of logins that have such a window; 1 for a key. */
  readonly credentials: number;
}

/** One provider in `/providers`; times in seconds but where the name says ms, `last_failure_time` as ISO 8601. */
export interface ProviderView {
  readonly name: string;
  readonly type: ProviderType;
  readonly base_url: string;
  readonly enabled: boolean;
  readonly healthy: boolean;
  readonly failure_count: number;
  readonly last_failure_time: string | null;
  readonly big_model: string | null;
  readonly small_model: string | null;
  readonly status: "closed" | "open" | "half-open" | "disabled";
  /** State of a provider that an operator keeps out: `disabled` or `draining`; null without one. */
  readonly held: "disabled" | "draining" | null;
  readonly cooldown_remaining: number;
  readonly reason: string | null;
  /** Words of the provider, as in the circuits below it. */
  readonly words: string | null;
  readonly upstream_request_id: string | null;
  /** A request probes it now. */
  readonly probe_under_way: boolean;
  /** Seconds until a request may probe it before its cooldown is over, because no other provider can serve; null where none may. */
  readonly next_probe_in: number | null;
  /** The configured `max_concurrent`; null where there is none. */
  readonly max_concurrent: number | null;
  /** True if it has no room for one more request: `max_concurrent` or a learned limit is reached. */
  readonly full: boolean;
  /** Limits of requests at once that the provider has shown, by key and model. */
  readonly limits: readonly LimitView[];
  /** Lessons about its models, which the balancer applies to its requests. A reset drops them. */
  readonly learned: readonly LearnedView[];
  /** Quota windows that the provider has stated in the headers of its answers. */
  readonly quota: readonly QuotaView[];
  /** Number of clients' own logins that it refuses for now; other clients are not affected. */
  readonly logins_out: number;
  /** Health per upstream model, where it differs from the provider's own. */
  readonly models: readonly (CircuitView & { readonly model: string })[];
  /** Health of one key at one model: what a 429 takes out. */
  readonly key_models: readonly (CircuitView & { readonly key: number; readonly model: string })[];
  /** Health per key, by its place in the configuration, from 1. */
  readonly keys: readonly (CircuitView & { readonly key: number })[];
  readonly requests: { readonly total: number; readonly failed: number; readonly in_flight: number };
  readonly latency: { readonly time_to_first_content_ms: number | null };
}

/** The answer of `GET /providers`. */
export interface ProvidersView {
  /** Disabled ones included. */
  readonly total_providers: number;
  readonly enabled_providers: number;
  readonly healthy_providers: number;
  /** Provider that serves a new request; null: none can serve one at once. */
  readonly current_provider: string | null;
  /** Destination of a new request now; see `nextRequestView`. */
  readonly next_request: NextRequestView;
  /** Requests that wait for room at a provider or for a probe. */
  readonly waiting: number;
  /** No connection to any provider came about: this machine or its network is suspected. Null where it is not; `next_try_in` in seconds. */
  readonly host_suspicion: { readonly next_try_in: number } | null;
  readonly strategy: string;
  readonly providers: readonly ProviderView[];
}

/** Builds the body of `/providers` from a balancer's status; it holds no secret, because the status holds none. */
export function providersView(status: BalancerStatus): ProvidersView {
  return {
    total_providers: status.providers.length,
    enabled_providers: status.providers.filter((provider) => provider.enabled).length,
    healthy_providers: status.providers.filter((provider) => provider.healthy).length,
    current_provider: status.currentProvider,
    next_request: nextRequestView(status.nextRequest),
    waiting: status.waiting,
    host_suspicion: hostSuspicionView(status.hostSuspicion),
    strategy: status.strategy,
    providers: status.providers.map((provider) => providerView(provider, status.holds)),
  };
}

/** Builds the view of the suspicion that this machine or its network is at fault; `next_try_in` in seconds. */
export function hostSuspicionView(suspicion: BalancerStatus["hostSuspicion"]): { readonly next_try_in: number } | null {
  return suspicion === null ? null : { next_try_in: seconds(suspicion.nextTryInMs) };
}

/**
 * Fate of a new request. `outcome` is `served` (by `provider`), `probe` (it probes `provider`, because
 * none can serve), `wait` (for `waits_for`: `room`, `probe`, `host` or `hold`) or `refused` (503). `in`: seconds
 * until something is tried, or until it is worth asking again; null: unknown.
 */
export interface NextRequestView {
  readonly outcome: "served" | "probe" | "wait" | "refused";
  readonly provider: string | null;
  readonly waits_for: "room" | "probe" | "host" | "hold" | null;
  readonly in: number | null;
}

/** Builds the view of what would happen to a new request; times in seconds. */
export function nextRequestView(next: NextRequest): NextRequestView {
  const view = { outcome: next.type, provider: null, waits_for: null, in: null };
  switch (next.type) {
    case "served":
    case "probe":
      return { ...view, provider: next.provider };
    case "wait":
      return { ...view, waits_for: next.waitsFor, in: next.forMs === null ? null : seconds(next.forMs) };
    case "refused":
      return { ...view, in: seconds(next.retryAfterMs) };
  }
}

function providerView(provider: ProviderStatus, holds: BalancerStatus["holds"]): ProviderView {
  const circuit = circuitInTheWay(provider);
  const hold = holds.find((one) => one.provider === provider.name && isOfWhole(one));
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
    held: hold?.type ?? null,
    cooldown_remaining: seconds(circuit.cooldownRemainingMs),
    ...reasonView(circuit.reason),
    probe_under_way: provider.isProbed,
    next_probe_in: provider.nextProbeInMs === null ? null : seconds(provider.nextProbeInMs),
    max_concurrent: provider.maxConcurrent,
    full: provider.isFull,
    limits: provider.limits.map(({ keyIndex, model, limit, inFlight, credentials }) => ({
      key: keyIndex === null ? null : keyIndex + 1,
      model,
      limit,
      in_flight: inFlight,
      credentials,
    })),
    learned: provider.learned.map(learnedView),
    quota: provider.quotas.map(quotaView),
    logins_out: provider.loginsOut,
    models: provider.deployments.map((deployment) => ({ model: deployment.model, ...circuitView(deployment) })),
    key_models: provider.keyDeployments.map(({ index, model, ...circuit }) => ({
      key: index + 1,
      model,
      ...circuitView(circuit),
    })),
    keys: provider.keys.map((key) => ({ key: key.index + 1, ...circuitView(key) })),
    requests: { total: provider.requests, failed: provider.failures, in_flight: provider.inFlight },
    latency: { time_to_first_content_ms: round(provider.timeToFirstContentMs) },
  };
}

/** Holds the lessons about one model. */
export function learnedView({ model, lessons, line, remainingMs }: LearnedProfileStatus): LearnedView {
  return { model, lessons, profile: line, forgotten_in: seconds(remainingMs) };
}

/** Decides whether a hold keeps a whole provider out. */
export function isOfWhole({ keyIndex, model }: BalancerStatus["holds"][number]): boolean {
  return keyIndex === undefined && model === undefined;
}

function quotaView(window: ProviderStatus["quotas"][number]): QuotaView {
  return {
    key: window.keyIndex === null ? null : window.keyIndex + 1,
    model: window.model,
    window: window.name,
    used: Math.round(window.used * 10_000) / 10_000,
    resets_at: window.resetsAtMs === null ? null : new Date(window.resetsAtMs).toISOString(),
    length: window.lengthMs === null ? null : window.lengthMs / 1_000,
    limit: window.limit ?? null,
    remaining: window.remaining ?? null,
    heard_at: new Date(window.heardAtMs).toISOString(),
    credentials: window.credentials,
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
    ...reasonView(circuit.reason),
    failure_count: circuit.failureCount,
  };
}

/** Returns a reason, the provider's own words and its id of the request; null where there is none. */
export function reasonView(reason: Reason | null): Pick<CircuitView, "reason" | "words" | "upstream_request_id"> {
  return {
    reason: reason === null ? null : reasonText(reason),
    words: reason?.words ?? null,
    upstream_request_id: reason?.requestId ?? null,
  };
}

function seconds(ms: number): number {
  return Math.ceil(ms / 100) / 10;
}

function round(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}
