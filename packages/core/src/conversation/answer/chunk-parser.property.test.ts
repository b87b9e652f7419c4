import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChunkParser } from "./chunk-parser.ts";

/** What each call gave out, as text, because a value is only valid until the next call. */
function parsed(texts: readonly string[]): readonly string[] {
  const parser = new ChunkParser();
  return texts.map((text) => JSON.stringify(parser.parse(text)) ?? "undefined");
}

function plain(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return "undefined";
  }
}

const tricky = fc.oneof(
  fc.string(),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom(
    "",
    '"',
    "\\",
    '","content":"',
    '"},"finish_reason":null}]}',
    '\\"content\\":',
    "\ud800",
    "\u0001ccpb\u0001",
    "content",
    "null",
  ),
);
const delta = fc.oneof(
  fc.record({ content: tricky }),
  fc.record({ role: fc.constant("assistant"), content: tricky, refusal: fc.constant(null) }),
  fc.record({ content: fc.constant(""), reasoning_content: tricky }),
  fc.record({ reasoning: tricky, content: tricky }),
  fc.record({
    tool_calls: fc.array(fc.record({ index: fc.nat(1), function: fc.record({ arguments: tricky }) }), { maxLength: 2 }),
  }),
);
const chunk = fc.record({
  id: fc.constantFrom("x", "content", '"content":"a"'),
  content: fc.constantFrom("a", '"content":"a"'),
  choices: fc.array(
    fc.record({ index: fc.constant(0), delta, finish_reason: fc.constantFrom(null, null, null, "stop") }),
    { minLength: 1, maxLength: 2 },
  ),
});
const spaced = (text: string) => text.replaceAll('":', '": ');

describe("the chunk parser", () => {
  it("gives what JSON.parse gives for any sequence of chunks", () => {
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 30 }), fc.boolean(), (chunks, isSpaced) => {
        const texts = chunks.map((one) => (isSpaced ? spaced(JSON.stringify(one)) : JSON.stringify(one)));
        expect(parsed(texts)).toEqual(texts.map(plain));
      }),
      { numRuns: 300 },
    );
  });

  it("gives what JSON.parse gives where texts are cut, changed and repeated", () => {
    const mutation = fc.tuple(fc.nat(), fc.constantFrom("", '"', "\\", "{", "}", "x", "\u0000"), fc.nat(3));
    fc.assert(
      fc.property(chunk, fc.array(mutation, { maxLength: 20 }), (one, mutations) => {
        const text = JSON.stringify(one);
        const texts = [
          text,
          text,
          ...mutations.flatMap(([place, inserted, removed]) => {
            const at = place % text.length;
            return [text.slice(0, at) + inserted + text.slice(at + removed), text];
          }),
        ];
        expect(parsed(texts)).toEqual(texts.map(plain));
      }),
      { numRuns: 300 },
    );
  });

  it("takes what stands in the middle only as one whole string", () => {
    const text = (content: string) => `{"choices":[{"index":0,"delta":{"content":${content}},"finish_reason":null}]}`;
    const texts = [
      text('"a"'),
      text('"b"'),
      text('"b","role":"x"'),
      text("null"),
      text("1"),
      text('{"a":"b"}'),
      text('"\\u00e9"'),
      text(""),
      text('"c"'),
    ];
    expect(parsed(texts)).toEqual(texts.map(plain));
  });
});
