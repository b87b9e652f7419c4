import { expect, test } from "vitest";
import { readBodyPattern } from "./body-patterns.ts";

test.each([
  [String.raw`"error"\s*:\s*".*insufficient.*credits"`, { type: "rule", match: "/insufficient.*credits/" }],
  [String.raw`"error_type"\s*:\s*"quota_exceeded"`, { type: "rule", match: "/quota_exceeded/" }],
  [String.raw`"message"\s*:\s*".*rate.?limit.*"`, { type: "rule", match: "/rate.?limit/" }],
  [String.raw`"detail"\s*:\s*".*没有可用.*"`, { type: "rule", match: "/没有可用/" }],
  [String.raw`(?i)overloaded`, { type: "rule", match: "/overloaded/" }],
  [String.raw`(?P<what>quota|credit) gone`, { type: "rule", match: "/(?<what>quota|credit) gone/" }],
  [String.raw`a{2,3}`, { type: "rule", match: "/a{2,3}/" }],
  [String.raw`"type"\s*:\s*"error"`, { type: "built-in" }],
  [String.raw`data:\s*\{"error"`, { type: "built-in" }],
  [String.raw`event:\s*error`, { type: "built-in" }],
  [String.raw`\{"code":\s*\d+`, { type: "unmatchable" }],
  ["(", { type: "invalid", reason: "Unterminated group" }],
])("reads %s", (pattern, expected) => {
  expect(readBodyPattern(pattern)).toEqual(expected);
});
