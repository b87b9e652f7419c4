import type { MetricSamples } from "../metrics/exposition.ts";
import { gauge } from "../metrics/metric-kinds.ts";

/** Returns what the primary can say of its workers: how many serve, and how many have ended and were replaced. */
export function workerMetrics(serving: number, restarts: number): readonly MetricSamples[] {
  const of = (
    value: number,
  ): readonly [{ readonly labels: Readonly<Record<string, string>>; readonly value: number }] => [
    { labels: {}, value },
  ];
  return [
    gauge("ccpb_workers", "Worker processes that serve.", "sum", of(serving)),
    {
      ...gauge("ccpb_worker_restarts_total", "Workers that ended and were replaced.", "sum", of(restarts)),
      type: "counter",
    },
  ];
}
