import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CustomInput, customText } from "./custom-input.ts";

/** A text in pieces of the given lengths, the last taking what is left. */
function cut(text: string, lengths: readonly number[]): readonly string[] {
  const pieces: string[] = [];
  let at = 0;
  for (const length of lengths) {
    pieces.push(text.slice(at, at + length));
    at += length;
  }
  return [...pieces, text.slice(at)];
}

const lengths = fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 60 });

describe("the input of a custom tool", () => {
  it("is given out in pieces that make up the whole, however the arguments are split and spaced", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), lengths, fc.boolean(), (input, splits, isSpaced) => {
        const json = isSpaced ? JSON.stringify({ input }, null, 2) : JSON.stringify({ input });
        const reader = new CustomInput();
        const out = cut(json, splits).map((piece) => reader.push(piece));
        expect(out.join("") + reader.end()).toBe(input);
        expect(reader.text).toBe(input);
      }),
    );
  });

  it("is streamed: no character waits for the next", () => {
    const reader = new CustomInput();
    expect(reader.push('{"input": "a')).toBe("a");
    expect(reader.push("b\\")).toBe("b");
    expect(reader.push("nc\\u00e")).toBe("\nc");
    expect(reader.push('9"')).toBe("é");
    expect(reader.push("}")).toBe("");
    expect(reader.end()).toBe("");
  });

  it("is what the model wrote instead, where it is no such object", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), lengths, (json, splits) => {
        fc.pre(!json.replaceAll(/\s/g, "").startsWith('{"input":"'));
        const reader = new CustomInput();
        const out = cut(json, splits).map((piece) => reader.push(piece));
        expect(out.join("") + reader.end()).toBe(customText(json));
      }),
    );
  });

  it("is as much of it as was readable, where the arguments break off", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.nat({ max: 40 }), (input, length) => {
        const reader = new CustomInput();
        const out = reader.push(JSON.stringify({ input }).slice(0, 10 + length));
        expect(input.startsWith(out + reader.end())).toBe(true);
      }),
    );
  });
});
