import { LabelTree } from "./label-tree.ts";

// Seconds, from a cached answer to Claude Code's longest wait.
const buckets: readonly number[] = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600];

/** Label values by label name. */
export type Labels = Readonly<Record<string, string>>;

/** One line of an exposition; `metricName` where it is not the metric's own name. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
  readonly metricName?: string;
}

/** Counts by label values. Counting costs a few look-ups; prom-client is loaded only when the numbers are read. */
export class Tally {
  readonly labelNames: readonly string[];
  readonly #counts = new LabelTree(() => ({ count: 0 }));

  constructor(...labelNames: string[]) {
    this.labelNames = labelNames;
  }

  add(amount: number, ...labels: string[]): void {
    this.#counts.at(labels).count += amount;
  }

  samples(): Sample[] {
    return this.#counts.entries().map(([values, { count }]) => ({
      labels: labelsOf(this.labelNames, values),
      value: count,
    }));
  }
}

/** Durations in seconds by label values, in fixed buckets. */
export class Timings {
  readonly labelNames: readonly string[];
  readonly #series = new LabelTree(() => ({ counts: Array(buckets.length + 1).fill(0) as number[], sum: 0 }));

  constructor(...labelNames: string[]) {
    this.labelNames = labelNames;
  }

  observe(ms: number, ...labels: string[]): void {
    const series = this.#series.at(labels);
    const index = buckets.findIndex((bound) => ms <= bound * 1000);
    const at = index === -1 ? buckets.length : index;
    series.counts[at] = (series.counts[at] ?? 0) + 1;
    series.sum += ms / 1000;
  }

  samples(name: string): Sample[] {
    return this.#series.entries().flatMap(([values, { counts, sum }]) => {
      const labels = labelsOf(this.labelNames, values);
      let total = 0;
      const lines = counts.map((count, index) => {
        total += count;
        const le = index < buckets.length ? String(buckets[index]) : "+Inf";
        return { labels: { le, ...labels }, value: total, metricName: `${name}_bucket` };
      });
      return [
        ...lines,
        { labels, value: sum, metricName: `${name}_sum` },
        { labels, value: total, metricName: `${name}_count` },
      ];
    });
  }
}

function labelsOf(names: readonly string[], values: readonly string[]): Labels {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? ""]));
}
