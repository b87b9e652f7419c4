import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PlainChunks } from "./plain-chunks.ts";
import { tellsMore } from "./telling-members.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const holds = (plain: PlainChunks, text: string, choices = 1): boolean => {
  const chunk = bytes(`before${text}behind`);
  return plain.holds({ chunk, from: 6, end: chunk.length - 6 }, choices);
};
const isFramed = (plain: PlainChunks, text: string): boolean => {
  const chunk = bytes(text);
  return plain.frame?.endOf(chunk, new DataView(chunk.buffer), 0) === chunk.length;
};
const chunkOf = (content: string, rest = '"finish_reason":null', index = 0): string =>
  `data: {"id":"c","choices":[{"index":${index},"delta":{"content":${JSON.stringify(content)}},${rest}}]}\n\n`;

describe("PlainChunks", () => {
  it("learns the frame of two plain chunks, and of none that tells more", () => {
    const plain = new PlainChunks();
    expect(holds(plain, chunkOf("one"))).toBe(true);
    expect(holds(plain, chunkOf("", '"finish_reason":"stop"'))).toBe(false);
    expect(holds(plain, chunkOf("", '"finish_reason":"length"'))).toBe(false);
    expect(plain.frame).toBeUndefined();
    expect(holds(plain, chunkOf("two"))).toBe(true);
    expect(isFramed(plain, chunkOf('say "usage": 1'))).toBe(true);
    expect(isFramed(plain, chunkOf("", '"finish_reason":"stop"'))).toBe(false);
  });

  it("learns another frame when the chunks change, and after many that have none in common", () => {
    const plain = new PlainChunks();
    for (const text of ["one", "two"]) holds(plain, chunkOf(text));
    for (const text of ["one", "two"]) holds(plain, chunkOf(text).replace("content", "reasoning"));
    expect(isFramed(plain, chunkOf("three").replace("content", "reasoning"))).toBe(true);
    for (let count = 0; count < 100; count += 1) holds(plain, chunkOf("x").replace('"c"', String(count)));
    for (let count = 0; count < 40; count += 1) holds(plain, chunkOf(`x${count}`));
    expect(isFramed(plain, chunkOf("three"))).toBe(true);
  });

  it("lets a chunk be read that may begin another choice, and frames it only after that", () => {
    const plain = new PlainChunks();
    expect(holds(plain, chunkOf("one", undefined, 1))).toBe(false);
    expect(plain.frame).toBeUndefined();
    expect(holds(plain, chunkOf("two", undefined, 1), 2)).toBe(true);
    expect(plain.frame).toBeUndefined();
    expect(holds(plain, chunkOf("three", undefined, 1), 2)).toBe(true);
    expect(isFramed(plain, chunkOf("four", undefined, 1))).toBe(true);
    expect(isFramed(plain, chunkOf("four", undefined, 2))).toBe(false);
  });

  it("frames no chunk that it lets be read, however often that comes", () => {
    const plain = new PlainChunks();
    for (const text of ["one", "two", "three"]) {
      expect(holds(plain, chunkOf(text, undefined, 1))).toBe(false);
      expect(isFramed(plain, chunkOf("four", undefined, 1))).toBe(false);
    }
  });

  it("frames no event of any stream of which tellsMore says that it holds more", () => {
    const piece = fc.constantFrom(
      '"',
      '"usage',
      "usage",
      'finish_reason"',
      '"finish_reason":',
      '"error',
      'error"',
      ":",
      ":",
      "null",
      "1",
      " ",
      "}",
      "\\",
      "x",
      "y",
      ',"a":"',
      '","usage":',
    );
    const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));
    const stream = fc.tuple(text, text, fc.array(fc.oneof(text, fc.constantFrom("x", "y", "xy")), { maxLength: 12 }));
    fc.assert(
      fc.property(stream, ([head, tail, middles]) => {
        const plain = new PlainChunks();
        for (const middle of middles) {
          const event = `data: {"a":"${head}":"${middle}"${tail}}\n\n`;
          if (isFramed(plain, event)) expect(tellsMore(bytes(event))).toBe(false);
          expect(holds(plain, event)).toBe(!tellsMore(bytes(event)));
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
