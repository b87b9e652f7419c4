import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Circuit, circuitAt, type CircuitSignal, closedCircuit, nextHealth } from "./circuit.ts";
import type { CircuitPolicy } from "./cooldown.ts";

const reason = { class: "server-error", detail: "HTTP 500" } as const;

const policies: fc.Arbitrary<CircuitPolicy> = fc.record({
  baseMs: fc.integer({ min: 0, max: 120_000 }),
  maxCooldownMs: fc.integer({ min: 0, max: 3_600_000 }),
  maxBackoffMs: fc.constant(900_000),
  threshold: fc.integer({ min: 1, max: 4 }),
  resetMs: fc.integer({ min: 0, max: 300_000 }),
});

const cooldowns = fc.oneof(
  fc.constant({ kind: "base" } as const),
  fc.record({
    kind: fc.constant("stated" as const),
    ms: fc.integer({ min: 0, max: 10_000_000 }),
    atLeastBase: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("fixed" as const), ms: fc.constantFrom(600_000, 1_800_000) }),
);

/** What happens, by time since the step before and by the age of the request that reports it. */
const steps = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 0, max: 100_000 }),
    ageMs: fc.integer({ min: 0, max: 200_000 }),
    kind: fc.constantFrom("failure", "success", "acquire", "release", "reset"),
    leaseId: fc.integer({ min: 1, max: 4 }),
    random: fc.double({ min: 0, max: 0.999_999, noNaN: true }),
    cooldown: cooldowns,
  }),
  { maxLength: 60 },
);

type Step = (typeof steps extends fc.Arbitrary<infer T> ? T : never)[number];

function signalOf(step: Step, nowMs: number): CircuitSignal {
  const { leaseId, random, cooldown } = step;
  const startedAtMs = nowMs - step.ageMs;
  switch (step.kind) {
    case "failure":
      return { type: "failure", cooldown, startedAtMs, leaseId, random, reason };
    case "success":
      return { type: "success", startedAtMs, leaseId };
    case "acquire":
      return { type: "acquire", lease: { id: leaseId, expiresAtMs: nowMs + 30_000 } };
    case "release":
      return { type: "release", leaseId };
    case "reset":
      return { type: "reset" };
  }
}

function run(
  history: readonly Step[],
  policy: CircuitPolicy,
  visit: (after: Circuit, nowMs: number, step: Step) => void,
): void {
  let circuit = closedCircuit;
  let nowMs = 0;
  for (const step of history) {
    nowMs += step.afterMs;
    circuit = nextHealth(circuit, signalOf(step, nowMs), nowMs, policy);
    visit(circuit, nowMs, step);
  }
}

test("U12: whatever happens, a circuit is in one state with sound data, and open only as long as its longest cooldown", () => {
  fc.assert(
    fc.property(steps, policies, (history, policy) => {
      let latestEndMs = 0;
      run(history, policy, (circuit, nowMs, step) => {
        if (step.kind === "failure") {
          const ms = step.cooldown.kind === "base" ? 0 : step.cooldown.ms;
          const longestMs = Math.max(
            policy.baseMs,
            policy.maxBackoffMs,
            step.cooldown.kind === "stated" ? Math.min(ms, policy.maxCooldownMs) : ms,
          );
          latestEndMs = Math.max(latestEndMs, nowMs + longestMs);
        }
        expect(["closed", "open", "half-open"]).toContain(circuit.state);
        if (circuit.state === "closed") {
          expect(circuit.failedAtMs.length).toBeLessThan(Math.max(2, policy.threshold));
          return;
        }
        for (const value of [circuit.untilMs, circuit.openedAtMs, circuit.backoffMs])
          expect(Number.isFinite(value)).toBe(true);
        expect(circuit.untilMs).toBeLessThanOrEqual(latestEndMs);
        expect(circuitAt(circuit, circuit.untilMs).state).toBe("half-open");
        // However long the last lease runs, another probe is admitted in the end.
        const probing = nextHealth(
          circuit,
          { type: "acquire", lease: { id: 99, expiresAtMs: Infinity } },
          latestEndMs + 30_000 + nowMs,
          policy,
        );
        expect(probing).toMatchObject({ state: "half-open", lease: { id: 99 } });
      });
    }),
    { numRuns: 500 },
  );
});

test("successes alone never take a provider out", () => {
  fc.assert(
    fc.property(steps, policies, (history, policy) => {
      const harmless = history.filter(({ kind }) => kind !== "failure");
      run(harmless, policy, (circuit) => expect(circuit.state).toBe("closed"));
    }),
  );
});

test("a success never opens, a failure never closes or shortens", () => {
  fc.assert(
    fc.property(steps, policies, (history, policy) => {
      let before: Circuit = closedCircuit;
      run(history, policy, (after, nowMs, step) => {
        const was = circuitAt(before, nowMs);
        if (step.kind === "success" && was.state === "closed") expect(after.state).toBe("closed");
        if (step.kind === "failure" && was.state !== "closed") {
          expect(after.state).toBe("open");
          if (after.state === "open") expect(after.untilMs).toBeGreaterThanOrEqual(was.untilMs);
        }
        before = after;
      });
    }),
    { numRuns: 500 },
  );
});

test("a closed circuit opens again only by as many failures as the threshold says, or by a time that somebody names", () => {
  fc.assert(
    fc.property(steps, policies, (history, policy) => {
      let consecutive = 0;
      let before: Circuit = closedCircuit;
      run(history, policy, (after, _nowMs, step) => {
        if (step.kind === "success" || step.kind === "reset") consecutive = 0;
        if (step.kind === "failure") consecutive += 1;
        if (before.state === "closed" && after.state === "open" && step.cooldown.kind === "base") {
          expect(consecutive).toBeGreaterThanOrEqual(policy.threshold);
        }
        before = after;
      });
    }),
    { numRuns: 500 },
  );
});
