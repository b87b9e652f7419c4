import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonWalkError, maxDepth, skipSpace, walkObject } from "./json-walk.ts";

const encode = (text: string) => new TextEncoder().encode(text);

function walks(text: string): boolean {
  const bytes = encode(text);
  try {
    const end = walkObject(bytes, 0, () => undefined);
    return skipSpace(bytes, end) === bytes.length;
  } catch (error) {
    if (error instanceof JsonWalkError) return false;
    throw error;
  }
}

function parsesAsObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

describe("walkObject", () => {
  it("accepts exactly what JSON.parse accepts as an object, for random JSON with random faults", () => {
    const spacing = fc.constantFrom(undefined, 0, 1, 3);
    const mutation = fc.record({
      at: fc.nat(),
      kind: fc.constantFrom("none", "drop", "double", "swap"),
      char: fc.constantFrom(...'{}[]",:\\ \n\t0129eE.-+tfnu\u0001x'),
    });
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue({ maxDepth: 4 })),
        spacing,
        mutation,
        (value, space, { at, kind, char }) => {
          const text = JSON.stringify(value, undefined, space).replaceAll(/[\ud800-\udfff]/g, "");
          const index = text.length === 0 ? 0 : at % text.length;
          const mutated =
            kind === "drop"
              ? text.slice(0, index) + text.slice(index + 1)
              : kind === "double"
                ? text.slice(0, index) + char + text.slice(index)
                : kind === "swap"
                  ? text.slice(0, index) + char + text.slice(index + 1)
                  : text;
          expect(walks(mutated)).toBe(parsesAsObject(mutated));
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it("tells each member's key and value ranges", () => {
    const text = ' { "a" : [1, {"b": "}"}] ,"c\\u0064":"x\\"y" , "e":-1.5e3}';
    const bytes = encode(text);
    const members: [string, unknown][] = [];
    walkObject(bytes, 0, (key, value) =>
      members.push([
        JSON.parse(text.slice(key.start, key.end)) as string,
        JSON.parse(text.slice(value.start, value.end)),
      ]),
    );
    expect(members).toEqual([
      ["a", [1, { b: "}" }]],
      ["cd", 'x"y'],
      ["e", -1500],
    ]);
  });

  it.each([
    "",
    "{",
    "}",
    "[]",
    "null",
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    "{,}",
    '{"a":1 "b":2}',
    '{"a":[1,]}',
    '{"a":[}',
    '{"a":01}',
    '{"a":1.}',
    '{"a":.5}',
    '{"a":+1}',
    '{"a":tru}',
    '{"a":NaN}',
    '{"a":"\n"}',
    '{"a":"\\x"}',
    '{"a":"\\u12g4"}',
    '{"a":"',
    '{"a":[[]',
    '{"a":{"b":1}',
    "{'a':1}",
    '{"a":1}}',
    '{"a":1}x',
    '\ufeff{"a":1}',
  ])("refuses %j", (text) => {
    expect(walks(text)).toBe(false);
  });

  it("takes exactly those bytes for UTF-8 that a fatal TextDecoder takes", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.constantFrom(
              0xc0,
              0xc1,
              0xc2,
              0xdf,
              0xe0,
              0xed,
              0xef,
              0xf0,
              0xf4,
              0xf5,
              0x80,
              0x9f,
              0xa0,
              0xbf,
              0x90,
              0x8f,
            ),
            fc.integer({ min: 0x23, max: 0x5b }),
          ),
          { maxLength: 6 },
        ),
        (content) => {
          const bytes = new Uint8Array([...encode('{"a":"'), ...content, ...encode('"}')]);
          let isUtf8 = true;
          try {
            new TextDecoder("utf-8", { fatal: true }).decode(bytes);
          } catch {
            isUtf8 = false;
          }
          let isWalked = true;
          try {
            walkObject(bytes, 0, () => undefined);
          } catch {
            isWalked = false;
          }
          expect(isWalked).toBe(isUtf8);
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it("refuses input nested deeper than the bound, whatever its size, without overflowing", () => {
    expect(walks(`{"a":${"[".repeat(200_000)}`)).toBe(false);
    expect(walks(`{"a":${'{"b":'.repeat(200_000)}`)).toBe(false);
    const depth = maxDepth - 1;
    expect(walks(`{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`)).toBe(true);
  });
});
