import * as fc from "fast-check";
import { expect, test } from "vitest";
import { closedCircuit } from "./circuit.ts";
import { circuitFromShared, mergeShared, sameShared, type SharedCircuit, unknownCircuit } from "./merge.ts";
import { HealthTable } from "./table.ts";
import type { HealthChange } from "./replica.ts";

// Small numbers, so that times collide.
const time = fc.integer({ min: 1, max: 8 });
const opening = fc
  .record({ openedAtMs: time, lastsMs: time, failedProbes: fc.nat(2), detail: fc.constantFrom("x", "y") })
  .map(({ openedAtMs, lastsMs, failedProbes, detail }) => ({
    openedAtMs,
    untilMs: openedAtMs + lastsMs,
    backoffMs: lastsMs,
    failedProbes,
    reason: { class: "server-error" as const, detail },
  }));

/** Every view that can come about is a join of single openings and recoveries. */
const views: fc.Arbitrary<SharedCircuit> = fc
  .array(
    fc.oneof(
      opening.map((one): SharedCircuit => ({ openings: [one], recoveredThroughMs: 0 })),
      time.map((recoveredThroughMs): SharedCircuit => ({ openings: [], recoveredThroughMs })),
    ),
    { maxLength: 5 },
  )
  .map((parts) => parts.reduce(mergeShared, unknownCircuit));

test("merging is commutative", () => {
  fc.assert(
    fc.property(views, views, (a, b) => {
      expect(mergeShared(a, b)).toEqual(mergeShared(b, a));
    }),
  );
});

test("merging is associative", () => {
  fc.assert(
    fc.property(views, views, views, (a, b, c) => {
      expect(mergeShared(mergeShared(a, b), c)).toEqual(mergeShared(a, mergeShared(b, c)));
    }),
    { numRuns: 1_000 },
  );
});

test("merging is idempotent, and what is known adds nothing", () => {
  fc.assert(
    fc.property(views, views, (a, b) => {
      expect(mergeShared(a, a)).toEqual(a);
      const merged = mergeShared(a, b);
      expect(sameShared(mergeShared(merged, b), merged)).toBe(true);
    }),
  );
});

test("the circuit of a view is open to the latest end of the openings that no success has answered", () => {
  fc.assert(
    fc.property(fc.array(opening, { minLength: 1, maxLength: 6 }), fc.nat(8), (openings, recoveredThroughMs) => {
      const shared = openings.reduce<SharedCircuit>(
        (view, one) => mergeShared(view, { openings: [one], recoveredThroughMs }),
        unknownCircuit,
      );
      const unanswered = openings.filter(({ openedAtMs }) => openedAtMs > recoveredThroughMs);
      const circuit = circuitFromShared(shared, closedCircuit, { nowMs: 100, epochOffsetMs: 0 });
      if (unanswered.length === 0) expect(circuit.state).toBe("closed");
      else
        expect(circuit).toMatchObject({
          state: "open",
          untilMs: Math.max(...unanswered.map(({ untilMs }) => untilMs)),
        });
    }),
  );
});

test("two processes that hear of everything, in any order and twice, agree", () => {
  const events = fc.array(
    fc.record({ process: fc.nat(1), afterMs: fc.integer({ min: 1, max: 90_000 }), success: fc.boolean() }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(events, fc.infiniteStream(fc.nat()), (history, order) => {
      const policy = {
        baseMs: 60_000,
        maxCooldownMs: 3_600_000,
        maxBackoffMs: 900_000,
        threshold: 1,
        resetMs: 300_000,
      };
      const reason = { class: "server-error", detail: "HTTP 500" } as const;
      const sent: HealthChange[][] = [[], []];
      const tables = sent.map(
        (log) => new HealthTable({ policy, random: () => 0.5, share: (change) => log.push(change) }),
      );
      let nowMs = 0;
      for (const { process, afterMs, success } of history) {
        nowMs += afterMs;
        const health = tables[process];
        const lease = health?.acquire({ provider: "a", keyIndex: 0, model: "m" }, { nowMs, expiresAtMs: nowMs + 1 });
        if (health === undefined || lease === undefined) continue;
        if (success) health.succeed(lease, nowMs);
        else health.fail(lease, { scope: "provider", cooldown: { kind: "base" }, when: "now" }, { reason, nowMs });
      }
      tables.forEach((health, index) => {
        const mail = [...(sent[1 - index] ?? []), ...(sent[1 - index] ?? [])].map((change) => ({
          change,
          at: order.next().value,
        }));
        for (const { change } of mail.sort((a, b) => Number(a.at) - Number(b.at))) health.apply(change, nowMs);
      });
      // When each of them would probe early is its own affair.
      const [one, two] = tables.map((health) => {
        const { probeAtMs: _own, ...told } = {
          probeAtMs: 0,
          ...health.availability({ provider: "a", keyIndex: 0, model: "m" }, nowMs),
        };
        return told;
      });
      expect(one).toEqual(two);
    }),
    { numRuns: 300 },
  );
});
