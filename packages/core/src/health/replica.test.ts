import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type HealthChange, parseHealthChange } from "./replica.ts";

const opening = {
  openedAtMs: 1,
  untilMs: 2,
  backoffMs: 3,
  failedProbes: 0,
  reason: { class: "overloaded", detail: "HTTP 529" },
} as const;

test.each<HealthChange["scope"]>([
  { type: "provider", provider: "a" },
  { type: "deployment", provider: "a", model: "m" },
  { type: "key", provider: "a", keyIndex: 0 },
  { type: "key-deployment", provider: "a", keyIndex: 1, model: "m" },
])("a change of the scope $type survives JSON", (scope) => {
  const change: HealthChange = { scope, circuit: { openings: [opening], recoveredThroughMs: 0 } };
  expect(parseHealthChange(JSON.parse(JSON.stringify(change)))).toEqual(change);
});

test.each([
  ["no provider", { scope: { type: "provider" } }],
  ["a negative key", { scope: { type: "key", provider: "a", keyIndex: -1 } }],
  ["no model", { scope: { type: "deployment", provider: "a" } }],
  ["an unknown scope", { scope: { type: "planet", provider: "a" } }],
  ["an end that is no time", { circuit: { openings: [{ ...opening, untilMs: "soon" }], recoveredThroughMs: 0 } }],
  ["a negative time", { circuit: { openings: [{ ...opening, untilMs: -1 }], recoveredThroughMs: 0 } }],
  [
    "an unknown reason",
    { circuit: { openings: [{ ...opening, reason: { class: "whim", detail: "" } }], recoveredThroughMs: 0 } },
  ],
  ["no time of recovery", { circuit: { openings: [], recoveredThroughMs: null } }],
  ["too many openings", { circuit: { openings: Array.from({ length: 101 }, () => opening), recoveredThroughMs: 0 } }],
])("a change with %s is refused", (_, part) => {
  const good = { scope: { type: "provider", provider: "a" }, circuit: { openings: [opening], recoveredThroughMs: 0 } };
  expect(parseHealthChange(good)).toBeDefined();
  expect(parseHealthChange({ ...good, ...part })).toBeUndefined();
});

test("junk of any kind is refused without a throw", () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      expect(parseHealthChange(value)).toBeUndefined();
    }),
  );
});
