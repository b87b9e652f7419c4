import { VirtualClock } from "@ccpb/core/testing";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { FakeStore } from "../test/fake-store.ts";
import { Host } from "../test/host.ts";

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
}, 60_000);
