import type { LookupAddress } from "node:dns";
import { VirtualClock } from "@ccpb/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeOf } from "./network-errors.ts";
import { NameLookup, type NameWait } from "./name-lookup.ts";

type SystemAnswer = (error: Error | null, addresses: readonly LookupAddress[]) => void;

const address = (last: number): readonly LookupAddress[] => [{ address: `192.0.2.${last}`, family: 4 }];

/** A lookup over scripted sources; names stay unanswered until the test answers them. */
class Stage {
  readonly clock = new VirtualClock();
  /** The system's lookups that run now, by name. */
  readonly running = new Map<string, SystemAnswer>();
  readonly asked: string[] = [];
  readonly askedDirectly: string[] = [];
  readonly results: Record<string, string[]> = {};
  direct: (hostname: string) => Promise<readonly LookupAddress[]> = () => new Promise(() => undefined);
  readonly lookup: NameLookup;

  constructor(slots = 2) {
    this.lookup = new NameLookup({
      clock: this.clock,
      slots,
      sources: {
        system: (hostname, done) => {
          this.asked.push(hostname);
          this.running.set(hostname, done);
        },
        direct: (hostname) => {
          this.askedDirectly.push(hostname);
          return this.direct(hostname);
        },
      },
    });
  }

  find(hostname: string): NameWait {
    const results = (this.results[hostname] ??= []);
    return this.lookup.find(hostname, (error, addresses) => {
      results.push(error === null ? addresses.map((each) => each.address).join() : (codeOf(error) ?? error.message));
    });
  }

  answer(hostname: string, error: string | null, last = 1): void {
    const done = this.running.get(hostname);
    this.running.delete(hostname);
    done?.(
      error === null ? null : Object.assign(new Error(error), { code: error }),
      error === null ? address(last) : [],
    );
  }
}

describe("a name lookup", () => {
  it("asks once for all who want a name at the same time, and keeps the answer for ten seconds", async () => {
    const stage = new Stage();
    for (let count = 0; count < 5; count += 1) stage.find("a.test");
    stage.answer("a.test", null);
    expect(stage.results["a.test"]).toEqual(Array(5).fill("192.0.2.1"));
    await stage.clock.advance(9_999);
    stage.find("a.test");
    await stage.clock.advance(1);
    expect(stage.asked).toEqual(["a.test"]);
    expect(stage.results["a.test"]).toHaveLength(6);
    stage.find("a.test");
    expect(stage.asked).toEqual(["a.test", "a.test"]);
  });

  it("never calls back before it has returned, also from the cache", async () => {
    const stage = new Stage();
    stage.find("a.test");
    stage.answer("a.test", null);
    stage.find("a.test");
    expect(stage.results["a.test"]).toHaveLength(1);
    await stage.clock.advance(0);
    expect(stage.results["a.test"]).toHaveLength(2);
  });

  it("keeps a failure for a second", async () => {
    const stage = new Stage();
    stage.find("a.test");
    stage.answer("a.test", "ENOTFOUND");
    await stage.clock.advance(999);
    stage.find("a.test");
    await stage.clock.advance(1);
    expect(stage.results["a.test"]).toEqual(["ENOTFOUND", "ENOTFOUND"]);
    stage.find("a.test");
    expect(stage.asked).toHaveLength(2);
  });

  it("asks the name servers for what has no turn, so that names that hang delay no other", async () => {
    const stage = new Stage();
    stage.direct = (hostname) =>
      hostname === "good.test" ? Promise.resolve(address(7)) : new Promise(() => undefined);
    for (const name of ["hang1.test", "hang2.test", "good.test"]) stage.find(name);
    expect(stage.asked).toEqual(["hang1.test", "hang2.test"]);
    await stage.clock.advance(250);
    expect(stage.results["good.test"]).toEqual(["192.0.2.7"]);
  });

  it("says of a name that had no turn that our host is to blame, of one that was asked that it timed out", async () => {
    const stage = new Stage(1);
    stage.find("hang.test");
    const waiting = stage.find("queued.test");
    expect(waiting.isQueued).toBe(true);
    await stage.clock.advance(5_000);
    expect(stage.results).toEqual({ "hang.test": ["ERR_LOOKUP_TIMEOUT"], "queued.test": ["ERR_LOOKUP_QUEUED"] });
  });

  it("costs callers that join a lookup that hangs one second, not its whole deadline again", async () => {
    const stage = new Stage();
    stage.find("hang.test");
    await stage.clock.advance(60_000);
    stage.find("hang.test");
    await stage.clock.advance(1_000);
    expect(stage.results["hang.test"]).toEqual(["ERR_LOOKUP_TIMEOUT", "ERR_LOOKUP_TIMEOUT"]);
    expect(stage.asked).toHaveLength(1);
  });

  it("asks the name servers at once for callers that join a lookup that hangs", async () => {
    const stage = new Stage();
    stage.direct = () => Promise.reject(new Error("no name server answers"));
    stage.find("hang.test");
    await stage.clock.advance(60_000);
    stage.direct = () => Promise.resolve(address(8));
    stage.find("hang.test");
    await stage.clock.advance(0);
    expect(stage.results["hang.test"]).toEqual(["ERR_LOOKUP_TIMEOUT", "192.0.2.8"]);
  });

  it("gives the last known addresses where a resolver is slow or away, but not of a name that is gone", async () => {
    const stage = new Stage();
    stage.find("a.test");
    stage.answer("a.test", null, 3);
    await stage.clock.advance(20_000);
    stage.find("a.test");
    await stage.clock.advance(1_000);
    stage.answer("a.test", "EAI_AGAIN");
    stage.find("a.test");
    stage.answer("a.test", "EAI_AGAIN");
    stage.find("a.test");
    stage.answer("a.test", "ENOTFOUND");
    expect(stage.results["a.test"]).toEqual(["192.0.2.3", "192.0.2.3", "192.0.2.3", "ENOTFOUND"]);
    expect(stage.askedDirectly).toEqual([]);
  });

  it("forgets what it knew when the network is another one", () => {
    const stage = new Stage();
    stage.find("a.test");
    stage.answer("a.test", null, 3);
    stage.lookup.forget();
    stage.find("a.test");
    stage.answer("a.test", "EAI_AGAIN");
    expect(stage.results["a.test"]).toEqual(["192.0.2.3", "EAI_AGAIN"]);
  });

  it("does not ask for a name whose callers have left before its turn came", () => {
    const stage = new Stage(1);
    stage.find("first.test");
    stage.find("left.test").cancel();
    stage.find("last.test");
    stage.answer("first.test", null);
    expect(stage.asked).toEqual(["first.test", "last.test"]);
    expect(stage.results["left.test"]).toEqual([]);
  });

  it("calls every caller back once, and runs no name twice nor more than its slots, whatever happens", async () => {
    const step = fc.record({
      act: fc.constantFrom("find", "cancel", "answer", "fail", "wait", "forget"),
      name: fc.constantFrom("a.test", "b.test", "c.test", "d.test"),
      ms: fc.integer({ min: 0, max: 6_000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.boolean(), async (steps, hasDirect) => {
        const stage = new Stage();
        if (hasDirect) stage.direct = () => Promise.resolve(address(9));
        const calls: number[] = [];
        const waits: NameWait[] = [];
        const cancelled = new Set<number>();
        for (const { act, name, ms } of steps) {
          if (act === "find") {
            const index = calls.push(0) - 1;
            waits.push(stage.lookup.find(name, () => (calls[index] = (calls[index] ?? 0) + 1)));
          } else if (act === "cancel") {
            waits[ms % 10]?.cancel();
            if (ms % 10 < waits.length) cancelled.add(ms % 10);
          } else if (act === "answer") stage.answer(name, null);
          else if (act === "fail") stage.answer(name, "EAI_AGAIN");
          else if (act === "forget") stage.lookup.forget();
          else await stage.clock.advance(ms);
          expect(stage.running.size).toBeLessThanOrEqual(2);
        }
        await stage.clock.advance(10_000);
        for (const [index, count] of calls.entries()) {
          if (cancelled.has(index)) expect(count).toBeLessThanOrEqual(1);
          else expect(count).toBe(1);
        }
        expect(stage.clock.pendingTimers).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
