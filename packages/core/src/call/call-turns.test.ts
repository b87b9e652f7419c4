import { expect, test } from "vitest";
import { Balancer } from "../balancer/balancer.ts";
import type { Call } from "./call-types.ts";
import { maxAttempts } from "./call-turns.ts";
import type { BalancerSettings, ProviderConfig } from "../base/config-types.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { nativeProvider } from "../../test/native-provider.ts";

function stage(providers: readonly ProviderConfig[], settings: Partial<BalancerSettings> = {}) {
  const clock = new VirtualClock();
  const balancer = new Balancer({ providers, settings }, { clock, random: () => 0.5 });
  let count = 0;
  const open = (): Call =>
    balancer.open({ model: "claude-opus-5", max_tokens: 9, messages: [{ role: "user", content: `${++count}` }] });
  return { clock, open };
}

/** Takes every attempt that the call may make, each refused with 500; returns how many. */
function exhaust(call: Call): number {
  for (let attempt = call.next(); attempt; attempt = call.next()) {
    attempt.report({ type: "response", status: 500, headers: {}, body: "" });
  }
  return call.attemptCount;
}

const names = (count: number): ProviderConfig[] =>
  Array.from({ length: count }, (_, index) => nativeProvider(`p${index}`));

test("a call makes at most 12 attempts", () => {
  const { open } = stage(names(20));
  expect(exhaust(open())).toBe(maxAttempts);
  expect(maxAttempts).toBe(12);
});

test("a full provider is waited for until `queue_timeout`, and no longer", () => {
  const { clock, open } = stage([nativeProvider("a", { maxConcurrent: 1 })], { queueTimeoutMs: 4_000 });
  const first = open();
  const attempt = first.next();
  const second = open();
  expect(second.next()).toBeUndefined();
  expect(second.pending).toEqual({ wakeAtMs: Infinity, giveUpAtMs: 4_000 });
  clock.advanceSync(3_999);
  expect([second.next(), second.pending?.giveUpAtMs]).toEqual([undefined, 4_000]);
  clock.advanceSync(1);
  expect([second.next(), second.pending]).toEqual([undefined, undefined]);
  attempt?.[Symbol.dispose]();
});

test("a call does not wait where `queue_timeout` is 0", () => {
  const { open } = stage([nativeProvider("a", { maxConcurrent: 1 })], { queueTimeoutMs: 0 });
  expect(open().next()).toBeDefined();
  const second = open();
  expect([second.next(), second.pending]).toEqual([undefined, undefined]);
});

test("a call that gives up waits no more, also when it looks again", () => {
  const { open } = stage([nativeProvider("a", { maxConcurrent: 1 })]);
  expect(open().next()).toBeDefined();
  const second = open();
  second.next();
  expect(second.pending).toBeDefined();
  second.giveUp();
  expect(second.pending).toBeUndefined();
  expect([second.next(), second.pending]).toEqual([undefined, undefined]);
});

test("a call whose own deadline has passed makes no attempt", () => {
  const { clock, open } = stage(names(2));
  const call = open();
  clock.advanceSync(24 * 3_600_000);
  expect(call.next()).toBeUndefined();
});
