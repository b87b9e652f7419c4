import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readUsageLine, writeUsageLine } from "./usage-line.ts";
import { sampleRow } from "../../test/usage/usage-samples.ts";
import type { UsageRow } from "./usage-row.ts";

describe("a line", () => {
  const counts = fc.maxSafeNat();
  const rows: fc.Arbitrary<UsageRow> = fc.record({
    hour: fc.constantFrom("2026-11-29T03", "2026-12-01T00"),
    client: fc.string(),
    provider: fc.string(),
    key: fc.integer({ min: 1, max: 900 }),
    model: fc.string(),
    calls: counts,
    failures: counts,
    input: counts,
    output: counts,
    cacheRead: counts,
    cacheWrite: counts,
    cacheWrite1h: counts,
    thinking: counts,
    unpriced: counts,
    cost: fc.dictionary(fc.constantFrom("USD", "CNY"), counts, { noNullPrototype: true }),
  });
  it("says the row, and is one line", () => {
    fc.assert(
      fc.property(rows, (one) => {
        const line = writeUsageLine(one);
        expect(line.indexOf("\n")).toBe(line.length - 1);
        expect(readUsageLine(line)).toEqual(one);
      }),
    );
  });
  it("is refused where it was cut anywhere", () => {
    const line = writeUsageLine(sampleRow());
    for (let length = 0; length < line.length - 1; length += 1) {
      expect(readUsageLine(line.slice(0, length))).toBeUndefined();
    }
  });
});
