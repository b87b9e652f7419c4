import fc from "fast-check";
import { expect, it } from "vitest";
import { BodyChunks } from "./body-chunks.ts";

function collected(sizes: readonly number[]): { readonly body: Buffer; readonly chunks: readonly Uint8Array[] } {
  const given = sizes.map((size, index) => Buffer.alloc(size, index + 1));
  const chunks = new BodyChunks();
  for (const chunk of given) chunks.add(chunk);
  return { body: Buffer.concat(given), chunks: chunks.take() };
}

const size = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 4_000, max: 4_200 }), fc.constant(65_536));

it("gives back all bytes in their order, in a list that is short beside them", () => {
  fc.assert(
    fc.property(fc.array(size, { maxLength: 40 }), (sizes) => {
      const { body, chunks } = collected(sizes);
      expect(Buffer.concat(chunks).equals(body)).toBe(true);
      expect(chunks.every(({ length }) => length > 0)).toBe(true);
      const long = sizes.filter((bytes) => bytes >= 4_096).length;
      expect(chunks.length).toBeLessThanOrEqual(2 * long + 2 + body.length / 4_096);
    }),
  );
});

it("copies no chunk of 4 kB or more, and no body that is one chunk", () => {
  const large = [Buffer.alloc(4_096), Buffer.alloc(65_536)];
  const chunks = new BodyChunks();
  for (const chunk of large) chunks.add(chunk);
  const taken = chunks.take();
  expect(taken.map((chunk, index) => chunk === large[index])).toEqual([true, true]);
  const short = Buffer.from("{}");
  chunks.add(short, true);
  expect(chunks.take()[0]).toBe(short);
});

it("holds a body that comes byte by byte in little more than its bytes", () => {
  const { chunks } = collected(Array.from({ length: 300_000 }, () => 1));
  const held = new Set(chunks.map(({ buffer }) => buffer));
  const bytes = [...held].reduce((sum, { byteLength }) => sum + byteLength, 0);
  expect(bytes).toBeLessThan(300_000 + 2 * 65_536);
  expect(chunks.length).toBeLessThan(12);
});

it("does not let single bytes between large chunks take memory of their own", () => {
  const { chunks } = collected(Array.from({ length: 2_000 }, (_, index) => (index % 2 === 0 ? 1 : 4_096)));
  const held = new Set(chunks.map(({ buffer }) => buffer));
  const bytes = [...held].reduce((sum, { byteLength }) => sum + byteLength, 0);
  expect(bytes).toBeLessThan(1_000 * 4_097 + 65_536);
});
