import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BoundedMap, maxKeyLength } from "./bounded-map.ts";

const keys = fc.oneof(
  fc.string({ maxLength: 3 }),
  fc.integer({ min: 0, max: 4 }).map((index) => `${index}${"k".repeat(maxKeyLength)}`),
);
const steps = fc.array(
  fc.record({ type: fc.constantFrom("set" as const, "delete" as const, "get" as const), key: keys, value: fc.nat() }),
  { maxLength: 60 },
);

describe("a bounded map", () => {
  it("never has more entries than its limit nor a key longer than its bound, and is a map of the newest entries", () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 6 }), (all, limit) => {
        const map = new BoundedMap<number>(limit);
        let model: [string, number][] = [];
        for (const { type, key, value } of all) {
          const others = model.filter(([known]) => known !== key);
          if (type === "set") model = [...others, [key, value] as [string, number]].slice(-limit);
          if (type === "delete") model = others;
          if (type === "set") map.set(key, value);
          if (type === "delete") map.delete(key);
          expect(map.get(key)).toBe(model.find(([known]) => known === key)?.[1]);
          expect([...map].map(([, kept]) => kept)).toEqual(model.map(([, kept]) => kept));
          for (const kept of map.keys()) expect(kept.length).toBeLessThanOrEqual(maxKeyLength);
        }
      }),
    );
  });

  it("keeps what it is told to keep", () => {
    const map = new BoundedMap<number>(5).set("a", 1).set("b", 2).set("c", 3);
    map.retain((value, key) => value === 1 || key === "c");
    expect([...map]).toEqual([
      ["a", 1],
      ["c", 3],
    ]);
    map.clear();
    expect(map.size).toBe(0);
  });
});
