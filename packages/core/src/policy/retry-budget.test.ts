import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RetryBudget } from "./retry-budget.ts";

/** Withdraws until the budget is empty; returns how many attempts it gave. */
function drain(budget: RetryBudget, nowMs: number): number {
  let count = 0;
  while (budget.withdraw(nowMs)) count += 1;
  return count;
}

describe("the budget for further attempts", () => {
  test.each([
    { calls: 0, attempts: 100 },
    { calls: 4, attempts: 100 },
    { calls: 5, attempts: 101 },
    { calls: 100, attempts: 120 },
    { calls: 1_000, attempts: 300 },
  ])("gives $attempts attempts in ten seconds with $calls calls", ({ calls, attempts }) => {
    const budget = new RetryBudget();
    for (let index = 0; index < calls; index += 1) budget.deposit(0);
    expect(drain(budget, 0)).toBe(attempts);
    expect(budget.withdraw(9_999)).toBe(false);
  });

  test("is whole again ten seconds later, with nothing left of the calls before", () => {
    const budget = new RetryBudget();
    for (let index = 0; index < 500; index += 1) budget.deposit(0);
    drain(budget, 0);
    expect(budget.left(10_000)).toBe(100);
    expect(drain(budget, 10_000)).toBe(100);
  });

  test("does not save up what was not used", () => {
    expect(new RetryBudget().left(3_600_000)).toBe(100);
  });

  test("gives back each second what was withdrawn ten seconds before", () => {
    const budget = new RetryBudget();
    for (let second = 0; second < 10; second += 1) {
      for (let index = 0; index < 10; index += 1) expect(budget.withdraw(second * 1_000)).toBe(true);
    }
    for (let second = 10; second < 20; second += 1) expect(drain(budget, second * 1_000)).toBe(10);
  });
});

const steps = fc.array(
  fc.record({
    afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 4_000 })),
    kind: fc.constantFrom("deposit", "withdraw"),
    count: fc.integer({ min: 1, max: 150 }),
  }),
  { maxLength: 60 },
);

test("the further attempts of any ten seconds stay within a fifth of their calls and ten a second", () => {
  fc.assert(
    fc.property(steps, (history) => {
      const budget = new RetryBudget();
      const events: { readonly second: number; readonly isCall: boolean }[] = [];
      let nowMs = 0;
      for (const { afterMs, kind, count } of history) {
        nowMs += afterMs;
        const second = Math.floor(nowMs / 1_000);
        const recent = (isCall: boolean): number =>
          events.filter((event) => event.isCall === isCall && event.second > second - 10).length;
        for (let index = 0; index < count; index += 1) {
          if (kind === "deposit") {
            budget.deposit(nowMs);
            events.push({ second, isCall: true });
            continue;
          }
          const isAllowed = budget.withdraw(nowMs);
          expect(isAllowed).toBe(recent(false) + 1 <= 100 + recent(true) * 0.2);
          if (isAllowed) events.push({ second, isCall: false });
        }
      }
    }),
    { numRuns: 40 },
  );
});
