import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BodyBytes } from "../../core/src/bytes/body-bytes.ts";
import { type ByteRange, JsonWalkError, skipSpace, walkObject } from "../../core/src/bytes/json-walk.ts";
import { scanMembers } from "../../core/src/bytes/scan-body.ts";
import { JsonScanner } from "./json-scanner.ts";
import { scanBody } from "./scan-body.ts";

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

/** What the scan says, the same for the bytes whole and in pieces, with another text abandoned before it. */
function scanned(bytes: Uint8Array, cuts: readonly number[] = []): Members | undefined {
  const read = (chunks: readonly Uint8Array[]): Members | undefined => {
    const members: Members = [];
    const isKnown = scanMembers(new BodyBytes(chunks), scanBody, (key, value) => members.push([key, value]));
    return isKnown ? members : undefined;
  };
  if (cuts.length === 0) return read([bytes]);
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return read(at.slice(1).map((end, index) => bytes.subarray(at[index], end)));
}

const cuts = fc.array(fc.nat(), { maxLength: 6 });

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

describe("scanBody", () => {
  it("works on this platform", () => {
    expect(scanned(encoder.encode(padded('{"a":1}', 4_096, 0)))).toHaveLength(1);
  });

  it("finds the members that the walk finds", () => {
    fc.assert(
      fc.property(anyObject, place, cuts, (text, { before, after }, at) => {
        const bytes = encoder.encode(padded(text, before, after));
        expect(scanned(bytes, at)).toEqual(walked(bytes));
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
        cuts,
        (text, { before, after }, changes, at) => {
          let bytes: Uint8Array = encoder.encode(text);
          for (const { at, byte, kind } of changes) bytes = changed(bytes, at % (bytes.length + 1), byte, kind);
          const whole = new Uint8Array(before + bytes.length + after).fill(0x20);
          whole.set(bytes, before);
          expect(scanned(whole, at)).toEqual(walked(whole));
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

  it("knows what stands in a long string at every place within a block, and across the border of two chunks", () => {
    for (const piece of [...soundPieces, ...unsoundPieces]) {
      const isSound = soundPieces.includes(piece);
      for (const start of [...places(320, 66), ...places(16_384 + 320, 66), ...places(65_536 - 12, 14)]) {
        const bytes = withPiece(piece, start);
        expect(scanned(bytes), `${JSON.stringify(piece)} at ${start}`).toEqual(walked(bytes));
        expect(scanned(bytes) !== undefined, `${JSON.stringify(piece)} at ${start}`).toBe(isSound);
      }
    }
  });

  it("refuses malformed UTF-8 in a long string at every place within a block, and across the border of two chunks", () => {
    for (const sequence of malformedSequences) {
      for (const start of [...places(320, 66), ...places(16_384 + 320, 66), ...places(65_536 - 6, 8)]) {
        const bytes = withPiece("~".repeat(sequence.length), start);
        bytes.set(sequence, start);
        expect(scanned(bytes), `${sequence.join(" ")} at ${start}`).toBeUndefined();
        expect(walked(bytes), `${sequence.join(" ")} at ${start}`).toBeUndefined();
      }
    }
  });

  it("finds the end of a string behind any run of backslashes, wherever the run begins", () => {
    for (const start of [...places(320, 64), ...places(65_536 - 70, 70)]) {
      for (const length of [1, 2, 3, 4, 5, 63, 64, 65, 128, 129]) {
        const run = "\\".repeat(length);
        const bytes = withPiece(`${run}","b":"${run}n`, start);
        expect(scanned(bytes), `${length} at ${start}`).toEqual(walked(bytes));
      }
    }
  });

  it("says of long strings what the walk says, whatever bytes are changed", () => {
    const change = fc.record({
      at: fc.nat(),
      byte: fc.oneof(fc.constantFrom(...tellingBytes), fc.integer({ min: 0, max: 255 })),
      kind: fc.constantFrom("set", "cut", "add"),
    });
    const content = fc.array(fc.constantFrom(...soundPieces, "plain words of a text ", "const a = b; "), {
      minLength: 60,
      maxLength: 200,
    });
    fc.assert(
      fc.property(
        content,
        fc.oneof(fc.integer({ min: 512, max: 600 }), fc.integer({ min: 65_000, max: 65_600 })),
        fc.array(change, { maxLength: 2 }),
        cuts,
        (pieces, before, changes, cutAt) => {
          const half = pieces.length >> 1;
          const text = `{"a":"${pieces.slice(0, half).join("")}","b":[{"c":"${pieces.slice(half).join("")}"}]}`;
          let bytes: Uint8Array = encoder.encode(text);
          for (const { at, byte, kind } of changes) bytes = changed(bytes, at % (bytes.length + 1), byte, kind);
          const whole = new Uint8Array(before + bytes.length).fill(0x20);
          whole.set(bytes, before);
          expect(scanned(whole, cutAt)).toEqual(walked(whole));
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it("knows every value of each byte of a text", () => {
    const text = encoder.encode(
      String.raw`{"a":"${"x".repeat(600)}\n\u00e9\\\"${"é漢😀"}${"y".repeat(70)}", "b" : [ {"c":[[1, -2.5e3],{ }]},true,null ]}`,
    );
    for (let at = 590; at < text.length; at += 1) {
      const bytes = text.slice();
      for (let byte = 0; byte < 256; byte += 1) {
        bytes[at] = byte;
        const found = scanned(bytes);
        if (JSON.stringify(found) !== JSON.stringify(walked(bytes))) expect.fail(`byte ${byte} at ${at}`);
      }
    }
  });

  it("takes a text of any length, however full the input was before", () => {
    const full = withPiece("", 70_000);
    for (const length of [...places(512, 130), ...places(65_536 - 66, 134), ...places(2 * 65_536 - 2, 4)]) {
      scanned(full);
      const bytes = encoder.encode(`{"a":"${"x".repeat(length - 8)}"}`);
      expect(scanned(bytes), `${length}`).toEqual([
        [
          { start: 1, end: 4 },
          { start: 5, end: length - 1 },
        ],
      ]);
      expect(scanned(bytes.subarray(0, length - 1)), `${length}`).toBeUndefined();
    }
  });

  it("finds the same in chunks of every size, also of one byte and around the borders of blocks", () => {
    const text = `${" ".repeat(70)}{"é漢":"${String.raw`\\\\\"\u00e9`.repeat(40)}😀${"y".repeat(16_500)}", "b" :[{ "c":-2.5e3}],"d":true }\n`;
    const bytes = encoder.encode(text);
    for (const size of [1, 2, 3, 7, 63, 64, 65, 127, 128, 129, 16_383, 16_384, 16_385, 16_448, 16_449, 16_512]) {
      const at = Array.from({ length: Math.floor(bytes.length / size) }, (_, index) => (index + 1) * size);
      expect(scanned(bytes, at), `chunks of ${size}`).toEqual(walked(bytes));
    }
    expect(walked(bytes)).toHaveLength(3);
  });

  it("keeps texts apart that arrive at the same time", () => {
    const scanner = JsonScanner.create() as JsonScanner;
    const [one, other] = [scanner.begin(), scanner.begin()];
    const parts = ['{"a":"', "x".repeat(20_000), '","b":1}'].map((part) => encoder.encode(part));
    for (const [index, part] of parts.entries()) {
      one.push(part);
      other.push(index === 1 ? encoder.encode("\u0001") : part);
    }
    const members = one.finish();
    expect([...(members ?? [])]).toHaveLength(8);
    expect(other.finish()).toBeUndefined();
    const third = scanner.begin();
    for (const part of parts) third.push(part);
    expect(third.finish()).toEqual(members);
  });

  it("says of each of several texts what it says of it alone, in whatever order their pieces come", () => {
    const pieces = fc.array(fc.constantFrom(...soundPieces, "plain words of a text ", '","k":["', '"],"l":"'), {
      minLength: 1,
      maxLength: 60,
    });
    const arriving = fc.record({
      pieces,
      before: fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 16_200, max: 16_600 })),
      isCut: fc.boolean(),
      cuts,
    });
    const order = fc.array(fc.nat(), { minLength: 30, maxLength: 30 });
    fc.assert(
      fc.property(fc.array(arriving, { minLength: 2, maxLength: 5 }), order, (all, turns) => {
        const scanner = JsonScanner.create() as JsonScanner;
        const texts = all.map(({ pieces: inside, before, isCut, cuts: cutAt }) => {
          const text = `${" ".repeat(before)}{"a":"${inside.join("")}","b":[{"c":${before}}]${isCut ? "" : "}"}`;
          const bytes = encoder.encode(text);
          const at = [0, ...cutAt.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
          const parts = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
          return { bytes, parts, scan: scanner.begin(), members: undefined as Uint32Array | undefined, isOver: false };
        });
        // Each turn gives one text its next piece, or ends it.
        const take = (text: (typeof texts)[number]): void => {
          const part = text.parts.shift();
          if (part !== undefined) text.scan.push(part);
          else if (!text.isOver) {
            text.members = text.scan.finish();
            text.isOver = true;
          }
        };
        for (const turn of turns) take(texts[turn % texts.length] as (typeof texts)[number]);
        for (const text of texts) while (!text.isOver) take(text);
        for (const { bytes, members } of texts)
          expect(members).toEqual(scanBody([bytes.slice()]) ?? membersAlone(bytes));
      }),
      { numRuns: 600 },
    );
  });

  it("leaves texts with very many members and very deep ones to the walk", () => {
    const many = encoder.encode(`{${Array.from({ length: 1_000 }, (_, index) => `"k${index}":0`).join(",")}}`);
    expect(scanned(many)).toBeUndefined();
    expect(walked(many)).toHaveLength(1_000);
    const deep = encoder.encode(`{"a":${"[".repeat(2_000)}${"]".repeat(2_000)}}`);
    expect(scanned(deep)).toBeUndefined();
    for (const levels of [...places(60, 10), 999]) {
      const nested = encoder.encode(
        `{"a":${'[{"b":'.repeat(levels >> 1)}"${"x".repeat(512)}"${"}]".repeat(levels >> 1)}}`,
      );
      expect(scanned(nested), `${levels} levels`).toEqual(walked(nested));
      expect(scanned(nested), `${levels} levels`).toHaveLength(1);
    }
  });
});

/** What a scan of its own says, also of a text that is too short for `scanBody`. */
function membersAlone(bytes: Uint8Array): Uint32Array | undefined {
  const scan = JsonScanner.create()?.begin();
  scan?.push(bytes);
  return scan?.finish();
}

const soundPieces = [
  String.raw`\n`,
  String.raw`\"`,
  String.raw`\\`,
  String.raw`\/\b\f\r\t`,
  String.raw`\\\"`,
  String.raw`\u00e9`,
  String.raw`\uD83D\ude00\u0000`,
  String.raw`\\u12`,
  "é",
  "漢",
  "😀",
  "\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff\u{10000}\u{10ffff}",
];
const unsoundPieces = [
  String.raw`\x`,
  String.raw`\N`,
  String.raw`\é`,
  String.raw`\u`,
  String.raw`\u12g4`,
  String.raw`\u123"`,
  String.raw`\u123é`,
  String.raw`\\\u00g0`,
  "\\\n",
  "\u0000",
  "\t",
  "\n",
  "\u001f",
];
const malformedSequences = [
  [0x80], [0xbf], [0xc0, 0x80], [0xc1, 0xbf], [0xc3], [0xc3, 0xc3], [0xe0, 0x9f, 0xbf], [0xe2, 0x82], [0xe2, 0x82, 0x41], [0xed, 0xa0, 0x80],
  [0xf0, 0x8f, 0xbf, 0xbf], [0xf0, 0x9f, 0x98], [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xff], [0xc3, 0xa9, 0xa9],
]; // prettier-ignore
const tellingBytes = [
  0x00, 0x09, 0x0a, 0x1f, 0x22, 0x2c, 0x3a, 0x5b, 0x5c, 0x5d, 0x6e, 0x75, 0x7b, 0x7d, 0x80, 0xc3, 0xe2, 0xed, 0xf0,
  0xff,
];

/** `count` numbers from `from` on. */
function places(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => from + index);
}

/** An object with a long string in which `piece` begins at the byte `start`, with more of the string behind it. */
function withPiece(piece: string, start: number): Uint8Array {
  return encoder.encode(`{"a":"${"x".repeat(start - 6)}${piece}${"y".repeat(300)}"}`);
}

function changed(bytes: Uint8Array, at: number, byte: number, kind: "set" | "cut" | "add"): Uint8Array {
  const middle = kind === "cut" ? [] : [byte];
  return new Uint8Array([...bytes.subarray(0, at), ...middle, ...bytes.subarray(kind === "add" ? at : at + 1)]);
}
