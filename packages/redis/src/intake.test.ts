import * as fc from "fast-check";
import { expect, test } from "vitest";
import { BoundedMap } from "./bounded-map.ts";
import { Intake } from "./intake.ts";

test("an intake admits its burst at once, then its rate, and empty messages are not free", () => {
  const intake = new Intake({ burst: 10_000, perSecond: 1_000 });
  expect([5_000, 4_000, 0].map((length) => intake.admits(length, 0))).toEqual([true, true, false]);
  expect(intake.admits(0, 499)).toBe(false);
  expect(intake.admits(0, 500)).toBe(true);
  // A clock that stands still or goes back gives nothing.
  expect(intake.admits(0, 0)).toBe(false);
});

test("whatever comes whenever, no more is admitted than the burst and the rate", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ length: fc.nat(5_000), afterMs: fc.nat(2_000) })), (messages) => {
      const intake = new Intake({ burst: 8_000, perSecond: 1_000 });
      let nowMs = 0;
      let admitted = 0;
      for (const { length, afterMs } of messages) {
        nowMs += afterMs;
        if (intake.admits(length, nowMs)) admitted += length + 500;
        expect(admitted).toBeLessThanOrEqual(8_000 + nowMs + 1e-6);
      }
    }),
  );
});

test("a bounded map never holds more than its bounds, and the youngest stay", () => {
  const steps = fc.array(
    fc.record({ key: fc.string({ maxLength: 6 }), characters: fc.nat(120), deletes: fc.boolean() }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(steps, (history) => {
      const map = new BoundedMap<number>({ entries: 5, characters: 100 });
      const sizes = new Map<string, number>();
      for (const [index, { key, characters, deletes }] of history.entries()) {
        if (deletes) map.delete(key);
        else {
          map.set(key, index, characters);
          sizes.set(key, key.length + characters);
          expect(map.has(key)).toBe(key.length + characters <= 100);
        }
        expect(map.size).toBeLessThanOrEqual(5);
        const held = [...map.keys()].reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0);
        expect(held).toBeLessThanOrEqual(100);
        expect(map.characters).toBe(held);
      }
    }),
  );
});
