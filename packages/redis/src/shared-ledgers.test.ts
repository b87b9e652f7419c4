import { VirtualClock } from "@ccpb/core/testing";
import { describe, expect, it } from "vitest";
import { FakeStore, hostClock } from "../test/fake-store.ts";
import { type LedgerChanges, type LedgerPart, SharedLedgers } from "./shared-ledgers.ts";

const day = (ago: number, clock: VirtualClock): string =>
  new Date(clock.wallNow() - ago * 86_400_000).toISOString().slice(0, 10);

/** A ledger in memory: parts by name, and which have changed. */
class Ledger {
  readonly parts = new Map<string, LedgerPart>();
  readonly problems: unknown[] = [];
  readonly refusals: string[] = [];
  readonly shared: SharedLedgers;
  asked = 0;
  changed: LedgerPart[] = [];
  next: LedgerChanges | undefined;
  fault: Error | undefined;
  onPortion: (() => void) | undefined;

  constructor(id: string, store: FakeStore, clock: VirtualClock) {
    this.shared = new SharedLedgers({
      id,
      open: store.links(id),
      clock: hostClock(clock, { originMs: 1e6, wallWrongByMs: 0 }),
      random: () => 0.5,
      changes: async () => {
        if (this.fault) throw this.fault;
        const parts = this.changed;
        this.changed = [];
        return this.next ?? { type: "parts", parts };
      },
      all: (fromDay) => this.#all(fromDay),
      onProblem: (error) => this.problems.push(error),
      onRefused: ({ message }) => this.refusals.push(message),
    });
  }

  async *#all(fromDay: string): AsyncGenerator<readonly LedgerPart[]> {
    this.asked += 1;
    this.next = undefined;
    this.changed = [];
    for (const part of [...this.parts.values()].filter((one) => one.day >= fromDay)) {
      yield [part];
      this.onPortion?.();
    }
  }

  set(on: string, text: string, name = "03-0"): void {
    const part = { day: on, name, text };
    this.parts.set(`${on} ${name}`, part);
    this.changed.push(part);
  }
}

async function stage() {
  const clock = new VirtualClock();
  const store = new FakeStore(clock);
  const one = new Ledger("ledger-one", store, clock);
  const two = new Ledger("ledger-two", store, clock);
  await clock.advance(2_000);
  const read = async (ledger: Ledger, from = day(100, clock)): Promise<readonly string[] | undefined> =>
    (await ledger.shared.read(from))?.parts.map(({ text }) => text).sort();
  return { clock, store, one, two, read };
}

describe("ledgers in a store", () => {
  it("are read by all others, a changed part in place of what it was", async () => {
    const { clock, one, two, read } = await stage();
    one.set(day(0, clock), "a");
    one.set(day(0, clock), "b", "04-0");
    await clock.advance(1_000);
    expect(await read(two)).toEqual(["a", "b"]);
    expect(await read(one)).toEqual([]);
    one.set(day(0, clock), "c");
    await clock.advance(1_000);
    expect(await read(two)).toEqual(["b", "c"]);
    expect(await read(two, day(-1, clock))).toEqual([]);
  });

  it("are copied anew where the store has forgotten them, also while they are copied", async () => {
    const { clock, store, one, two, read } = await stage();
    for (let ago = 0; ago < 5; ago += 1) one.set(day(ago, clock), `day ${ago}`);
    await clock.advance(1_000);
    const all = ["day 0", "day 1", "day 2", "day 3", "day 4"];
    expect(await read(two)).toEqual(all);
    store.flush();
    let flushes = 2;
    one.onPortion = () => {
      if (flushes-- > 0) store.flush();
    };
    // Found out with the next change, or after ten quiet seconds.
    await clock.advance(30_000);
    expect(await read(two)).toEqual(all);
  });

  it("are not taken for whole where a change is written to a store that has just forgotten the rest", async () => {
    const { clock, store, one, two, read } = await stage();
    one.set(day(3, clock), "old");
    await clock.advance(1_000);
    store.flush();
    one.set(day(0, clock), "new");
    await clock.advance(3_000);
    expect(await read(two)).toEqual(["new", "old"]);
  });

  it("are copied from the day on of which the store may not have all, after it was away", async () => {
    const { clock, store, one, two, read } = await stage();
    one.set(day(4, clock), "old");
    await clock.advance(1_000);
    const asked = one.asked;
    store.state = "dead";
    store.cut();
    one.set(day(0, clock), "lost on the way");
    await clock.advance(10_000);
    expect(await read(two)).toBeUndefined();
    // Older days are left as they are: they were complete.
    store.hashes.clear();
    store.state = "well";
    await clock.advance(10_000);
    expect(one.asked).toBe(asked + 1);
    expect(await read(two)).toEqual(["lost on the way"]);
    expect(store.marks.get("of-ledger-one")).toBe(day(1, clock));
  });

  it("are tried again with growing pauses where the store takes nothing, or the ledger cannot be read", async () => {
    const { clock, store, one, two, read } = await stage();
    store.state = "read-only";
    const asked = one.asked;
    one.set(day(0, clock), "a");
    await clock.advance(300_000);
    expect(one.asked - asked).toBeLessThan(15);
    expect(new Set(one.refusals)).toEqual(new Set(["READONLY You can't write against a read only replica."]));
    store.state = "well";
    await clock.advance(64_000);
    expect(await read(two)).toEqual(["a"]);
    one.fault = new Error("the disk is gone");
    one.set(day(0, clock), "b");
    await clock.advance(3_000);
    expect(one.problems).toContain(one.fault);
    one.fault = undefined;
    await clock.advance(64_000);
    expect(await read(two)).toEqual(["b"]);
  });

  it("are copied from an earlier day where the ledger says so", async () => {
    const { clock, one, two, read } = await stage();
    one.set(day(9, clock), "late");
    one.changed = [];
    one.next = { type: "all", fromDay: day(9, clock) };
    await clock.advance(2_000);
    expect(await read(two)).toEqual(["late"]);
  });

  it("are left out where they are too old or too long, and a mark that is none counts as nothing", async () => {
    const { clock, store, one, two, read } = await stage();
    one.set(day(101, clock), "too old");
    one.set(day(0, clock), "x".repeat(2_000_001));
    one.set(day(1, clock), "fits");
    await clock.advance(2_000);
    expect(await read(two, "")).toEqual(["fits"]);
    store.marks.set("of-ledger-one", "9999-99-99");
    store.hashes.clear();
    store.cut();
    await clock.advance(10_000);
    expect(await read(two, "")).toEqual(["fits"]);
  });

  it("say so where a day is too large to be read", async () => {
    const { clock, store, one, two } = await stage();
    one.set(day(1, clock), "fits");
    await clock.advance(1_000);
    store.hashes.set(day(0, clock), { "x.00-0": "z".repeat(33_000_000) });
    expect(await two.shared.read(day(5, clock))).toMatchObject({ isComplete: false, parts: [{ text: "fits" }] });
  });

  it("are whole in the store when their process has ended", async () => {
    const { clock, one, two, read } = await stage();
    one.set(day(0, clock), "the last");
    await one.shared[Symbol.asyncDispose]();
    await clock.advance(1_000);
    expect(await read(two)).toEqual(["the last"]);
  });

  it("are whole in the store also of a process that ends before its first connection is open", async () => {
    const { clock, store, two, read } = await stage();
    const short = new Ledger("ledger-short", store, clock);
    short.set(day(0, clock), "all of it");
    await short.shared[Symbol.asyncDispose]();
    expect(await read(two)).toEqual(["all of it"]);
  });

  it.each(["dead", "hanging"] as const)("keep no process from ending where the store is %s", async (state) => {
    const { clock, store } = await stage();
    store.state = state;
    const short = new Ledger("ledger-short", store, clock);
    const ended = short.shared[Symbol.asyncDispose]();
    await clock.advance(3_000);
    await ended;
  });
});
