import type { Sample } from "./tally.ts";
import { visible } from "../base/visible-text.ts";

/** One metric with its values; `merge` says what the values of several processes make together. */
export interface MetricSamples {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly merge: "sum" | "max" | "min";
  readonly samples: readonly Sample[];
}

/** Metrics in Prometheus' text format, with its content type. prom-client is imported by the first scrape. */
export async function renderMetrics(
  metrics: readonly MetricSamples[],
): Promise<{ readonly contentType: string; readonly text: string }> {
  const { Registry } = await import("prom-client");
  const registry = new Registry();
  for (const { name, help, type, samples } of metrics) {
    const metric = {
      name,
      help,
      type,
      get: async () => ({ name, help, type, values: samples.map(withVisibleLabels) }),
    };
    // Its types know only its own classes; what it calls is `name` and `get`.
    registry.registerMetric(metric as unknown as Parameters<typeof registry.registerMetric>[0]);
  }
  return { contentType: registry.contentType, text: await registry.metrics() };
}

function withVisibleLabels(sample: Sample): Sample {
  const labels = Object.fromEntries(Object.entries(sample.labels).map(([name, value]) => [name, visible(value)]));
  return { ...sample, labels };
}
