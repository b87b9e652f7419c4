import type {
  BalancerStatus,
  CircuitStatus,
  LearnedLimitStatus,
  LearnedProfileStatus,
  NextRequest,
  ProviderStatus,
  QuotaStatus,
} from "@ccpb/core";
import type { MetricSamples } from "../metrics/exposition.ts";
import type { Sample } from "../metrics/tally.ts";
import type { Overview } from "../views/overview.ts";
import { isOfWhole } from "../views/providers-view.ts";
import { orderCalls } from "../views/call-history.ts";

/** Merges the overviews of several processes; `undefined` for none. */
export function mergeOverviews(overviews: readonly Overview[]): Overview | undefined {
  const status = mergeStatuses(overviews.map(({ status }) => status));
  if (status === undefined) return undefined;
  return {
    status,
    metrics: mergeMetrics(overviews.map(({ metrics }) => metrics)),
    calls: orderCalls(overviews.flatMap(({ calls }) => calls)),
    // The primary's, who alone has one.
    sharedState: overviews.find(({ sharedState }) => sharedState)?.sharedState ?? null,
    controls: overviews.find(({ controls }) => controls)?.controls ?? [],
  };
}

/** Reduces the overview of a process that has ended to its counts, without its state. */
export function countsOf({ status, metrics }: Overview): Overview {
  const providers = status.providers.map((provider) => ({
    ...provider,
    ...closed,
    ...idle,
    timeToFirstContentMs: null,
    keys: [],
    deployments: [],
    keyDeployments: [],
  }));
  const { strategy } = status;
  return {
    status: { ...emptyStatus, strategy, providers },
    metrics: metrics.filter(({ type }) => type !== "gauge"),
    calls: [],
  };
}

/** The status of a process that serves no request, such as the primary. */
export const emptyStatus: BalancerStatus = {
  strategy: "priority",
  currentProvider: null,
  nextRequest: { type: "refused", retryAfterMs: 1_000 },
  holds: [],
  waiting: 0,
  hostSuspicion: null,
  providers: [],
};

const idle = {
  inFlight: 0,
  maxConcurrent: null,
  // It takes no request, so that the others alone decide whether there is room.
  isFull: true,
  isProbed: false,
  nextProbeInMs: null,
  limits: [],
  learned: [],
  quotas: [],
  loginsOut: 0,
} as const;

const closed: CircuitStatus = { state: "closed", cooldownRemainingMs: 0, reason: null, failureCount: 0 };

/** The values of the same series become one, as each metric says. */
export function mergeMetrics(all: readonly (readonly MetricSamples[])[]): MetricSamples[] {
  const merged = new Map<string, { readonly metric: MetricSamples; readonly series: Map<string, Sample> }>();
  for (const metric of all.flat()) {
    const known = merged.get(metric.name) ?? { metric, series: new Map<string, Sample>() };
    merged.set(metric.name, known);
    for (const sample of metric.samples) {
      const key = JSON.stringify([sample.metricName, Object.entries(sample.labels).toSorted(byName)]);
      const before = known.series.get(key);
      const value = before === undefined ? sample.value : combine[metric.merge](before.value, sample.value);
      known.series.set(key, { ...sample, value });
    }
  }
  return [...merged.values()].map(({ metric, series }) => ({ ...metric, samples: [...series.values()] }));
}

const combine: Readonly<Record<MetricSamples["merge"], (a: number, b: number) => number>> = {
  sum: (a, b) => a + b,
  max: Math.max,
  min: Math.min,
};

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}

/**
 * Returns the state of the providers as all processes together see it. Health is shared, so they agree but for moments; where they do not, the worse counts.
 * The first one says which providers there are.
 */
export function mergeStatuses(statuses: readonly BalancerStatus[]): BalancerStatus | undefined {
  const [first] = statuses;
  if (first === undefined) return undefined;
  const providers = first.providers.map(({ name }) =>
    mergeProvider(
      statuses.flatMap(({ providers }) => providers.filter((provider) => provider.name === name)),
      first.holds.some((hold) => hold.provider === name && isOfWhole(hold)),
    ),
  );
  const nextRequest = mergeNext(
    statuses.map((status) => status.nextRequest),
    (provider) => providers.some(({ name, healthy }) => name === provider && healthy),
  );
  const nextTryInMs = leastOrNull(statuses.map((status) => status.hostSuspicion?.nextTryInMs ?? null));
  return {
    ...first,
    currentProvider: nextRequest.type === "served" ? nextRequest.provider : null,
    nextRequest,
    waiting: sum(statuses.map(({ waiting }) => waiting)),
    hostSuspicion: nextTryInMs === null ? null : { nextTryInMs },
    providers,
  };
}

const nextOrder: Readonly<Record<NextRequest["type"], number>> = { served: 0, probe: 1, wait: 2, refused: 3 };

/** The best that any process would do with a new request; none is served by a provider that another process knows to be out. */
function mergeNext(all: readonly NextRequest[], isHealthy: (provider: string) => boolean): NextRequest {
  const possible = all.filter((next) => next.type !== "served" || isHealthy(next.provider));
  return possible.reduce<NextRequest>(
    (best, next) => (nextOrder[next.type] < nextOrder[best.type] ? next : best),
    possible[0] ?? emptyStatus.nextRequest,
  );
}

function mergeProvider(views: readonly ProviderStatus[], isHeld: boolean): ProviderStatus {
  // The caller found at least the one that it was looking for.
  const [first] = views as [ProviderStatus];
  const circuit = worst(views);
  const failures = views.flatMap(({ lastFailureAtMs }) => lastFailureAtMs ?? []);
  const waits = views.flatMap(({ timeToFirstContentMs }) => timeToFirstContentMs ?? []);
  return {
    ...first,
    ...circuit,
    healthy: first.enabled && circuit.state !== "open" && !isHeld,
    lastFailureAtMs: failures.reduce<number | null>((latest, at) => Math.max(latest ?? at, at), null),
    inFlight: sum(views.map(({ inFlight }) => inFlight)),
    // Each worker has a share of the limit.
    maxConcurrent: sumOrNull(views.map(({ maxConcurrent }) => maxConcurrent)),
    isFull: views.every(({ isFull }) => isFull),
    isProbed: views.some(({ isProbed }) => isProbed),
    nextProbeInMs: leastOrNull(views.map(({ nextProbeInMs }) => nextProbeInMs)),
    limits: mergeLimits(views.flatMap(({ limits }) => limits)),
    learned: mergeLearned(views.flatMap(({ learned }) => learned)),
    quotas: mergeQuotas(views.flatMap(({ quotas }) => quotas)),
    // The same client may be known to several workers.
    loginsOut: views.reduce((most, { loginsOut }) => Math.max(most, loginsOut), 0),
    requests: sum(views.map(({ requests }) => requests)),
    failures: sum(views.map(({ failures }) => failures)),
    timeToFirstContentMs: waits.length === 0 ? null : Math.round(sum(waits) / waits.length),
    keys: mergeCircuits(views.flatMap(({ keys }) => keys)),
    deployments: mergeCircuits(views.flatMap(({ deployments }) => deployments)),
    keyDeployments: mergeCircuits(views.flatMap(({ keyDeployments }) => keyDeployments)),
  };
}

function sumOrNull(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : sum(known);
}

function leastOrNull(values: readonly (number | null)[]): number | null {
  return values.reduce((least, value) => (value === null ? least : Math.min(least ?? value, value)), null);
}

/** Every worker learns a limit for its own requests: all together may have the sum. */
function mergeLimits(limits: readonly LearnedLimitStatus[]): LearnedLimitStatus[] {
  const byPlace = new Map<string, LearnedLimitStatus>();
  for (const limit of limits) {
    const place = JSON.stringify([limit.keyIndex, limit.model]);
    const known = byPlace.get(place);
    const merged = known && {
      ...limit,
      limit: known.limit + limit.limit,
      inFlight: known.inFlight + limit.inFlight,
      credentials: Math.max(known.credentials, limit.credentials),
    };
    byPlace.set(place, merged ?? limit);
  }
  return [...byPlace.values()];
}

/** Lessons are shared, so that the process with the most of them of a model knows all. */
function mergeLearned(all: readonly LearnedProfileStatus[]): LearnedProfileStatus[] {
  const byModel = new Map<string, LearnedProfileStatus>();
  for (const learned of all) {
    const known = byModel.get(learned.model);
    if (known === undefined || known.lessons.length < learned.lessons.length) byModel.set(learned.model, learned);
  }
  return [...byModel.values()];
}

/** Every worker hears of the same quota: what was heard last holds; of clients' own logins the most used window. */
function mergeQuotas(quotas: readonly QuotaStatus[]): QuotaStatus[] {
  const byPlace = new Map<string, QuotaStatus>();
  for (const quota of quotas) {
    const place = JSON.stringify([quota.keyIndex, quota.model, quota.name]);
    const known = byPlace.get(place);
    if (known === undefined) byPlace.set(place, quota);
    else {
      const isNewer = quota.keyIndex === null ? quota.used > known.used : quota.heardAtMs > known.heardAtMs;
      const credentials = Math.max(quota.credentials, known.credentials);
      byPlace.set(place, { ...(isNewer ? quota : known), credentials });
    }
  }
  return [...byPlace.values()];
}

function mergeCircuits<View extends CircuitStatus & { readonly index?: number; readonly model?: string }>(
  views: readonly View[],
): View[] {
  const byPlace = new Map<string, View[]>();
  for (const view of views) {
    const place = JSON.stringify([view.index, view.model]);
    const same = byPlace.get(place);
    if (same) same.push(view);
    else byPlace.set(place, [view]);
  }
  return [...byPlace.values()].map((same) => ({ ...(same[0] as View), ...worst(same) }));
}

const badness = { closed: 0, "half-open": 1, open: 2 } as const;

function worst(circuits: readonly CircuitStatus[]): CircuitStatus {
  const { state, cooldownRemainingMs, reason } = circuits.reduce((worst, next) => {
    const difference = badness[next.state] - badness[worst.state];
    return difference > 0 || (difference === 0 && next.cooldownRemainingMs > worst.cooldownRemainingMs) ? next : worst;
  }, closed);
  const why = reason ?? circuits.find((circuit) => circuit.reason !== null)?.reason ?? null;
  const failureCount = circuits.reduce((most, circuit) => Math.max(most, circuit.failureCount), 0);
  return { state, cooldownRemainingMs, reason: why, failureCount };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
