import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LearnedLimits } from "./learned-limits.ts";

const minuteMs = 60_000;

function learned(inFlight: number, nowMs = 0): LearnedLimits {
  const limits = new LearnedLimits();
  limits.learn("k", inFlight, nowMs);
  return limits;
}

describe("a refusal while requests are under way", () => {
  test.each([
    { inFlight: 0, limit: 1 },
    { inFlight: 1, limit: 1 },
    { inFlight: 2, limit: 1 },
    { inFlight: 4, limit: 3 },
    { inFlight: 10, limit: 9 },
  ])("of $inFlight sets a limit of $limit", ({ inFlight, limit }) => {
    expect(learned(inFlight).at("k", 0)).toBe(limit);
  });

  test("lowers the limit once more", () => {
    const limits = learned(10);
    limits.learn("k", 4, 0);
    expect(limits.at("k", 0)).toBe(3);
  });

  test("never raises it: requests that were under way before may be more", () => {
    const limits = learned(4);
    limits.learn("k", 10, 0);
    expect(limits.at("k", 0)).toBe(3);
  });

  test("starts the minute anew", () => {
    const limits = learned(4);
    limits.learn("k", 9, 59_000);
    expect([limits.at("k", minuteMs), limits.at("k", 59_000 + minuteMs)]).toEqual([3, 4]);
  });

  test("counts from what the limit has risen to", () => {
    const limits = learned(4);
    limits.learn("k", 9, 5 * minuteMs);
    expect(limits.at("k", 5 * minuteMs)).toBe(8);
  });
});

describe("without a refusal", () => {
  test.each([
    { afterMs: 0, limit: 3 },
    { afterMs: minuteMs - 1, limit: 3 },
    { afterMs: minuteMs, limit: 4 },
    { afterMs: 10 * minuteMs, limit: 13 },
    { afterMs: 60 * minuteMs - 1, limit: 62 },
    { afterMs: 60 * minuteMs, limit: undefined },
  ])("the limit after $afterMs ms is $limit", ({ afterMs, limit }) => {
    expect(learned(4).at("k", afterMs)).toBe(limit);
  });

  test("a forgotten limit is gone from every view", () => {
    const limits = learned(4);
    expect(limits.entries(0)).toEqual([["k", 3]]);
    expect(limits.entries(60 * minuteMs)).toEqual([]);
    expect(limits.isEmpty).toBe(true);
  });
});

describe("limits of several credentials and models", () => {
  test("do not touch each other", () => {
    const limits = learned(4);
    limits.learn("other", 9, 0);
    expect([limits.at("k", 0), limits.at("other", 0), limits.at("none", 0)]).toEqual([3, 8, undefined]);
    limits.retain((key) => key === "other");
    expect(limits.entries(0)).toEqual([["other", 8]]);
    limits.clear();
    expect([limits.isEmpty, limits.at("other", 0)]).toEqual([true, undefined]);
  });

  test("are at most 1,000: the one refused longest ago is forgotten", () => {
    const limits = new LearnedLimits();
    for (let index = 0; index < 1_000; index += 1) limits.learn(`k${index}`, 4, index);
    limits.learn("k0", 4, 1_000);
    limits.learn("one more", 4, 1_001);
    expect(limits.entries(1_001)).toHaveLength(1_000);
    expect([limits.at("k0", 1_001), limits.at("k1", 1_001)]).toEqual([3, undefined]);
  });
});

test("after any history the limit is at least one, below what was refused last, and rises by one a minute", () => {
  const refusals = fc.array(fc.record({ afterMs: fc.nat(90 * minuteMs), inFlight: fc.nat(50) }), { minLength: 1 });
  fc.assert(
    fc.property(refusals, fc.nat(59), (history, minutes) => {
      const limits = new LearnedLimits();
      let nowMs = 0;
      for (const { afterMs, inFlight } of history) {
        nowMs += afterMs;
        const before = limits.at("k", nowMs);
        limits.learn("k", inFlight, nowMs);
        const limit = limits.at("k", nowMs) ?? 0;
        expect(limit).toBeGreaterThanOrEqual(1);
        expect(limit).toBeLessThanOrEqual(Math.max(1, inFlight - 1));
        if (before !== undefined) expect(limit).toBeLessThanOrEqual(before);
      }
      const last = limits.at("k", nowMs) ?? 0;
      expect(limits.at("k", nowMs + minutes * minuteMs)).toBe(last + minutes);
    }),
  );
});
