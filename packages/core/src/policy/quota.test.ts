import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { QuotaWindow } from "../base/quota-window.ts";
import { lapsingWindow, spentWindow } from "./quota.ts";

const hour = 3_600_000;

function window(name: string, used: number, change: Partial<QuotaWindow> = {}): QuotaWindow {
  return { name, used, lengthMs: 5 * hour, resetsAtMs: hour, heardAtMs: 0, ...change };
}

const fiveHours = window("5h", 0.5);
const week = window("7d", 0.5, { lengthMs: 168 * hour, resetsAtMs: 20 * hour });
const minute = window("tokens", 0.5, { lengthMs: 60_000, resetsAtMs: 30_000 });

describe("the window that is down to the reserve", () => {
  test.each([
    [0.94, 5, false],
    [0.95, 5, true],
    [0.96, 5, true],
    [0.99, 0, false],
    [1, 0, true],
    [1.2, 0, true],
    [0, 100, true],
  ])("at %d used and a reserve of %d per cent: %s", (used, reserve, isSpent) => {
    expect(spentWindow([window("5h", used)], reserve) !== undefined).toBe(isSpent);
  });

  test("is the one that resets last, of several", () => {
    const spent = [window("5h", 1), window("7d", 1, { resetsAtMs: 20 * hour }), window("tokens", 0.1)];
    expect(spentWindow(spent, 5)?.name).toBe("7d");
  });

  test("is one of those given, and is found whenever any leaves no more", () => {
    const any = fc.record({
      used: fc.double({ min: 0, max: 2, noNaN: true }),
      resetsAtMs: fc.option(fc.nat(1e9), { nil: null }),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 6 }), fc.double({ min: 0, max: 100, noNaN: true }), (all, reserve) => {
        const windows = all.map((change, index) => window(String(index), change.used, change));
        const spent = spentWindow(windows, reserve);
        const isAny = windows.some(({ used }) => (1 - used) * 100 <= reserve);
        if (isAny) expect(spent).toBeDefined();
        if (spent) expect(windows).toContain(spent);
      }),
    );
  });
});

describe("the window whose unused part lapses", () => {
  test("is the longest: a shorter one fills up again from it", () => {
    expect(lapsingWindow([minute, fiveHours, week])?.name).toBe("7d");
    expect(lapsingWindow([week, fiveHours, minute])?.name).toBe("7d");
    expect(lapsingWindow([minute, fiveHours])?.name).toBe("5h");
  });

  test("is none where all are limits a minute, or nothing of the longest is left", () => {
    expect(lapsingWindow([minute])).toBeUndefined();
    expect(lapsingWindow([])).toBeUndefined();
    expect(lapsingWindow([fiveHours, { ...week, used: 1 }])).toBeUndefined();
    expect(lapsingWindow([{ ...week, resetsAtMs: null }])).toBeUndefined();
  });

  test("is one of a length that is not stated, where its reset is a quarter of an hour away", () => {
    expect(lapsingWindow([window("requests", 0.2, { lengthMs: null, resetsAtMs: 20 * 60_000 })])?.name).toBe(
      "requests",
    );
    expect(lapsingWindow([window("requests", 0.2, { lengthMs: null, resetsAtMs: 6 * 60_000 })])).toBeUndefined();
  });
});
