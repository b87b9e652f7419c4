import { expect, test } from "vitest";
import type { Cooldown, Reason } from "../base/outcome.ts";
import { type Circuit, circuitAt, closedCircuit, type FailureSignal, nextHealth } from "./circuit.ts";
import type { CircuitPolicy } from "./cooldown.ts";

const policy: CircuitPolicy = {
  baseMs: 60_000,
  maxCooldownMs: 3_600_000,
  maxBackoffMs: 900_000,
  threshold: 1,
  resetMs: 300_000,
};
const reason: Reason = { class: "server-error", detail: "HTTP 500" };

function failure(startedAtMs: number, extra: Partial<FailureSignal> = {}): FailureSignal {
  return { type: "failure", cooldown: { kind: "base" }, startedAtMs, random: 0.5, reason, ...extra };
}

function fail(
  circuit: Circuit,
  atMs: number,
  extra: Partial<FailureSignal> & { policy?: CircuitPolicy } = {},
): Circuit {
  return nextHealth(circuit, failure(extra.startedAtMs ?? atMs, extra), atMs, extra.policy ?? policy);
}

function succeed(circuit: Circuit, atMs: number, startedAtMs: number, leaseId?: number): Circuit {
  const signal = { type: "success", startedAtMs, ...(leaseId !== undefined && { leaseId }) } as const;
  return nextHealth(circuit, signal, atMs, policy);
}

function acquire(circuit: Circuit, atMs: number, id: number, expiresAtMs = atMs + 1_000): Circuit {
  return nextHealth(circuit, { type: "acquire", lease: { id, expiresAtMs } }, atMs, policy);
}

function untilMs(circuit: Circuit): number {
  if (circuit.state === "closed") throw new Error("the circuit is closed");
  return circuit.untilMs;
}

function lasting(cooldown: Cooldown): Partial<FailureSignal> {
  return { cooldown };
}

test("a failure opens the circuit for exactly the base cooldown", () => {
  expect(fail(closedCircuit, 1_000)).toMatchObject({
    state: "open",
    openedAtMs: 1_000,
    untilMs: 61_000,
    failures: 1,
    reason,
  });
});

test("an open circuit becomes half-open by the passing of time alone", () => {
  const open = fail(closedCircuit, 0);
  expect(circuitAt(open, 59_999).state).toBe("open");
  expect(circuitAt(open, 60_000)).toMatchObject({ state: "half-open", lease: null });
});

test("U01: two failures at the same instant are one opening", () => {
  const twice = fail(fail(closedCircuit, 5, { startedAtMs: 0 }), 5, { startedAtMs: 0 });
  expect(twice).toMatchObject({ state: "open", openedAtMs: 5, untilMs: 60_005, failedProbes: 0 });
});

test("U02: a probe whose lease is handed back leaves the circuit half-open for the next probe", () => {
  const probing = acquire(fail(closedCircuit, 0), 60_000, 1);
  expect(acquire(probing, 60_001, 2)).toBe(probing);
  const released = nextHealth(probing, { type: "release", leaseId: 1 }, 60_002, policy);
  expect(released).toMatchObject({ state: "half-open", lease: null });
  expect(acquire(released, 60_003, 2)).toMatchObject({ lease: { id: 2 } });
});

test("a lease is handed back by its holder only", () => {
  const probing = acquire(fail(closedCircuit, 0), 60_000, 1);
  expect(nextHealth(probing, { type: "release", leaseId: 7 }, 60_001, policy)).toBe(probing);
});

test("U03: a failed probe reopens at once, whatever the threshold is", () => {
  const strict = { ...policy, threshold: 5 };
  let circuit: Circuit = closedCircuit;
  for (let index = 0; index < 5; index += 1) circuit = fail(circuit, index, { policy: strict });
  expect(circuit.state).toBe("open");
  const probing = acquire(circuit, 70_000, 1);
  expect(fail(probing, 70_001, { leaseId: 1, startedAtMs: 70_000, policy: strict })).toMatchObject({
    state: "open",
    failedProbes: 1,
  });
});

test("U04: a success that is older than the opening changes nothing", () => {
  const open = fail(closedCircuit, 100, { startedAtMs: 50 });
  expect(succeed(open, 200, 60)).toBe(open);
  expect(succeed(open, 200, 100)).toBe(open);
  const probing = acquire(open, 60_100, 1);
  expect(succeed(probing, 60_200, 60)).toBe(probing);
});

test("a success that is younger than the opening closes it", () => {
  const open = fail(closedCircuit, 100);
  expect(succeed(open, 60_200, 60_150)).toMatchObject({ state: "closed", failedAtMs: [] });
});

test("U05: a probe that is never settled makes way for another after its lease has run out", () => {
  const probing = acquire(fail(closedCircuit, 0), 60_000, 1, 90_000);
  expect(acquire(probing, 89_999, 2)).toBe(probing);
  const second = acquire(probing, 90_000, 2, 120_000);
  expect(second).toMatchObject({ lease: { id: 2 } });
  // The lost probe's release comes late and must not free the second one's lease.
  expect(nextHealth(second, { type: "release", leaseId: 1 }, 91_000, policy)).toBe(second);
});

test("U08: of overlapping cooldowns the later end wins", () => {
  const long = fail(closedCircuit, 0, lasting({ kind: "stated", ms: 600_000 }));
  expect(untilMs(fail(long, 1_000))).toBe(600_000);
  const short = fail(closedCircuit, 0);
  expect(untilMs(fail(short, 1_000, lasting({ kind: "fixed", ms: 600_000 })))).toBe(601_000);
});

test("U09: each failed probe doubles the base, up to fifteen minutes, and a success resets it", () => {
  let circuit = fail(closedCircuit, 0);
  const lengths: number[] = [];
  for (let round = 0; round < 6; round += 1) {
    const atMs = untilMs(circuit) + 10;
    circuit = fail(acquire(circuit, atMs, round), atMs + 1, { leaseId: round, startedAtMs: atMs });
    lengths.push(untilMs(circuit) - atMs - 1);
  }
  expect(lengths).toEqual([120_000, 240_000, 480_000, 900_000, 900_000, 900_000]);
  const atMs = untilMs(circuit) + 10;
  const recovered = succeed(acquire(circuit, atMs, 99), atMs + 5, atMs, 99);
  expect(untilMs(fail(recovered, atMs + 6)) - atMs - 6).toBe(60_000);
});

test("jitter is ±20 % on all but the first cooldown, and never exceeds the cap", () => {
  const open = fail(closedCircuit, 0, { random: 0.999 });
  expect(untilMs(open)).toBe(60_000);
  const again = (random: number): number =>
    untilMs(fail(acquire(open, 60_000, 1), 60_000, { leaseId: 1, random })) - 60_000;
  expect(again(0)).toBe(96_000);
  expect(again(0.999_999)).toBeCloseTo(144_000, 0);
  const longest = { ...policy, baseMs: 900_000 };
  const first = fail(closedCircuit, 0, { policy: longest });
  expect(untilMs(fail(first, 900_001, { policy: longest, random: 0.9 })) - 900_001).toBe(900_000);
});

test("a base above fifteen minutes is meant and stays", () => {
  const hourly = { ...policy, baseMs: 3_600_000 };
  expect(untilMs(fail(closedCircuit, 0, { policy: hourly }))).toBe(3_600_000);
});

test("a stated time is never shortened, not jittered, and capped by max_cooldown", () => {
  expect(untilMs(fail(closedCircuit, 0, lasting({ kind: "stated", ms: 5_000 })))).toBe(5_000);
  expect(untilMs(fail(closedCircuit, 0, lasting({ kind: "stated", ms: 86_400_000 })))).toBe(3_600_000);
  expect(untilMs(fail(closedCircuit, 0, lasting({ kind: "stated", ms: 5_000, atLeastBase: true })))).toBe(60_000);
  expect(untilMs(fail(closedCircuit, 0, lasting({ kind: "stated", ms: 90_000, atLeastBase: true })))).toBe(90_000);
});

test("a fixed time stands, also above max_cooldown", () => {
  const tight = { ...policy, maxCooldownMs: 60_000 };
  expect(untilMs(fail(closedCircuit, 0, { cooldown: { kind: "fixed", ms: 1_800_000 }, policy: tight }))).toBe(
    1_800_000,
  );
});

test("many failures of one window escalate once, wherever they land", () => {
  let circuit = fail(closedCircuit, 0);
  const startedAtMs = 60_000;
  // Nobody else could serve, so ten requests went along with the probe; all fail, one after the other.
  circuit = acquire(circuit, startedAtMs, 1);
  for (let index = 0; index < 10; index += 1) circuit = fail(circuit, 60_100 + index, { startedAtMs });
  expect(circuit).toMatchObject({ state: "open", failedProbes: 1 });
  expect(untilMs(circuit)).toBe(60_109 + 120_000);
});

test("a failure from before the opening that lands in the half-open phase is no failed probe", () => {
  const probing = acquire(fail(closedCircuit, 100), 60_100, 1);
  const late = fail(probing, 60_200, { startedAtMs: 50 });
  expect(late).toMatchObject({ state: "open", openedAtMs: 100, failedProbes: 0, untilMs: 120_200 });
  // The probe that was under way is younger than all of that: its success counts.
  expect(succeed(late, 60_300, 60_100, 1).state).toBe("closed");
});

test("a failure from before an opening that is over does not open the circuit again", () => {
  const recovered = succeed(fail(closedCircuit, 100), 60_200, 60_150);
  expect(fail(recovered, 60_300, { startedAtMs: 90 })).toBe(recovered);
  expect(fail(recovered, 60_300, { startedAtMs: 60_250 }).state).toBe("open");
  expect(fail(recovered, 60_300, { startedAtMs: 90, cooldown: { kind: "stated", ms: 9_000 } }).state).toBe("open");
});

test("the threshold counts consecutive failures within the window", () => {
  const patient = { ...policy, threshold: 3, resetMs: 10_000 };
  const two = fail(fail(closedCircuit, 0, { policy: patient }), 1_000, { policy: patient });
  expect(two).toMatchObject({ state: "closed", failedAtMs: [0, 1_000] });
  expect(fail(two, 2_000, { policy: patient })).toMatchObject({ state: "open", failures: 3 });
  expect(fail(two, 10_500, { policy: patient })).toMatchObject({ state: "closed", failedAtMs: [1_000, 10_500] });
  expect(fail(succeed(two, 1_500, 1_400), 2_000, { policy: patient })).toMatchObject({
    state: "closed",
    failedAtMs: [2_000],
  });
});

test("a time that a provider states, or that is fixed, opens the circuit below the threshold", () => {
  const patient = { ...policy, threshold: 3 };
  expect(fail(closedCircuit, 0, { policy: patient, cooldown: { kind: "stated", ms: 1_000 } }).state).toBe("open");
  expect(fail(closedCircuit, 0, { policy: patient, cooldown: { kind: "fixed", ms: 1_000 } }).state).toBe("open");
});

test("a base of zero never takes a provider out", () => {
  const eager = { ...policy, baseMs: 0 };
  const circuit = fail(closedCircuit, 5, { policy: eager });
  expect(circuitAt(circuit, 5).state).toBe("half-open");
  expect(succeed(acquire(circuit, 5, 1), 5, 5, 1).state).toBe("closed");
});

test("a reset closes and forgets", () => {
  expect(nextHealth(fail(closedCircuit, 0), { type: "reset" }, 1, policy)).toBe(closedCircuit);
});

test("a success of a closed circuit without failures changes nothing", () => {
  expect(succeed(closedCircuit, 1, 0)).toBe(closedCircuit);
});
