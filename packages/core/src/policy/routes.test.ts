import { expect, test } from "vitest";
import { routeFor } from "./routes.ts";

const routes = [
  { pattern: "*", candidates: [{ provider: "rest", model: "passthrough", priority: 1 }] },
  {
    pattern: "*sonnet*",
    candidates: [
      { provider: "second", model: "m2", priority: 2 },
      { provider: "first", model: "passthrough", priority: 1 },
      { provider: "third", model: "m3", priority: 2 },
    ],
  },
  { pattern: "Claude-Sonnet-5", candidates: [{ provider: "exact", model: "m", priority: 9 }] },
];

test("an exact name goes before every glob, in any case", () => {
  expect(routeFor(routes, "claude-SONNET-5")).toEqual([{ provider: "exact", model: "m", isFinal: false }]);
});

test("the first glob that fits counts, its candidates by priority and then as they stand", () => {
  expect(routeFor(routes.slice(1), "claude-sonnet-6[1m]")).toEqual([
    { provider: "first", model: "claude-sonnet-6[1m]", isFinal: true },
    { provider: "second", model: "m2", isFinal: false },
    { provider: "third", model: "m3", isFinal: false },
  ]);
  expect(routeFor(routes, "claude-sonnet-6")).toEqual([{ provider: "rest", model: "claude-sonnet-6", isFinal: true }]);
});

test("where no route covers the name the provider list decides", () => {
  expect(routeFor(routes.slice(1), "gpt-5")).toBeUndefined();
  expect(routeFor([], "gpt-5")).toBeUndefined();
});
