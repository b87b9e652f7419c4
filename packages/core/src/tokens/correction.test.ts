import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextFactor } from "./correction.ts";

describe("nextFactor", () => {
  it("goes half the way with the first answer, and a fifth with each later one", () => {
    expect(nextFactor(1, { estimated: 1000, real: 1400, isFirst: true })).toBeCloseTo(1.2);
    expect(nextFactor(1, { estimated: 1000, real: 1400 })).toBeCloseTo(1.08);
  });

  it("settles on a steady ratio, whatever it began with", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.3, max: 4, noNaN: true }),
        fc.double({ min: 0.3, max: 4, noNaN: true }),
        (ratio, start) => {
          let factor = start;
          for (let round = 0; round < 40; round += 1) {
            factor = nextFactor(factor, { estimated: 1000 * factor, real: 1000 * ratio });
          }
          expect(Math.abs(factor / ratio - 1)).toBeLessThan(0.01);
        },
      ),
    );
  });

  it("is not thrown by one odd answer", () => {
    expect(nextFactor(1, { estimated: 1000, real: 100_000 })).toBeLessThanOrEqual(1.2);
    expect(nextFactor(1, { estimated: 1000, real: 1 })).toBeGreaterThan(0.8);
  });

  it("passes over figures that cannot be", () => {
    for (const [estimated, real] of [
      [0, 5],
      [5, 0],
      [5, -4],
      [-1, 5],
      [Number.NaN, 5],
      [5, Number.POSITIVE_INFINITY],
    ] as const) {
      expect(nextFactor(1.3, { estimated, real })).toBe(1.3);
    }
  });
});
