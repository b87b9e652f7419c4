import * as fc from "fast-check";
import { expect, test } from "vitest";
import { matchesGlob } from "./glob.ts";

test.each([
  ["*sonnet*", "claude-sonnet-5-5", true],
  ["*SONNET*", "claude-Sonnet-5", true],
  ["claude-*-5", "claude-opus-5", true],
  ["claude-*-5", "claude-opus-5-5x", false],
  ["gpt-?", "gpt-5", true],
  ["gpt-?", "gpt-", false],
  ["gpt-?", "gpt-55", false],
  ["*", "", true],
  ["**", "anything", true],
  ["", "", true],
  ["", "x", false],
  ["claude-opus-5[1m]", "claude-opus-5[1m]", true],
  ["*[1m]", "claude-opus-5[1m]", true],
  ["*[1m]", "claude-opus-51", false],
  ["a.c", "abc", false],
  ["*a*b*c", "xxaxbxbxc", true],
  ["*a*b*c", "xxaxbxbx", false],
])("%s fits %s: %s", (pattern, name, expected) => {
  expect(matchesGlob(pattern, name)).toBe(expected);
});

test("it agrees with a regular expression", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "*", "?", "["), maxLength: 12 });
  fc.assert(
    fc.property(text, fc.string({ unit: fc.constantFrom("a", "b", "["), maxLength: 12 }), (pattern, name) => {
      const source = pattern.replace(/\[/g, "\\[").replace(/\*+/g, ".*").replace(/\?/g, ".");
      expect(matchesGlob(pattern, name)).toBe(new RegExp(`^${source}$`, "s").test(name));
    }),
    { numRuns: 1_000 },
  );
});

test("no pattern takes long", () => {
  const before = cpuMs();
  expect(matchesGlob("*a".repeat(200) + "b", "a".repeat(2_000))).toBe(false);
  expect(cpuMs() - before).toBeLessThan(500);
});

/** The processor time of this process, in milliseconds: what a busy machine does not change. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
