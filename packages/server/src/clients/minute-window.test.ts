import * as fc from "fast-check";
import { expect, test } from "vitest";
import { MinuteWindow } from "./minute-window.ts";

test("counts what came within 60 to 61 seconds, and tells when there is room again", () => {
  const window = new MinuteWindow();
  for (const atMs of [1_000_000, 1_000_500, 1_030_000]) window.add(atMs, 1);
  expect([window.sum(1_059_999), window.waitMs(1_059_999, 3), window.waitMs(1_059_999, 4)]).toEqual([3, 1_001, 0]);
  expect([window.sum(1_060_999), window.sum(1_061_000), window.sum(1_090_999), window.sum(1_091_000)]).toEqual([
    3, 1, 1, 0,
  ]);
});

test("agrees with a list of what came, for any times and amounts, and its wait is the first moment with room", () => {
  const steps = fc.array(
    fc.record({ afterMs: fc.integer({ min: 0, max: 40_000 }), amount: fc.integer({ min: 0, max: 9 }) }),
  );
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 30 }), (all, limit) => {
      const window = new MinuteWindow();
      const came: { atMs: number; amount: number }[] = [];
      const sumAt = (nowMs: number): number =>
        came.reduce(
          (sum, { atMs, amount }) => (Math.floor(atMs / 1000) >= Math.floor(nowMs / 1000) - 60 ? sum + amount : sum),
          0,
        );
      let nowMs = 1_764_400_000_000;
      for (const { afterMs, amount } of all) {
        nowMs += afterMs;
        window.add(nowMs, amount);
        came.push({ atMs: nowMs, amount });
        expect(window.sum(nowMs)).toBe(sumAt(nowMs));
        const waitMs = window.waitMs(nowMs, limit);
        expect(sumAt(nowMs + waitMs)).toBeLessThan(limit);
        if (waitMs > 0) expect(sumAt(nowMs + waitMs - 1)).toBeGreaterThanOrEqual(limit);
      }
    }),
  );
});
