import { expect, test } from "vitest";
import { SessionBindings } from "./affinity.ts";

const fiveMinutes = 300_000;

test("a new conversation is bound to nobody", () => {
  expect(new SessionBindings().boundProvider("s", 0)).toBeUndefined();
});

test("a conversation stays with who served it until its cache is cold", () => {
  const bindings = new SessionBindings();
  bindings.served("s", "b", 0);
  expect(bindings.boundProvider("s", fiveMinutes)).toBe("b");
  expect(bindings.boundProvider("s", fiveMinutes + 1)).toBeUndefined();
  // Once cold, it stays cold.
  expect(bindings.boundProvider("s", fiveMinutes)).toBeUndefined();
});

test("each request that is served keeps the cache warm", () => {
  const bindings = new SessionBindings();
  for (let index = 0; index < 10; index += 1) bindings.served("s", "b", index * 200_000);
  expect(bindings.boundProvider("s", 9 * 200_000 + fiveMinutes)).toBe("b");
});

test("the binding moves only when another provider has served", () => {
  const bindings = new SessionBindings();
  bindings.served("s", "a", 0);
  expect(bindings.boundProvider("s", 1)).toBe("a");
  bindings.served("s", "b", 2);
  expect(bindings.boundProvider("s", 3)).toBe("b");
});

test("the memory is bounded: who was served longest ago is forgotten first", () => {
  const bindings = new SessionBindings(2);
  bindings.served("one", "a", 0);
  bindings.served("two", "a", 1);
  bindings.served("one", "a", 2);
  bindings.served("three", "a", 3);
  expect(["one", "two", "three"].map((session) => bindings.boundProvider(session, 4))).toEqual(["a", undefined, "a"]);
});

test("a provider that is gone binds nobody", () => {
  const bindings = new SessionBindings();
  bindings.served("one", "a", 0);
  bindings.served("two", "b", 0);
  bindings.retain(new Set(["b"]));
  expect(bindings.boundProvider("one", 1)).toBeUndefined();
  expect(bindings.boundProvider("two", 1)).toBe("b");
});

test("a session of any length is told from others, and kept as a short key", () => {
  const bindings = new SessionBindings(3);
  const long = (index: number): string => `${"s".repeat(100_000)}${index}`;
  for (let index = 0; index < 3; index += 1) bindings.served(long(index), `p${index}`, 0);
  expect([0, 1, 2].map((index) => bindings.boundProvider(long(index), 1))).toEqual(["p0", "p1", "p2"]);
});
