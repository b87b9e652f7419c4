import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scanObject } from "./json-scan.ts";
import { type ByteRange, JsonWalkError, skipSpace, walkObject } from "./json-walk.ts";

const encoder = new TextEncoder();
type Members = [ByteRange, ByteRange][];

/** What the walk says, as the reference: members, or undefined where it throws. */
function walked(bytes: Uint8Array): Members | undefined {
  const members: Members = [];
  try {
    const end = walkObject(bytes, 0, (key, value) => members.push([key, value]));
    return skipSpace(bytes, end) === bytes.length ? members : undefined;
  } catch (error) {
    if (error instanceof JsonWalkError) return undefined;
    throw error;
  }
}

function scanned(bytes: Uint8Array): Members | undefined {
  const members: Members = [];
  return scanObject(bytes, (key, value) => members.push([key, value])) ? members : undefined;
}

/** Long enough to be scanned, with the interesting part at any distance from the borders of blocks and chunks. */
function padded(text: string, before: number, after: number): string {
  return " ".repeat(before) + text + "\n".repeat(after);
}

const anyObject = fc
  .dictionary(fc.string({ unit: "binary", maxLength: 12 }), fc.jsonValue({ stringUnit: "binary", maxDepth: 4 }), {
    maxKeys: 8,
  })
  .chain((value) =>
    fc.constantFrom(JSON.stringify(value), JSON.stringify(value, null, 1), JSON.stringify(value, null, "\t")),
  );

const place = fc.record({
  before: fc.oneof(fc.integer({ min: 4_096, max: 4_300 }), fc.integer({ min: 65_400, max: 65_700 })),
  after: fc.integer({ min: 0, max: 70 }),
});

describe("scanObject", () => {
  it("works on this platform", () => {
    expect(scanned(encoder.encode(padded('{"a":1}', 4_096, 0)))).toHaveLength(1);
  });

  it("finds the members that the walk finds", () => {
    fc.assert(
      fc.property(anyObject, place, (text, { before, after }) => {
        const bytes = encoder.encode(padded(text, before, after));
        expect(scanned(bytes)).toEqual(walked(bytes));
      }),
      { numRuns: 2_000 },
    );
  });

  it("takes nothing that the walk refuses, and little less than it takes, whatever bytes are changed", () => {
    const change = fc.record({
      at: fc.nat(),
      byte: fc.integer({ min: 0, max: 255 }),
      kind: fc.constantFrom("set", "cut", "add"),
    });
    fc.assert(
      fc.property(
        anyObject,
        place,
        fc.array(change, { minLength: 1, maxLength: 3 }),
        (text, { before, after }, changes) => {
          let bytes: Uint8Array = encoder.encode(text);
          for (const { at, byte, kind } of changes) bytes = changed(bytes, at % (bytes.length + 1), byte, kind);
          const whole = new Uint8Array(before + bytes.length + after).fill(0x20);
          whole.set(bytes, before);
          expect(scanned(whole)).toEqual(walked(whole));
        },
      ),
      { numRuns: 4_000 },
    );
  });

  it("knows every form of escape, number, literal and UTF-8 at every place within a block", () => {
    const sound = [
      String.raw`"\u00e9\\\"\/\b\f\n\r\t\\\\"`,
      "-0",
      "1e5",
      "1.5E-10",
      "0.1",
      "true",
      "false",
      "null",
      '"é漢😀"',
      "[]",
      "{}",
      "[[],{}]",
    ];
    const unsound = [
      String.raw`"\x"`, String.raw`"\u00g0"`, String.raw`"\u12"`, '"\u0001"', "01", "1.", ".5", "+1", "1e", "-", "tru", "nulll", "NaN", "[1,]", "[,1]",
      "[1 2]", '{"a":1,}', '{"a"}', '{"a":}', "{1:2}", "[}", "{]", '"a" "b"', "1 1", '"', "\\", "\u00e9", "\u001f", ";", "'a'",
    ]; // prettier-ignore
    for (const value of [...sound, ...unsound]) {
      for (let shift = 0; shift < 66; shift += 1) {
        const bytes = encoder.encode(padded(`{"k":${value},"l":0}`, 4_096 + shift, 0));
        expect(scanned(bytes), `${value} at ${shift}`).toEqual(walked(bytes));
        expect(scanned(bytes) !== undefined, value).toBe(sound.includes(value));
      }
    }
  });

  it("refuses malformed UTF-8 at every place within a block", () => {
    const malformed = [
      [0x80],
      [0xc0, 0x80],
      [0xc3],
      [0xe2, 0x82],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xf0, 0x9f, 0x98],
      [0xff],
      [0xe0, 0x80, 0x80],
    ];
    for (const sequence of malformed) {
      for (let shift = 0; shift < 66; shift += 1) {
        const bytes = new Uint8Array([
          ...encoder.encode(`${" ".repeat(4_096 + shift)}{"k":"`),
          ...sequence,
          ...encoder.encode('"}'),
        ]);
        expect(scanned(bytes), `${sequence.join(" ")} at ${shift}`).toBeUndefined();
      }
    }
  });

  it("leaves texts with very many members and very deep ones to the walk", () => {
    const many = encoder.encode(`{${Array.from({ length: 1_000 }, (_, index) => `"k${index}":0`).join(",")}}`);
    expect(scanned(many)).toBeUndefined();
    expect(walked(many)).toHaveLength(1_000);
    const deep = encoder.encode(`{"a":${"[".repeat(2_000)}${"]".repeat(2_000)}}`);
    expect(scanned(deep)).toBeUndefined();
  });
});

function changed(bytes: Uint8Array, at: number, byte: number, kind: "set" | "cut" | "add"): Uint8Array {
  const middle = kind === "cut" ? [] : [byte];
  return new Uint8Array([...bytes.subarray(0, at), ...middle, ...bytes.subarray(kind === "add" ? at : at + 1)]);
}
