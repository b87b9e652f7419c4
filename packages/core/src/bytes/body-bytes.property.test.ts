import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BodyBytes } from "./body-bytes.ts";

const pieces = fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 9 });
const offset = fc.integer({ min: -2, max: 90 });

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(chunks.flatMap((chunk) => [...chunk]));
}

describe("BodyBytes", () => {
  it("reads what the joined bytes read, at any offset and in any order, whatever the chunks", () => {
    const read = fc.record({ from: offset, to: offset, byte: fc.nat(255) });
    fc.assert(
      fc.property(pieces, fc.array(read, { maxLength: 12 }), (chunks, reads) => {
        const whole = joined(chunks);
        const bytes = new BodyBytes(chunks);
        expect(bytes.length).toBe(whole.length);
        for (const { from, to, byte } of reads) {
          const near = whole[Math.abs(from) % (whole.length + 1)] ?? byte;
          const start = Math.max(0, from);
          expect(bytes.at(from)).toBe(whole[from]);
          for (const wanted of [byte, near]) expect(bytes.indexOf(wanted, start)).toBe(whole.indexOf(wanted, start));
          const range = whole.slice(start, Math.max(start, to));
          expect(bytes.slice(from, to)).toEqual(range);
          expect(joined(bytes.parts(from, to))).toEqual(range);
          expect(bytes.parts(from, to).every((part) => part.length > 0)).toBe(true);
        }
        expect([...bytes.whole()]).toEqual([...whole]);
        expect(bytes.at(whole.length - 1)).toBe(whole[whole.length - 1]);
      }),
    );
  });

  it("copies nothing before it is asked for the whole, and then holds that alone", () => {
    const chunks = [new Uint8Array([1, 2, 3]), new Uint8Array([4, 5]), new Uint8Array([6])];
    const bytes = new BodyBytes(chunks);
    expect(bytes.parts(0, 6)).toEqual(chunks);
    for (const [index, part] of bytes.parts(0, 6).entries()) expect(part).toBe(chunks[index]);
    expect(bytes.slice(1, 3).buffer).toBe(chunks[0]?.buffer);
    const whole = bytes.whole();
    expect(bytes.chunks).toEqual([whole]);
    expect(bytes.whole()).toBe(whole);
  });

  it("takes an array of bytes as it is, and no bytes at all", () => {
    const body = new Uint8Array([7, 8]);
    expect(new BodyBytes(body).whole()).toBe(body);
    for (const none of [[], [new Uint8Array()], new Uint8Array()]) {
      const bytes = new BodyBytes(none);
      expect([bytes.length, bytes.at(0), bytes.indexOf(0), bytes.whole().length]).toEqual([0, undefined, -1, 0]);
    }
  });
});
