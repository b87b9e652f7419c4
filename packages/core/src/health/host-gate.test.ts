import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HostGate } from "./host-gate.ts";

/** A gate after one call failed to connect anywhere, at 0: the next may try at 1,000. */
function suspected(): HostGate {
  const gate = new HostGate();
  gate.suspect(0, 0);
  return gate;
}

describe("the gate of this machine", () => {
  test("lets every call try while nothing is suspected", () => {
    const gate = new HostGate();
    gate.enter(0);
    gate.enter(0);
    expect([gate.isSuspected, gate.nextTryAtMs]).toEqual([false, -Infinity]);
  });

  test("holds the calls back for a second after the first that had no connection", () => {
    const gate = suspected();
    expect([gate.isSuspected, gate.nextTryAtMs]).toEqual([true, 1_000]);
  });

  test("lets one call find out, and the next two seconds after it is silent", () => {
    const gate = suspected();
    gate.enter(1_000);
    expect(gate.nextTryAtMs).toBe(3_000);
    gate.enter(3_000);
    expect(gate.nextTryAtMs).toBe(5_000);
  });

  test("does not move for a further attempt of a call that tries already", () => {
    const gate = suspected();
    gate.enter(1_000);
    gate.enter(1_500);
    expect(gate.nextTryAtMs).toBe(3_000);
  });

  test("waits 1 s and then 2 s each time that a call which finds out fails", () => {
    const gate = new HostGate();
    const waits: number[] = [];
    let nowMs = 0;
    for (let round = 0; round < 5; round += 1) {
      gate.enter(nowMs);
      gate.suspect(nowMs, nowMs);
      waits.push(gate.nextTryAtMs - nowMs);
      nowMs = gate.nextTryAtMs;
    }
    expect(waits).toEqual([1_000, 2_000, 2_000, 2_000, 2_000]);
  });

  test("does not count the calls that were under way when the trouble began", () => {
    const gate = suspected();
    for (let index = 0; index < 10; index += 1) gate.suspect(500, 0);
    expect(gate.nextTryAtMs).toBe(1_000);
  });

  test("does not suspect anything where another call had an answer since the failed one began", () => {
    const gate = new HostGate();
    gate.heard(500);
    gate.suspect(1_000, 400);
    gate.suspect(1_000, 500);
    expect(gate.isSuspected).toBe(false);
    gate.suspect(1_000, 501);
    expect(gate.isSuspected).toBe(true);
  });

  test("opens for all as soon as any provider answers, and says once that it was shut", () => {
    const gate = suspected();
    expect([gate.heard(400), gate.heard(401)]).toEqual([true, false]);
    expect([gate.isSuspected, gate.nextTryAtMs]).toEqual([false, -Infinity]);
  });

  test("begins with a second again after the trouble was over", () => {
    const gate = suspected();
    gate.enter(1_000);
    gate.suspect(1_100, 1_000);
    gate.heard(1_200);
    gate.suspect(9_000, 8_000);
    expect(gate.nextTryAtMs).toBe(10_000);
  });

  test("forgets the suspicion on a reset", () => {
    const gate = suspected();
    expect([gate.clear(), gate.clear()]).toEqual([true, false]);
    expect(gate.nextTryAtMs).toBe(-Infinity);
  });
});

const events = fc.array(
  fc.record({
    afterMs: fc.nat(3_000),
    ageMs: fc.nat(5_000),
    kind: fc.constantFrom("enter", "suspect", "suspect", "heard", "clear"),
  }),
  { maxLength: 60 },
);

test("no call is ever held back for more than two seconds at a time", () => {
  fc.assert(
    fc.property(events, (history) => {
      const gate = new HostGate();
      let nowMs = 0;
      for (const { afterMs, ageMs, kind } of history) {
        nowMs += afterMs;
        if (kind === "enter") gate.enter(nowMs);
        if (kind === "suspect") gate.suspect(nowMs, nowMs - ageMs);
        if (kind === "heard") gate.heard(nowMs);
        if (kind === "clear") gate.clear();
        expect(gate.nextTryAtMs).toBeLessThanOrEqual(nowMs + 2_000);
        expect(gate.isSuspected).toBe(gate.nextTryAtMs !== -Infinity);
        if (kind === "heard" || kind === "clear") expect(gate.isSuspected).toBe(false);
      }
    }),
  );
});
