import { expect, test } from "vitest";
import { matcherOf, matchingRule, problemOfMatch } from "./error-rules.ts";

const error = { message: "Upstream said: Insufficient credits", type: "invalid_request_error", code: "no_credit" };

test.each([
  [{}, true],
  [{ status: 400 }, true],
  [{ status: "400" }, true],
  [{ status: "4xx" }, true],
  [{ status: "4XX" }, true],
  [{ status: "5xx" }, false],
  [{ status: 401 }, false],
  [{ match: "insufficient CREDITS" }, true],
  [{ match: "no_credit" }, true],
  [{ match: "/insufficient.?credits$/" }, true],
  [{ match: "/^credits/" }, false],
  [{ match: "prompt" }, false],
  [{ status: 401, match: "credits" }, false],
])("a rule with %o covers it: %s", (part, expected) => {
  const rule = { ...part, action: "failover" } as const;
  expect(matchingRule([rule], { status: 400, error }) === rule).toBe(expected);
});

test("the first rule that covers wins", () => {
  const rules = [
    { status: 500, action: "stop" },
    { match: "credits", action: "stop" },
    { action: "failover" },
  ] as const;
  expect(matchingRule(rules, { status: 400, error })).toBe(rules[1]);
});

test("an error without a status is covered only by rules without one", () => {
  expect(matchingRule([{ status: "4xx", action: "stop" }], { error })).toBeUndefined();
  expect(matchingRule([{ match: "credits", action: "stop" }], { error })).toBeDefined();
});

test("an expression that cannot be used is named, and taken as plain text", () => {
  expect(problemOfMatch("/(unclosed/")).toContain("Unterminated group");
  expect(problemOfMatch("/(a+)+$/")).toContain("repetition");
  expect(problemOfMatch("/(?:x|y*)*z/")).toContain("repetition");
  expect(problemOfMatch("/rate.?limit|(a|b)+/")).toBeUndefined();
  expect(problemOfMatch("plain (text")).toBeUndefined();
  expect(matcherOf("/(a+)+$/")("see /(a+)+$/ here")).toBe(true);
});

test("a long message is cut before it is searched", () => {
  const long = { message: `${"x".repeat(10_000)}needle` };
  expect(matchingRule([{ match: "needle", action: "stop" }], { error: long })).toBeUndefined();
});

// What reads the same text in more than one way takes too long on a text that almost fits.
test.each([
  "a.*b.*c",
  "(x+x+)+y",
  "(?:a|ab)*c",
  "(.*)*",
  "(\\d+)+$",
  "(?:a?){40}a{40}",
  "\\s*x?\\s*y",
  "(a)(\\1.*)+",
  "[^]*a[^]*b",
  ".{0,500}a.{0,500}b",
])("an expression that can take too long is refused: %s", (source) => {
  expect(problemOfMatch(`/${source}/`)).toContain("can take too long");
});

test.each([
  "rate.?limit",
  "quota|balance|billing",
  "model.*not found",
  "^(?:429|529)\\b",
  "(?<kind>overload|capacity)(?:ed)?",
  'error"\\s*:\\s*"[^"]*quota',
  "(a|b)+",
  "\\[\\d{3}\\] .{0,80}retry",
  "(?:\\w+ )?exceeded(?! your)",
  "余额.?不足",
  "a{2,3}[\\]x]\\x41\\u0042",
])("an expression whose time is bounded is taken, and judged within it: %s", (source) => {
  expect(problemOfMatch(`/${source}/`)).toBeUndefined();
  const hostile = `${'model rate error": "a '.repeat(200)}x`;
  const before = cpuMs();
  matcherOf(`/${source}/`)(hostile.slice(0, 2_000));
  expect(cpuMs() - before).toBeLessThan(1_000);
});

/** The processor time of this process, in milliseconds: what a busy machine does not change. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
