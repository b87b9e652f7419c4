import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonProgress, readToolInput } from "./tool-json.ts";

const input = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 });

describe("the progress of JSON in pieces", () => {
  it("is complete at the last bracket of the object and not before, in any split", () => {
    fc.assert(
      fc.property(input, fc.boolean(), fc.nat(), (object, isSpaced, place) => {
        const text = isSpaced ? JSON.stringify(object, null, 2) : JSON.stringify(object);
        const cut = place % text.length;
        const progress = new JsonProgress();
        progress.push(text.slice(0, cut));
        expect(progress.isComplete).toBe(false);
        progress.push(text.slice(cut));
        expect(progress.isComplete).toBe(true);
        expect(progress.closers()).toBe("");
      }),
    );
  });

  it("knows what closes a text that is cut inside a string value", () => {
    for (const [text, closers] of [
      ['{"a":"b', '"}'],
      ['{"a":["b\\"', '"]}'],
      ['{"a":{"b":[1,2', "]}}"],
      ['{"a":"b\\', '\\"}'],
      ['{"a":1}', ""],
    ] as const) {
      const progress = new JsonProgress();
      progress.push(text);
      expect(progress.closers()).toBe(closers);
      expect(() => JSON.parse(text + closers)).not.toThrow();
    }
  });
});

describe("whole tool arguments", () => {
  it("come out as they were for any object, as text or as a value", () => {
    fc.assert(
      fc.property(input, (object) => {
        const text = JSON.stringify(object);
        expect(readToolInput(text)).toEqual({ input: JSON.parse(text) });
        expect(readToolInput(object)).toEqual({ input: object });
      }),
    );
  });

  it("become an object for anything at all", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.jsonValue(), fc.anything()), (args) => {
        const { input: read } = readToolInput(args);
        expect(typeof read === "object" && read !== null && !Array.isArray(read)).toBe(true);
      }),
    );
  });

  it("lose nothing that stands in strings when they are put right", () => {
    expect(readToolInput('{"a":"x, }","b":[1,],}')).toEqual({ input: { a: "x, }", b: [1] }, repair: "cleaned" });
    expect(readToolInput('{"a":"x,}')).toEqual({ input: { a: "x,}" }, repair: "closed" });
  });
});
