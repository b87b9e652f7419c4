import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonProgress, isSameInput, missingBrackets, readToolInput } from "./tool-json.ts";

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
      }),
    );
  });

  it.each([
    ['{"a":"b"', "}"],
    ['{"a":["b\\""', "]}"],
    ['{"a":{"b":[1,{}', "]}}"],
    ['{"a":true', "}"],
    ['{"a":[null ', "]}"],
    ['{"a":1\n', "}"],
    ['{"a":"b', undefined],
    ['{"a":"b\\"', undefined],
    ['{"a":"b\\', undefined],
    ['{"a":12', undefined],
    ['{"a":[1,2', undefined],
    ['{"a":1.', undefined],
    ['{"a":-', undefined],
    ['{"a":tru', undefined],
    ['{"a":nul', undefined],
    ['{"a"', undefined],
    ['{"a":', undefined],
    ['{"a":1,', undefined],
    ['{"a":[', undefined],
    ["{", undefined],
    ['{"a":1}', undefined],
    ["", undefined],
  ])("knows which brackets %s lacks, and that a value which is cut lacks more", (text, brackets) => {
    expect(missingBrackets(text)).toBe(brackets);
    if (brackets !== undefined) expect(() => JSON.parse(text + brackets)).not.toThrow();
  });

  it("never closes a string, a number or a literal, wherever the JSON is cut", () => {
    fc.assert(
      fc.property(input, fc.nat(), (object, place) => {
        const text = JSON.stringify(object);
        const cut = text.slice(0, place % text.length);
        const read = readToolInput(cut);
        if (read?.repair !== "closed") return;
        // Every value that was given out stands in the original as it is.
        const closed = JSON.stringify(read.input);
        expect(text.startsWith(closed.replace(/[}\]]+$/, ""))).toBe(true);
        expect(cut.trimEnd()).toMatch(/["}\]el]$/);
      }),
      { numRuns: 2_000 },
    );
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

  it("become an object or nothing for anything at all", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.jsonValue(), fc.anything()), (args) => {
        const read = readToolInput(args);
        if (read === undefined) expect(typeof args).toBe("string");
        else expect(typeof read.input === "object" && read.input !== null && !Array.isArray(read.input)).toBe(true);
      }),
    );
  });

  it.each([
    ['{}{"location":"Paris"}', { location: "Paris" }],
    ['{} {"location":"Paris"}', { location: "Paris" }],
    ['{ }\n{}{"location":"Paris"}', { location: "Paris" }],
    ['```json\n{}{"a":1}\n```', { a: 1 }],
    ["{}{}", {}],
    ["{} oops", {}],
  ])("take what follows an empty object for the real ones: %s", (args, expected) => {
    expect(readToolInput(args)?.input).toEqual(expected);
  });

  it.each([
    '{"command":"rm -rf ./build',
    '{}{"command":"rm -rf ./build',
    '```json\n{"command":"rm -rf ./build',
    '"{\\"command\\":\\"rm -rf ./build',
    '"{\\"command\\":\\"rm -rf ./build"',
    '"command":"rm -rf ./build',
    '["rm -rf ./build',
    "rm -rf ./build",
    '{"lines":[1,2',
    '{"force":tru',
  ])("are none where they are cut or no JSON: %s", (args) => {
    expect(readToolInput(args)).toBeUndefined();
  });

  it("keep line breaks and other control characters that stand in strings as they are, wherever they are cut", () => {
    const text = fc.string({ unit: fc.constantFrom("\n", "\r", "\t", "\u0001", '"', "\\", "a", "}", "é") });
    fc.assert(
      fc.property(fc.dictionary(text, text, { maxKeys: 3 }), fc.nat(), (object, place) => {
        // As a model writes it that escapes quotation marks and backslashes alone.
        const written = JSON.stringify(object, null, 1).replaceAll(/\\(?:["\\]|u[0-9a-f]{4}|[nrtbf])/g, (escape) =>
          /^\\["\\]$/.test(escape) ? escape : String(JSON.parse(`"${escape}"`)),
        );
        expect(readToolInput(written)?.input).toEqual(object);
        const progress = new JsonProgress();
        const cut = place % written.length;
        const pieces = [written.slice(0, cut), written.slice(cut)].map((piece) => {
          const escaped = progress.escape(piece);
          progress.push(escaped);
          return escaped;
        });
        expect(JSON.parse(pieces.join(""))).toEqual(object);
      }),
    );
    const spaced = '{\n\t"a": "b"\n}';
    expect(new JsonProgress().escape(spaced)).toBe(spaced);
    expect(readToolInput('{"command":"make \\\n  all"}')?.input).toEqual({ command: "make \\\n  all" });
    expect(readToolInput('{"command":"rm -rf ./a\n')).toBeUndefined();
  });

  it("are the same whatever their white space, order and encoding", () => {
    fc.assert(
      fc.property(input, (object) => {
        const text = JSON.stringify(object);
        const turned = JSON.stringify(Object.fromEntries(Object.entries(object).toReversed()), null, 2);
        expect(isSameInput(text, readToolInput(turned))).toBe(true);
        expect(isSameInput(text, readToolInput(JSON.stringify(text)))).toBe(true);
        expect(isSameInput(text, readToolInput(JSON.stringify({ ...object, another: 1 })))).toBe(
          object["another"] === 1,
        );
      }),
    );
    expect(isSameInput('{"a":1}', readToolInput('{"a":"1"}'))).toBe(false);
    expect(isSameInput('{"a', readToolInput('{"a"'))).toBe(false);
  });

  it("lose nothing that stands in strings when they are put right", () => {
    expect(readToolInput('{"a":"x, }","b":[1,],}')).toEqual({ input: { a: "x, }", b: [1] }, repair: "cleaned" });
    expect(readToolInput('{"a":"x,}"')).toEqual({ input: { a: "x,}" }, repair: "closed" });
  });
});
