import fc from "fast-check";
import { expect, test } from "vitest";
import { PartialEvent } from "../dialects/held-events.ts";
import { HeldParts } from "./held-parts.ts";

test("what was held comes out as it came in, however it was split", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 3_000 }), { maxLength: 900 }), fc.boolean(), (sizes, hasTail) => {
      const held = new HeldParts();
      let next = 0;
      const take = (size: number): Uint8Array => Uint8Array.from({ length: size }, () => next++ % 251);
      for (const size of sizes) held.push(take(size));
      expect(held.length).toBe(next);
      expect(held.isEmpty).toBe(next === 0);
      const whole = hasTail ? held.whole(take(3)) : held.whole();
      expect(whole.length).toBe(next);
      expect(whole.every((byte, index) => byte === index % 251)).toBe(true);
      held.clear();
      expect(held).toMatchObject({ parts: [], length: 0, isEmpty: true });
    }),
    { numRuns: 30 },
  );
});

test("parts of one byte are joined, so that memory is bound to the bytes and not to their number", () => {
  const held = new HeldParts();
  for (let count = 0; count < 1_000_000; count += 1) held.push(Uint8Array.of(count % 251));
  expect(held.parts.length).toBeLessThan(1_000_000 / 256 + 256);
  const event = new PartialEvent({ maxEvents: 10, maxBytes: 1_000_000 });
  let failures = 0;
  for (let count = 0; count < 1_000_000; count += 1) if (event.hold(Uint8Array.of(1))) failures += 1;
  expect(failures).toBe(0);
  expect(event.parts.length).toBeLessThan(1_000_000 / 256 + 256);
  expect(event.hold(Uint8Array.of(1))).toMatchObject({ type: "too-large" });
});

test("parts of the size of a network read are not copied", () => {
  const held = new HeldParts();
  const parts = Array.from({ length: 600 }, () => new Uint8Array(16_384));
  for (const part of parts) held.push(part);
  expect(held.parts.length).toBe(600);
  expect(held.parts.every((part, index) => part === parts[index])).toBe(true);
});
