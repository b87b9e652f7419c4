import { expect, test } from "vitest";
import type { ProviderConfig } from "../config-types.ts";
import { keptHealth } from "./kept.ts";

const provider: ProviderConfig = {
  name: "a",
  type: "openai",
  baseUrl: "https://a.example/v1",
  auth: { type: "api_key", keys: ["one", "two"] },
  enabled: true,
};

function kept(change: Partial<ProviderConfig>): unknown {
  const map = keptHealth([provider], [{ ...provider, ...change }]);
  return [...map].map(([name, keys]) => [name, [...keys]]);
}

test("the same provider keeps its health, also when what it is mapped to changes", () => {
  expect(kept({ bigModel: "other", weight: 3 })).toEqual([
    [
      "a",
      [
        [0, 0],
        [1, 1],
      ],
    ],
  ]);
});

test("health follows a key to its new place, and a new key starts afresh", () => {
  expect(kept({ auth: { type: "api_key", keys: ["three", "two"] } })).toEqual([["a", [[1, 1]]]]);
  expect(kept({ auth: { type: "api_key", keys: ["two", "one"] } })).toEqual([
    [
      "a",
      [
        [0, 1],
        [1, 0],
      ],
    ],
  ]);
});

test.each<[string, Partial<ProviderConfig>]>([
  ["other keys", { auth: { type: "api_key", keys: ["three"] } }],
  ["another address", { baseUrl: "https://b.example/v1" }],
  ["another name", { name: "b" }],
  ["another type", { type: "anthropic" }],
  ["another way to pay", { auth: { type: "auth_token", keys: ["one", "two"] } }],
])("%s: nothing is kept", (_, change) => {
  expect(kept(change)).toEqual([]);
});

test("a provider that forwards the client's credential keeps its health", () => {
  const forwarding: ProviderConfig = { ...provider, type: "anthropic", auth: { type: "passthrough" } };
  expect([...keptHealth([forwarding], [forwarding])]).toEqual([["a", new Map([[0, 0]])]]);
  expect(keptHealth([forwarding], [{ ...forwarding, auth: { type: "api_key", keys: ["one"] } }]).size).toBe(0);
});
