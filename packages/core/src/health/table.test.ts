import { expect, test } from "vitest";
import type { CircuitChange } from "../base/events.ts";
import type { Charge, Cooldown, HealthScope, Reason } from "../base/outcome.ts";
import { modelCellLimit } from "./cells.ts";
import type { CircuitPolicy } from "./cooldown.ts";
import type { Candidate } from "../base/scope.ts";
import { HealthTable, type Lease } from "./table.ts";
import type { HealthTableOptions } from "./table-types.ts";

const policy: CircuitPolicy = {
  baseMs: 60_000,
  maxCooldownMs: 3_600_000,
  maxBackoffMs: 900_000,
  threshold: 1,
  resetMs: 300_000,
};
const reason: Reason = { class: "server-error", detail: "HTTP 500" };
const a0: Candidate = { provider: "a", keyIndex: 0, model: "m" };
const a1: Candidate = { provider: "a", keyIndex: 1, model: "m" };
const a0n: Candidate = { provider: "a", keyIndex: 0, model: "n" };
const b0: Candidate = { provider: "b", keyIndex: 0, model: "m" };

function table(options: Partial<HealthTableOptions> = {}): HealthTable {
  return new HealthTable({ policy, random: () => 0.5, ...options });
}

function start(health: HealthTable, candidate: Candidate, nowMs: number, expiresAtMs = nowMs + 600_000): Lease {
  return health.acquire(candidate, { nowMs, expiresAtMs });
}

function charge(scope: HealthScope, cooldown: Cooldown = { kind: "base" }): Charge {
  return { scope, cooldown, when: "now" };
}

function failOnce(health: HealthTable, candidate: Candidate, scope: HealthScope, nowMs: number): number {
  return health.fail(start(health, candidate, nowMs), charge(scope), { reason, nowMs });
}

function states(health: HealthTable, nowMs: number): string[] {
  return [a0, a1, a0n, b0].map((candidate) => health.availability(candidate, nowMs).type);
}

test.each([
  ["provider", ["open", "open", "open", "closed"]],
  ["deployment", ["open", "open", "closed", "closed"]],
  ["key", ["open", "closed", "open", "closed"]],
  ["key-deployment", ["open", "closed", "closed", "closed"]],
] as const)("a failure of the %s stands in the way of what shares it, and of nothing else", (scope, expected) => {
  const health = table();
  expect(failOnce(health, a0, scope, 0)).toBe(60_000);
  expect(states(health, 1)).toEqual(expected);
  expect(states(health, 60_000)).toEqual(expected.map((state) => (state === "open" ? "half-open" : state)));
});

test("the worst circuit counts: open until the last is over", () => {
  const health = table();
  failOnce(health, a0, "deployment", 0);
  health.fail(start(health, a0, 0), charge("key", { kind: "fixed", ms: 600_000 }), {
    reason: { class: "auth", detail: "HTTP 401" },
    nowMs: 0,
  });
  expect(health.availability(a0, 1)).toEqual({
    type: "open",
    untilMs: 600_000,
    reason: { class: "auth", detail: "HTTP 401" },
    probeAtMs: Infinity,
    isProbed: false,
  });
  expect(health.availability(a0, 60_001)).toMatchObject({ type: "open", untilMs: 600_000 });
});

test("U06: the first request at half-open takes the probe, the others see that it is taken", () => {
  const health = table();
  failOnce(health, a0, "provider", 0);
  expect(health.availability(a0, 60_000)).toMatchObject({ type: "half-open", leaseFree: true });
  const probe = start(health, a0, 60_000);
  expect(probe.probe).toBe(true);
  expect(health.availability(a0, 60_001)).toMatchObject({ type: "half-open", leaseFree: false });
  expect(start(health, a0, 60_001).probe).toBe(false);
});

test("U07: those that go along with the probe for want of others can close the circuit", () => {
  const health = table();
  failOnce(health, a0, "provider", 0);
  start(health, a0, 60_000);
  const alongside = start(health, a0, 60_001);
  health.succeed(alongside, 60_100);
  expect(health.availability(a0, 60_101)).toEqual({ type: "closed" });
});

test("a probe takes the leases of all half-open circuits in its way and closes all of them", () => {
  const health = table();
  for (const scope of ["provider", "deployment", "key", "key-deployment"] as const) failOnce(health, a0, scope, 0);
  const probe = start(health, a0, 60_000);
  for (const other of [a1, a0n])
    expect(health.availability(other, 60_001)).toMatchObject({ type: "half-open", leaseFree: false });
  health.succeed(probe, 60_100);
  expect(states(health, 60_101)).toEqual(["closed", "closed", "closed", "closed"]);
});

test("a candidate is free only if every half-open circuit in its way is", () => {
  const health = table();
  failOnce(health, a0, "provider", 0);
  failOnce(health, a0, "key", 0);
  start(health, a1, 60_000);
  expect(health.availability(a0, 60_001)).toMatchObject({ type: "half-open", leaseFree: false });
  // It may go along, and then probes what nobody probes yet.
  expect(start(health, a0, 60_001).probe).toBe(true);
});

test("a probe that fails for one scope hands back the leases of the others", () => {
  const health = table();
  failOnce(health, a0, "provider", 0);
  failOnce(health, a0, "key", 0);
  const probe = start(health, a0, 60_000);
  expect(health.fail(probe, charge("key", { kind: "fixed", ms: 600_000 }), { reason, nowMs: 60_010 })).toBe(600_000);
  expect(health.availability(a1, 60_011)).toMatchObject({ type: "half-open", leaseFree: true });
});

test("a lease that is disposed without an outcome is handed back, once", () => {
  const health = table();
  failOnce(health, a0, "provider", 0);
  {
    using probe = start(health, a0, 60_000);
    expect(probe.probe).toBe(true);
  }
  expect(health.availability(a0, 60_001)).toMatchObject({ type: "half-open", leaseFree: true });
  const first = start(health, a0, 60_001);
  first[Symbol.dispose]();
  const second = start(health, a0, 60_002);
  first[Symbol.dispose]();
  expect(second.probe).toBe(true);
  expect(health.availability(a0, 60_003)).toMatchObject({ type: "half-open", leaseFree: false });
});

test("U05: a lease that nobody settles ends at its expiry", () => {
  const health = table();
  failOnce(health, a0, "provider", 0);
  start(health, a0, 60_000, 90_000);
  expect(health.availability(a0, 89_999)).toMatchObject({ type: "half-open", leaseFree: false });
  expect(health.availability(a0, 90_000)).toMatchObject({ type: "half-open", leaseFree: true });
  expect(start(health, a0, 90_000).probe).toBe(true);
});

test("a charge may follow after the attempt is over", () => {
  const health = table();
  const lease = start(health, a0, 0);
  lease[Symbol.dispose]();
  expect(health.fail(lease, { ...charge("deployment"), when: "if-served" }, { reason, nowMs: 50 })).toBe(60_000);
  expect(health.availability(a0, 51).type).toBe("open");
});

test("below the threshold nothing is cooled", () => {
  const health = table({ policy: { ...policy, threshold: 2 } });
  expect(failOnce(health, a0, "provider", 0)).toBe(0);
  expect(health.availability(a0, 1).type).toBe("closed");
  expect(failOnce(health, a0, "provider", 1)).toBe(60_000);
});

test("every change of state is told once, with its reason", () => {
  const changes: CircuitChange[] = [];
  const health = table({ onChange: (change) => changes.push(change) });
  failOnce(health, a0, "key-deployment", 0);
  failOnce(health, a0, "key-deployment", 1);
  const probe = start(health, a0, 60_001);
  health.fail(probe, charge("key-deployment"), { reason, nowMs: 60_002 });
  health.succeed(start(health, a0, 180_002), 180_003);
  const where = { provider: "a", scope: "key 1 deployment m" };
  expect(changes).toEqual([
    { ...where, from: "closed", to: "open", reason, cooldownMs: 60_000 },
    { ...where, from: "open", to: "half-open" },
    { ...where, from: "half-open", to: "open", reason, cooldownMs: 120_000 },
    { ...where, from: "open", to: "half-open" },
    { ...where, from: "half-open", to: "closed" },
  ]);
});

test("the status shows what is out, since when and for how long", () => {
  const health = table();
  expect(health.status("a", 0)).toEqual({
    state: "closed",
    cooldownRemainingMs: 0,
    reason: null,
    failureCount: 0,
    totalFailureCount: 0,
    sinceLastFailureMs: null,
    keys: [],
    deployments: [],
    keyDeployments: [],
    openLogins: 0,
    isProbed: false,
  });
  failOnce(health, a0, "provider", 0);
  failOnce(health, a1, "key", 10);
  failOnce(health, a0, "deployment", 20);
  failOnce(health, a1, "key-deployment", 30);
  const open = { state: "open", failureCount: 1, reason };
  expect(health.status("a", 40)).toEqual({
    ...open,
    cooldownRemainingMs: 59_960,
    totalFailureCount: 4,
    sinceLastFailureMs: 10,
    keys: [{ ...open, index: 1, cooldownRemainingMs: 59_970 }],
    deployments: [{ ...open, model: "m", cooldownRemainingMs: 59_980 }],
    keyDeployments: [{ ...open, index: 1, model: "m", cooldownRemainingMs: 59_990 }],
    openLogins: 0,
    isProbed: false,
  });
});

test("a reset closes everything, and attempts from before it no longer count", () => {
  const changes: CircuitChange[] = [];
  const health = table({ onChange: (change) => changes.push(change) });
  const old = start(health, a0, 0);
  failOnce(health, a0, "provider", 1);
  failOnce(health, b0, "provider", 1);
  health.reset(2, { provider: "a" });
  expect(states(health, 3)).toEqual(["closed", "closed", "closed", "open"]);
  expect(changes.at(-1)).toEqual({ provider: "a", scope: "provider", from: "open", to: "closed" });
  expect(health.fail(old, charge("provider"), { reason, nowMs: 4 })).toBe(0);
  for (const provider of ["a", "b"]) health.reset(5, { provider });
  expect(states(health, 6)).toEqual(["closed", "closed", "closed", "closed"]);
});

test("a reload keeps what is named, follows keys to their new index, and forgets the rest", () => {
  const health = table();
  failOnce(health, a1, "key", 0);
  failOnce(health, a0, "deployment", 0);
  failOnce(health, b0, "provider", 0);
  const underWay = start(health, a1, 1);
  health.retain(new Map([["a", new Map([[1, 0]])]]));
  expect(health.availability({ ...a0, model: "other" }, 2).type).toBe("open");
  expect(health.availability({ ...a1, model: "other" }, 2).type).toBe("closed");
  expect(health.availability(a1, 2).type).toBe("open");
  expect(health.availability(b0, 2).type).toBe("closed");
  // Its key has another index now: what it says can be about nobody.
  expect(health.fail(underWay, charge("key"), { reason, nowMs: 3 })).toBe(0);
});

test("a reload without changes keeps health and the attempts under way", () => {
  const health = table();
  failOnce(health, a0, "provider", 0);
  const probe = start(health, a0, 60_000);
  health.retain(
    new Map([
      [
        "a",
        new Map([
          [0, 0],
          [1, 1],
        ]),
      ],
    ]),
  );
  expect(health.availability(a0, 60_001)).toMatchObject({ type: "half-open", leaseFree: false });
  health.succeed(probe, 60_002);
  expect(health.availability(a0, 60_003).type).toBe("closed");
});

test("a lease of a key that moved is not lost", () => {
  const health = table();
  failOnce(health, a1, "key", 0);
  start(health, a1, 60_000, Infinity);
  health.retain(new Map([["a", new Map([[1, 0]])]]));
  expect(health.availability(a0, 60_001)).toMatchObject({ type: "half-open", leaseFree: true });
});

test("model names that clients choose cannot fill the memory; the one soonest to recover goes first", () => {
  const health = table();
  for (let index = 0; index < modelCellLimit + 10; index += 1) {
    failOnce(health, { ...a0, model: `m${index}` }, "deployment", index);
  }
  failOnce(health, a0, "provider", 1_000);
  expect(health.status("a", 1_000).deployments).toHaveLength(modelCellLimit);
  expect(health.status("a", 1_000).deployments.map(({ model }) => model)).not.toContain("m0");
  expect(health.status("a", 1_000).state).toBe("open");
});

test("a snapshot survives JSON and a process whose monotonic clock starts anew", () => {
  const before = table({ epochOffsetMs: 1_700_000_000_000 });
  failOnce(before, a0, "provider", 1_000);
  failOnce(before, a1, "key", 2_000);
  const saved: unknown = JSON.parse(JSON.stringify(before.snapshot()));
  // Ten seconds later by the wall clock, the new process counts from 0.
  const after = table({ epochOffsetMs: 1_700_000_000_000 + 12_000 });
  after.restore(saved as ReturnType<HealthTable["snapshot"]>, 0);
  expect(after.availability(b0, 0).type).toBe("closed");
  expect(after.status("a", 0)).toMatchObject({ state: "open", cooldownRemainingMs: 49_000, reason });
  expect(after.status("a", 0).keys).toMatchObject([{ index: 1, cooldownRemainingMs: 50_000 }]);
});

test("what one process learns another applies: openings, escalation and recovery", () => {
  const other = table({ epochOffsetMs: 1_000_000 });
  const health = table({ epochOffsetMs: 2_000_000, share: (change) => other.apply(change, nowMs + 1_000_000) });
  let nowMs = 5;
  failOnce(health, a0, "provider", nowMs);
  expect(other.status("a", 1_000_005)).toMatchObject({ state: "open", cooldownRemainingMs: 60_000, reason });
  nowMs = 60_005;
  failOnce(health, a0, "provider", nowMs);
  expect(other.status("a", 1_060_005)).toMatchObject({ state: "open", cooldownRemainingMs: 120_000 });
  nowMs = 180_005;
  health.succeed(start(health, a0, nowMs), nowMs);
  expect(other.availability(a0, 1_180_005).type).toBe("closed");
});

test("a time in the future that another host speaks of is dropped, whether of an opening, a success or a reset", () => {
  const health = table();
  failOnce(health, a0, "provider", 1_000);
  const opening = { openedAtMs: 9e12, untilMs: 9e12 + 60_000, backoffMs: 60_000, failedProbes: 0, reason };
  health.apply(
    {
      scope: { type: "provider", provider: "a" },
      circuit: { openings: [opening], recoveredThroughMs: 9e12, resetThroughMs: 9e12 },
    },
    1_001,
  );
  expect(health.status("a", 1_001)).toMatchObject({ state: "open", cooldownRemainingMs: 59_999 });
});

test("a policy that changes applies to the next failure", () => {
  const health = table();
  failOnce(health, a0, "provider", 0);
  health.setPolicy({ ...policy, baseMs: 1_000 });
  expect(health.availability(a0, 59_000).type).toBe("open");
  expect(failOnce(health, b0, "provider", 0)).toBe(1_000);
});
