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
