import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PlainChunks } from "./plain-chunks.ts";
import { tellsMore } from "./telling-members.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const holds = (plain: PlainChunks, text: string): boolean => {
  const chunk = bytes(`before${text}behind`);
  return plain.holds({ chunk, from: 6, end: chunk.length - 6 });
};
const chunkOf = (content: string, rest = '"finish_reason":null'): string =>
  `data: {"id":"c","choices":[{"delta":{"content":${JSON.stringify(content)}},${rest}}]}\n\n`;

describe("PlainChunks", () => {
  it.each([
    ["an end", chunkOf("", '"finish_reason":"stop"')],
    ["usage", chunkOf("six", '"finish_reason":null,"usage":{"total_tokens":1}')],
    [
      "an error in the frame's text",
      'data: {"id":"c","choices":[{"delta":{"content":"x","error":"},"finish_reason":null}]}\n\n',
    ],
    ["another head of the same length", chunkOf("six").replace('"id":"c"', '"error":')],
  ])("finds %s behind chunks that differ in their text alone", (_name, telling) => {
    const plain = new PlainChunks();
    for (const text of ["one", "two", "three", 'say "usage": 1', "four", "five"])
      expect(holds(plain, chunkOf(text))).toBe(true);
    expect(holds(plain, telling)).toBe(false);
    expect(holds(plain, chunkOf("seven"))).toBe(true);
  });

  it("says of each event of any stream what tellsMore says", () => {
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
          const event = head + middle + tail;
          expect(holds(plain, event)).toBe(!tellsMore(bytes(event)));
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
