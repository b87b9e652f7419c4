import { describe, expect, test } from "vitest";
import type { Cooldown } from "../base/outcome.ts";
import { type Circuit, type CircuitSignal, circuitAt, closedCircuit, nextHealth, nextProbeAtMs } from "./circuit.ts";

const policy = { baseMs: 60_000, maxCooldownMs: 3_600_000, maxBackoffMs: 900_000, threshold: 1, resetMs: 300_000 };
const reason = { class: "server-error", detail: "HTTP 500" } as const;

function after(circuit: Circuit, signal: CircuitSignal, nowMs: number): Circuit {
  return nextHealth(circuit, signal, nowMs, policy);
}

/** A failure at `nowMs` of the request that began then, or of the probe with the lease `leaseId`. */
function failed(circuit: Circuit, nowMs: number, more: { cooldown?: Cooldown; leaseId?: number } = {}): Circuit {
  const signal = { type: "failure", cooldown: { kind: "base" }, startedAtMs: nowMs, random: 0.5, reason } as const;
  return after(circuit, { ...signal, digest: "x", ...more }, nowMs);
}

function probing(circuit: Circuit, nowMs: number, isEarly: boolean, digest = "y"): Circuit {
  return after(circuit, { type: "acquire", lease: { id: 1, expiresAtMs: nowMs + 60_000, isEarly, digest } }, nowMs);
}

function view(circuit: Circuit): { readonly untilMs: number; readonly probeAtMs: number } | undefined {
  if (circuit.state === "closed") return undefined;
  return { untilMs: circuit.untilMs, probeAtMs: nextProbeAtMs(circuit) };
}

const open = failed(closedCircuit, 0);

describe("an early probe", () => {
  test("may be made a second after the failure, and no sooner", () => {
    expect(probing(open, 999, true)).toBe(open);
    expect(probing(open, 1_000, true)).toMatchObject({ state: "open", lease: { id: 1 } });
  });

  test("may not be made by a call that another provider could serve", () => {
    expect(probing(open, 59_999, false)).toBe(open);
    expect(probing(open, 60_000, false)).toMatchObject({ state: "half-open", lease: { id: 1 } });
  });

  test.each<{ cooldown: Cooldown; probeAtMs: number }>([
    { cooldown: { kind: "base" }, probeAtMs: 1_000 },
    { cooldown: { kind: "short" }, probeAtMs: 1_000 },
    { cooldown: { kind: "stated", ms: 30_000 }, probeAtMs: Infinity },
    { cooldown: { kind: "fixed", ms: 600_000 }, probeAtMs: Infinity },
  ])("after a cooldown that is $cooldown.kind may be made at $probeAtMs", ({ cooldown, probeAtMs }) => {
    expect(view(failed(closedCircuit, 0, { cooldown }))?.probeAtMs).toBe(probeAtMs);
  });

  test("is one at a time", () => {
    const underWay = probing(open, 1_000, true);
    expect(after(underWay, { type: "acquire", lease: { id: 2, expiresAtMs: 9e9, isEarly: true } }, 2_000)).toBe(
      underWay,
    );
  });

  test("closes the circuit at its first content", () => {
    const content = { type: "content", startedAtMs: 1_000, leaseId: 1 } as const;
    expect(after(probing(open, 1_000, true), content, 1_500)).toMatchObject({ state: "closed" });
  });
});

describe("a probe whose cost is not decided yet", () => {
  test.each([
    { isRepeat: false, waitMs: 2_000 },
    { isRepeat: true, waitMs: 1_000 },
  ])("lets another request probe after $waitMs ms (isRepeat: $isRepeat)", ({ isRepeat, waitMs }) => {
    const signal = { type: "inconclusive", leaseId: 1, digest: "y", isRepeat } as const;
    const next = after(probing(open, 1_000, true), signal, 5_000);
    expect(next).toMatchObject({ state: "open", lease: null, untilMs: 60_000 });
    expect(view(next)?.probeAtMs).toBe(5_000 + waitMs);
  });

  test("changes nothing where it does not hold the lease", () => {
    const underWay = probing(open, 1_000, true);
    expect(after(underWay, { type: "inconclusive", leaseId: 7, digest: "y", isRepeat: false }, 5_000)).toBe(underWay);
  });
});

describe("time that the monotonic clock did not count", () => {
  test("shortens the cooldown and the wait for the next probe", () => {
    expect(view(after(open, { type: "skip", ms: 50_000 }, 500))).toEqual({ untilMs: 10_000, probeAtMs: -49_000 });
    expect(circuitAt(after(open, { type: "skip", ms: 60_000 }, 500), 500).state).toBe("half-open");
  });

  test("changes nothing at a closed circuit", () => {
    expect(after(closedCircuit, { type: "skip", ms: 50_000 }, 0)).toBe(closedCircuit);
  });
});

test("a short cooldown lasts a second and doubles with each failed probe up to the base", () => {
  const cooldown = { kind: "short" } as const;
  let circuit = failed(closedCircuit, 0, { cooldown });
  const lasted: number[] = [];
  let nowMs = 0;
  for (let round = 0; round < 8; round += 1) {
    const untilMs = view(circuit)?.untilMs ?? 0;
    lasted.push(untilMs - nowMs);
    nowMs = untilMs;
    circuit = failed(probing(circuit, nowMs, false), nowMs, { cooldown, leaseId: 1 });
  }
  expect(lasted).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
});
