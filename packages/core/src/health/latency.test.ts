import { expect, test } from "vitest";
import { latencyAt, nextLatency } from "./latency.ts";

test("the first sample is the estimate", () => {
  expect(latencyAt(nextLatency(undefined, 300, 0), 0)).toBe(300);
});

test("a peak counts at once", () => {
  expect(nextLatency(nextLatency(undefined, 300, 0), 5_000, 10)).toEqual({ valueMs: 5_000, atMs: 10 });
});

test("a faster sample lowers the estimate the more, the older it is", () => {
  const peak = nextLatency(undefined, 1_000, 0);
  const soon = nextLatency(peak, 100, 1_000).valueMs;
  const late = nextLatency(peak, 100, 50_000).valueMs;
  expect(soon).toBeGreaterThan(late);
  expect(late).toBeGreaterThan(100);
  expect(soon).toBeLessThan(1_000);
});

test("without samples the estimate fades, so that a slow provider is tried again", () => {
  const slow = nextLatency(undefined, 5_000, 0);
  expect(latencyAt(slow, 600_000)).toBeLessThan(1);
});
