import { expect, test } from "vitest";
import { toChatRequest } from "../chat/request.ts";
import { walkObject } from "../../bytes/json-walk.ts";
import { readRequestFacts } from "./request-facts.ts";

const base = '"model":"m","max_tokens":1,"messages":[{"role":"user","content":"q"}]';

const members: Readonly<Record<string, (index: number) => string>> = {
  "unknown members": (index) => `"k${index}":1`,
  "the same unknown member": () => '"k":1',
  "further models": () => '"model":"m"',
  "further messages": () => '"messages":[]',
  "empty names": () => '"":null',
};

test.each(Object.entries(members))("a body has at most 1,000 members: %s", (_, write) => {
  const bodyOf = (count: number): Uint8Array =>
    new TextEncoder().encode(
      `{${[base, ...Array.from({ length: count - 3 }, (_value, index) => write(index))].join()}}`,
    );
  expect(readRequestFacts(bodyOf(1_000)).model).toBe("m");
  for (const count of [1_001, 200_000]) {
    expect(() => readRequestFacts(bodyOf(count))).toThrow(/more than 1000 members/);
  }
});

test("a translation gives at most 100 warnings and one that there are more, in linear time", () => {
  const request = JSON.parse(`{${[base, ...Array.from({ length: 20_000 }, (_, index) => `"k${index}":1`)].join()}}`);
  const { warnings } = toChatRequest(request, { model: "m" });
  expect(warnings).toHaveLength(101);
  expect(warnings.at(-1)).toMatchObject({ code: "more_warnings" });
});

test("100 warnings are given whole", () => {
  const request = JSON.parse(`{${[base, ...Array.from({ length: 100 }, (_, index) => `"k${index}":1`)].join()}}`);
  expect(toChatRequest(request, { model: "m" }).warnings.map(({ code }) => code)).not.toContain("more_warnings");
});

test.each(["1", "-0.1", "1e0", "1E+9"])(
  "a number of 31 million digits is walked without a text being made of it: %s…",
  (start) => {
    const bytes = new TextEncoder().encode(`{${base},"n":${start}${"1".repeat(31_000_000)}}`);
    let members = 0;
    expect(walkObject(bytes, 0, () => (members += 1))).toBe(bytes.length);
    expect(members).toBe(4);
  },
);

test.each([
  ...["0", "-0", "10", "0.5", "-1.25e-7", "1E5", "2e+10", "true", "false", "null"].map((text) => [text, true] as const),
  ...[
    "01",
    "-",
    "+1",
    ".5",
    "1.",
    "1e",
    "1e+",
    "--1",
    "1.2.3",
    "1-2",
    "tru",
    "truefalse",
    "nulll",
    "e5",
    "1ee5",
    "NaN",
  ].map((text) => [text, false] as const),
])("a bare word is JSON or not, as JSON.parse says: %s", (text, isJson) => {
  const bytes = new TextEncoder().encode(`{"n":${text}}`);
  const walk = (): number => walkObject(bytes, 0, () => undefined);
  if (isJson) expect(walk()).toBe(bytes.length);
  else expect(walk).toThrow();
});
