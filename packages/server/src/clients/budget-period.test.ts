import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { periodsOf } from "./budget-period.ts";

const at = (text: string): number => Date.parse(text);
const iso = (ms: number): string => new Date(ms).toISOString();

describe("a period", () => {
  it.each([
    ["day", "UTC", "2026-11-29T10:00:00Z", "2026-11-29", "2026-11-29T00:00:00.000Z", "2026-11-30T00:00:00.000Z"],
    [
      "day",
      "Asia/Kolkata",
      "2026-11-29T10:00:00Z",
      "2026-11-29",
      "2026-11-28T18:30:00.000Z",
      "2026-11-29T18:30:00.000Z",
    ],
    // The day on which the clocks go back has 25 hours, the one on which they go forward 23.
    [
      "day",
      "Europe/Berlin",
      "2026-10-25T10:00:00Z",
      "2026-10-25",
      "2026-10-24T22:00:00.000Z",
      "2026-10-25T23:00:00.000Z",
    ],
    [
      "day",
      "Europe/Berlin",
      "2026-03-29T10:00:00Z",
      "2026-03-29",
      "2026-03-28T23:00:00.000Z",
      "2026-03-29T22:00:00.000Z",
    ],
    ["week", "UTC", "2026-11-29T23:59:59Z", "2026-11-23", "2026-11-23T00:00:00.000Z", "2026-11-30T00:00:00.000Z"],
    ["month", "UTC", "2028-02-29T12:00:00Z", "2028-02", "2028-02-01T00:00:00.000Z", "2028-03-01T00:00:00.000Z"],
    [
      "month",
      "Pacific/Auckland",
      "2026-11-30T11:00:00Z",
      "2026-12",
      "2026-11-30T11:00:00.000Z",
      "2026-12-31T11:00:00.000Z",
    ],
  ] as const)("of a %s in %s at %s begins and ends at midnight there", (per, timezone, time, id, start, end) => {
    const period = periodsOf({ per, timezone })(at(time));
    expect([period.id, iso(period.startMs), iso(period.endMs)]).toEqual([id, start, end]);
  });

  it("is followed by the next one without a gap, in any zone", () => {
    const zones = fc.constantFrom(
      "UTC",
      "Europe/Berlin",
      "America/St_Johns",
      "Asia/Kathmandu",
      "Australia/Lord_Howe",
      "Africa/Cairo",
    );
    const pers = fc.constantFrom("day", "week", "month");
    fc.assert(
      fc.property(
        zones,
        pers,
        fc.integer({ min: at("2024-01-01"), max: at("2030-01-01") }),
        (timezone, per, timeMs) => {
          const periods = periodsOf({ per: per as "day", timezone });
          const { id, startMs, endMs } = periods(timeMs);
          expect(startMs <= timeMs && timeMs < endMs).toBe(true);
          expect(periodsOf({ per: per as "day", timezone })(startMs)).toEqual({ id, startMs, endMs });
          expect(periodsOf({ per: per as "day", timezone })(endMs)).toMatchObject({ startMs: endMs });
          expect(periods(endMs).id > id).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });
});
