import { expect, test } from "vitest";
import { toChatRequest } from "../translate/chat-request.ts";
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
