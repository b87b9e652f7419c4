import type { ProviderStatus } from "@ccpb/core";
import { describe, expect, it } from "vitest";
import type { MetricSamples } from "../metrics/exposition.ts";
import type { Overview } from "../views/overview.ts";
import { countsOf, emptyStatus, mergeMetrics, mergeOverviews, mergeStatuses } from "./merge-overviews.ts";

function provider(change: Partial<ProviderStatus> = {}): ProviderStatus {
  return {
    name: "one",
    type: "anthropic",
    baseUrl: "https://one.test",
    enabled: true,
    healthy: true,
    bigModel: "m",
    smallModel: "m",
    state: "closed",
    cooldownRemainingMs: 0,
    reason: null,
    failureCount: 0,
    lastFailureAtMs: null,
    inFlight: 0,
    maxConcurrent: null,
    isFull: false,
    isProbed: false,
    nextProbeInMs: null,
    limits: [],
    learned: [],
    quotas: [],
    loginsOut: 0,
    requests: 0,
    failures: 0,
    timeToFirstContentMs: null,
    keys: [],
    deployments: [],
    keyDeployments: [],
    ...change,
  };
}

function status(...providers: ProviderStatus[]): Overview["status"] {
  const nextRequest = { type: "served", provider: "one" } as const;
  return { ...emptyStatus, currentProvider: "one", nextRequest, providers };
}

describe("mergeStatuses", () => {
  it("adds up what is counted, and takes the worse of what differs", () => {
    const reason = { class: "server-error", detail: "500" } as const;
    const circuit = { state: "open", cooldownRemainingMs: 900, reason, failureCount: 1 } as const;
    const merged = mergeStatuses([
      status(provider({ requests: 3, inFlight: 1, lastFailureAtMs: 5, timeToFirstContentMs: 100 })),
      status(provider({ ...circuit, healthy: false, requests: 4, failures: 1, inFlight: 2, lastFailureAtMs: 9 })),
      status(provider({ timeToFirstContentMs: 300, keys: [{ index: 1, ...circuit }] })),
    ]);
    expect(merged?.providers).toEqual([
      provider({
        ...circuit,
        healthy: false,
        requests: 7,
        failures: 1,
        inFlight: 3,
        lastFailureAtMs: 9,
        timeToFirstContentMs: 200,
        keys: [{ index: 1, ...circuit }],
      }),
    ]);
    expect(merged?.currentProvider).toBeNull();
  });

  it("adds up limits, shares of limits and waiting calls, since each process counts its own requests", () => {
    const limit = { keyIndex: 0, model: "m", limit: 2, inFlight: 1, credentials: 1 };
    const other = { ...limit, keyIndex: null, credentials: 4 };
    const merged = mergeStatuses([
      { ...status(provider({ maxConcurrent: 3, isFull: true, limits: [limit], loginsOut: 2 })), waiting: 4 },
      { ...status(provider({ maxConcurrent: 2, limits: [limit, other], loginsOut: 1, nextProbeInMs: 9 })), waiting: 1 },
      countsOf({
        status: status(provider({ maxConcurrent: 2, isFull: true, limits: [limit] })),
        metrics: [],
        calls: [],
      }).status,
    ]);
    expect(merged?.waiting).toBe(5);
    expect(merged?.providers).toEqual([
      provider({
        maxConcurrent: 5,
        limits: [{ ...limit, limit: 4, inFlight: 2 }, other],
        loginsOut: 2,
        nextProbeInMs: 9,
      }),
    ]);
  });

  it("says of a new request the best that a process would do, but never that an unhealthy provider serves it", () => {
    const wait = { type: "wait", waitsFor: "probe", forMs: 500 } as const;
    const out = provider({ state: "open", healthy: false });
    const waiting = { ...status(out), currentProvider: null, nextRequest: wait };
    expect(mergeStatuses([status(provider()), waiting])).toMatchObject({ currentProvider: null, nextRequest: wait });
    expect(mergeStatuses([waiting, { ...emptyStatus }])?.nextRequest).toEqual(wait);
    const suspicious = { ...status(provider()), hostSuspicion: { nextTryInMs: 700 } };
    expect(mergeStatuses([suspicious, status(provider())])?.hostSuspicion).toEqual({ nextTryInMs: 700 });
  });

  it("goes by the providers of the first, whatever an ended process knew", () => {
    const merged = mergeStatuses([status(provider()), status(provider({ name: "gone" }), provider({ requests: 2 }))]);
    expect(merged?.providers).toEqual([provider({ requests: 2 })]);
    expect(mergeStatuses([])).toBeUndefined();
  });
});

describe("mergeMetrics", () => {
  const metric = (merge: MetricSamples["merge"], ...values: [string, number][]): MetricSamples => ({
    name: `metric_${merge}`,
    help: "Help.",
    type: merge === "sum" ? "counter" : "gauge",
    merge,
    samples: values.map(([label, value]) => ({ labels: { label, other: "x" }, value })),
  });

  it("joins each series as its metric says, and keeps what only one has", () => {
    const [sum, max, min] = mergeMetrics([
      [metric("sum", ["a", 1], ["b", 2]), metric("max", ["a", 1]), metric("min", ["a", 1])],
      [metric("sum", ["b", 3], ["c", 4]), metric("max", ["a", 0]), metric("min", ["a", 0])],
    ]);
    expect(sum?.samples.map(({ labels, value }) => [labels["label"], value])).toEqual([
      ["a", 1],
      ["b", 5],
      ["c", 4],
    ]);
    expect(max?.samples[0]?.value).toBe(1);
    expect(min?.samples[0]?.value).toBe(0);
  });

  it("does not depend on the order of labels, and keeps buckets apart", () => {
    const histogram = (labels: Readonly<Record<string, string>>, metricName: string): MetricSamples => ({
      name: "seconds",
      help: "Help.",
      type: "histogram",
      merge: "sum",
      samples: [{ labels, value: 1, metricName }],
    });
    const [merged] = mergeMetrics([
      [histogram({ le: "1", provider: "one" }, "seconds_bucket")],
      [histogram({ provider: "one", le: "1" }, "seconds_bucket")],
      [histogram({ provider: "one" }, "seconds_sum")],
    ]);
    expect(merged?.samples.map(({ metricName, value }) => [metricName, value])).toEqual([
      ["seconds_bucket", 2],
      ["seconds_sum", 1],
    ]);
  });
});

describe("countsOf", () => {
  it("keeps of an ended process what it counted, and nothing of how it stood", () => {
    const open = { state: "open", cooldownRemainingMs: 9, reason: null, failureCount: 2, healthy: false } as const;
    const gauge: MetricSamples = { name: "g", help: "", type: "gauge", merge: "sum", samples: [] };
    const counter: MetricSamples = { ...gauge, name: "c", type: "counter" };
    const ended = {
      status: status(provider({ ...open, requests: 5, inFlight: 2 })),
      metrics: [gauge, counter],
      calls: [],
    };
    expect(countsOf(ended).metrics).toEqual([counter]);
    const merged = mergeOverviews([{ status: status(provider()), metrics: [], calls: [] }, countsOf(ended)]);
    expect(merged?.status.providers).toEqual([provider({ requests: 5 })]);
  });
});
