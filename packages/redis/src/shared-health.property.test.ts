import { VirtualClock } from "@ccpb/core/testing";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { FakeStore } from "../test/fake-store.ts";
import { Host, policy } from "../test/host.ts";

const deliveries = fc.infiniteStream(
  fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 30 }).map((ms) => [ms]) },
    { weight: 1, arbitrary: fc.constant<number[]>([]) },
    { weight: 1, arbitrary: fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 2, maxLength: 3 }) },
  ),
);

const host = fc.record({
  originMs: fc.integer({ min: 0, max: 1e9 }),
  wallWrongByMs: fc.integer({ min: -1e9, max: 1e9 }),
});

const steps = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant("attempt" as const), host: fc.nat(2), succeeds: fc.boolean() }),
    fc.record({ type: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 90_000 }) }),
    fc.record({ type: fc.constantFrom("cut" as const, "flush" as const, "hang" as const, "dead" as const) }),
  ),
  { maxLength: 14 },
);

test("hosts whose clocks disagree come to the same view, whatever is lost, repeated, reordered or cut off", async () => {
  await fc.assert(
    fc.asyncProperty(fc.tuple(host, host, host), steps, deliveries, async (clocks, history, stream) => {
      const base = new VirtualClock();
      const store = new FakeStore(base);
      store.delivery = () => stream.next().value ?? [1];
      const hosts = clocks.map((clock, index) => new Host(`host-${index}`, { base, store }, clock));
      await base.advance(5);
      for (const step of history) {
        if (step.type === "attempt") hosts[step.host]?.attempt(step.succeeds);
        else if (step.type === "wait") await base.advance(step.ms);
        else if (step.type === "flush") store.flush();
        else {
          store.state = step.type === "cut" ? "well" : step.type === "hang" ? "hanging" : "dead";
          if (step.type !== "hang") store.cut();
          await base.advance(1_500);
        }
        // Closer together than messages are under way, nobody could say which came first.
        await base.advance(450);
      }
      store.state = "well";
      store.delivery = () => [1];
      // Long enough for the longest pause before a connection, and for a beat.
      await base.advance(18_000);
      const remaining = hosts.map((one) => one.remainingMs());
      // As far apart as messages are underway, and no further.
      expect(Math.max(...remaining) - Math.min(...remaining)).toBeLessThan(1_000);
      for (const one of hosts) await one[Symbol.asyncDispose]();
      await base.advance(60_000);
      expect(base.pendingTimers).toBe(0);
    }),
    { numRuns: 150 },
  );
});

/** What two hosts go through beside a third one, and what they know in the end. */
async function outcome(
  history: readonly { readonly host: number; readonly succeeds: boolean; readonly afterMs: number }[],
  third: (host: Host) => void,
): Promise<readonly unknown[]> {
  const base = new VirtualClock();
  const store = new FakeStore(base);
  const [one, two, other] = [0, 1, 2].map((index) => new Host(`host-${index}`, { base, store })) as [Host, Host, Host];
  await base.advance(5);
  const known: unknown[] = [];
  for (const { host: index, succeeds, afterMs } of history) {
    third(other);
    await base.advance(afterMs);
    (index === 0 ? one : two).attempt(succeeds);
    await base.advance(10);
    known.push(one.availability(), two.availability());
  }
  for (const host of [one, two, other]) await host[Symbol.asyncDispose]();
  return known;
}

test("a host whose network fails, whatever the failure is called, changes nothing for the others", async () => {
  const path = ["connect", "timeout", "host", "redirect", "firewall", "bad-answer", "stream-broken"] as const;
  const history = fc.array(
    fc.record({ host: fc.nat(1), succeeds: fc.boolean(), afterMs: fc.integer({ min: 1, max: 90_000 }) }),
    { minLength: 1, maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(history, fc.constantFrom(...path), async (steps, name) => {
      const alone = await outcome(steps, () => undefined);
      const beside = await outcome(steps, (host) => {
        host.attempt(false, "a", { class: name, detail: "" });
        expect(host.availability().type).toBe("open");
      });
      expect(beside).toEqual(alone);
    }),
    { numRuns: 60 },
  );
});

test("whatever a stranger says, a host takes no harm beyond its own policy and a reset ends it", async () => {
  const duration = fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: -1e10, max: 1e10 }), fc.anything());
  const moment = fc.oneof(fc.constant(null), fc.anything(), fc.record({ id: fc.string(), agoMs: duration }));
  const scope = fc.oneof(
    fc.constant({ type: "provider", provider: "a" }),
    fc.record({
      type: fc.constantFrom("deployment", "key", "key-deployment"),
      provider: fc.constant("a"),
      keyIndex: fc.nat(3),
      model: fc.constantFrom("m", "n"),
    }),
    fc.anything(),
  );
  const said = fc.record({
    id: fc.string({ minLength: 1, maxLength: 10 }),
    ageMs: duration,
    remainingMs: duration,
    backoffMs: duration,
    failedProbes: duration,
    reason: fc.record({ class: fc.constantFrom("overloaded", "auth", "connect", "whim"), detail: fc.string() }),
  });
  const change = fc.record(
    {
      scope,
      identity: fc.constantFrom("", "x"),
      openings: fc.array(said, { maxLength: 3 }),
      recovery: moment,
      reset: moment,
    },
    { requiredKeys: ["scope", "identity", "openings", "recovery"] },
  );
  const message = fc.record({
    ccpb: fc.constant(1),
    from: fc.constantFrom("host", "w1", "w2"),
    sentAtMs: duration,
    changes: fc.array(change, { maxLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ message, afterMs: fc.nat(20_000) }), { maxLength: 10 }), async (steps) => {
      const base = new VirtualClock();
      const store = new FakeStore(base);
      const host = new Host("host", { base, store });
      await base.advance(5);
      for (const { message: one, afterMs } of steps) {
        store.say(JSON.stringify(one) ?? "");
        await base.advance(afterMs + 2);
        // A millisecond for the last digits of such times.
        expect(host.remainingMs()).toBeLessThanOrEqual(policy.maxCooldownMs + 1);
      }
      host.health.reset(host.clock.now(), { provider: "a" });
      expect(host.availability().type).toBe("closed");
      await host[Symbol.asyncDispose]();
      await base.advance(60_000);
      expect(base.pendingTimers).toBe(0);
    }),
    { numRuns: 300 },
  );
});
