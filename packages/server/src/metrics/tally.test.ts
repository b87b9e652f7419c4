import { describe, expect, it } from "vitest";
import { Tally, Timings } from "./tally.ts";

describe("Tally", () => {
  it("counts by all its labels, in the order in which they came", () => {
    const tally = new Tally("provider", "state");
    tally.add(1, "b", "x");
    tally.add(2, "a", "x");
    tally.add(3, "b", "y");
    tally.add(4, "b", "x");
    expect(tally.samples()).toEqual([
      { labels: { provider: "b", state: "x" }, value: 5 },
      { labels: { provider: "a", state: "x" }, value: 2 },
      { labels: { provider: "b", state: "y" }, value: 3 },
    ]);
    const plain = new Tally();
    expect(plain.samples()).toEqual([]);
    plain.add(7);
    expect(plain.samples()).toEqual([{ labels: {}, value: 7 }]);
  });
});

describe("Timings", () => {
  it("gives cumulative buckets, sum and count of each series", () => {
    const timings = new Timings("provider");
    timings.observe(50, "a");
    timings.observe(700_000, "a");
    const samples = timings.samples("t");
    const bucket = (le: string) => samples.find(({ labels }) => labels["le"] === le)?.value;
    expect([bucket("0.05"), bucket("600"), bucket("+Inf")]).toEqual([1, 1, 2]);
    expect(samples.slice(-2)).toEqual([
      { labels: { provider: "a" }, value: 700.05, metricName: "t_sum" },
      { labels: { provider: "a" }, value: 2, metricName: "t_count" },
    ]);
  });
});
