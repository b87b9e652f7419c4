import type { MetricSamples } from "./exposition.ts";
import type { Labels, Sample, Tally, Timings } from "./tally.ts";

/** Builds a metric that only grows. */
export function counter(name: string, help: string, tally: Tally): MetricSamples {
  return { name, help, type: "counter", merge: "sum", samples: tally.samples() };
}

/** Builds a metric of durations in buckets. */
export function histogram(name: string, help: string, timings: Timings): MetricSamples {
  return { name, help, type: "histogram", merge: "sum", samples: timings.samples(name) };
}

/** Builds a metric that goes up and down. */
export function gauge(
  name: string,
  help: string,
  merge: MetricSamples["merge"],
  samples: readonly Sample[],
): MetricSamples {
  return { name, help, type: "gauge", merge, samples };
}

/** Builds the sample of a metric that has a single value. */
export function one(value: number, labels: Labels = {}): Sample {
  return { labels, value };
}
