import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Charge } from "../base/outcome.ts";
import { HealthTable, type Lease } from "./table.ts";

const reason = { class: "server-error", detail: "HTTP 500" } as const;
const policy = { baseMs: 60_000, maxCooldownMs: 3_600_000, maxBackoffMs: 900_000, threshold: 1, resetMs: 300_000 };
const longestMs = 3_600_000;

const candidates = fc.record({
  provider: fc.constantFrom("a", "b"),
  keyIndex: fc.integer({ min: 0, max: 1 }),
  model: fc.constantFrom("m", "n"),
});

const charges: fc.Arbitrary<Charge> = fc.record({
  scope: fc.constantFrom("provider", "deployment", "key", "key-deployment"),
  cooldown: fc.oneof(
    fc.constant({ kind: "base" } as const),
    fc.record({ kind: fc.constant("stated" as const), ms: fc.integer({ min: 0, max: 10_000_000 }) }),
    fc.constant({ kind: "fixed", ms: 1_800_000 } as const),
  ),
  when: fc.constant("now"),
});

const steps = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 0, max: 90_000 }),
    candidate: candidates,
    charge: charges,
    // Which of the attempts under way ends, and how.
    pick: fc.nat(),
    kind: fc.constantFrom("start", "start", "fail", "succeed", "abandon", "lose"),
  }),
  { maxLength: 80 },
);

test("after any history every candidate is free again no later than its longest cooldown", () => {
  fc.assert(
    fc.property(steps, (history) => {
      const health = new HealthTable({ policy, random: () => 0.5 });
      const underWay: Lease[] = [];
      let nowMs = 0;
      for (const { afterMs, candidate, charge, pick, kind } of history) {
        nowMs += afterMs;
        if (kind === "start") underWay.push(health.acquire(candidate, { nowMs, expiresAtMs: nowMs + 300_000 }));
        const [lease] = kind === "start" ? [] : underWay.splice(pick % Math.max(1, underWay.length), 1);
        if (lease === undefined) continue;
        if (kind === "fail") health.fail(lease, charge, { reason, nowMs });
        if (kind === "succeed") health.succeed(lease, nowMs);
        if (kind === "abandon") lease[Symbol.dispose]();
      }
      for (const provider of ["a", "b"]) {
        for (const keyIndex of [0, 1]) {
          for (const model of ["m", "n"]) {
            const free = health.availability({ provider, keyIndex, model }, nowMs + longestMs);
            expect(free.type === "closed" || (free.type === "half-open" && free.leaseFree)).toBe(true);
          }
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("a provider that only ever succeeds is never out", () => {
  fc.assert(
    fc.property(steps, (history) => {
      const health = new HealthTable({ policy, random: () => 0.5 });
      let nowMs = 0;
      for (const { afterMs, candidate, charge } of history) {
        nowMs += afterMs;
        const lease = health.acquire(candidate, { nowMs, expiresAtMs: nowMs + 300_000 });
        if (candidate.provider === "b") health.succeed(lease, nowMs);
        else health.fail(lease, charge, { reason, nowMs });
        expect(health.availability({ provider: "b", keyIndex: 0, model: "m" }, nowMs)).toEqual({ type: "closed" });
      }
    }),
  );
});

test("of the attempts that start at a half-open candidate exactly one is the probe", () => {
  fc.assert(
    fc.property(candidates, charges, fc.integer({ min: 2, max: 20 }), (candidate, charge, count) => {
      const health = new HealthTable({ policy, random: () => 0.5 });
      health.fail(health.acquire(candidate, { nowMs: 0, expiresAtMs: 1 }), charge, { reason, nowMs: 0 });
      const times = { nowMs: longestMs, expiresAtMs: longestMs + 1 };
      const leases = Array.from({ length: count }, () => health.acquire(candidate, times));
      expect(leases.filter(({ probe }) => probe)).toHaveLength(1);
    }),
  );
});
