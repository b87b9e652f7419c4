import type { HealthChange, SharedLesson } from "@ccpb/core";
import { VirtualClock } from "@ccpb/core/testing";
import { describe, expect, it } from "vitest";
import { FakeStore } from "../test/fake-store.ts";
import { Host, type HostOptions } from "../test/host.ts";

const hour = 3_600_000;
const lesson = (name: string, learnedAtMs: number): SharedLesson => ({
  id: `member:omit=["${name}"]`,
  profile: { omit: [name] },
  learnedAtMs,
});

/** A host, and what it has heard of lessons: by model, their ids. */
class Pupil extends Host {
  readonly heard = new Map<string, readonly SharedLesson[]>();

  constructor(name: string, where: { readonly base: VirtualClock; readonly store: FakeStore }, options?: HostOptions) {
    super(name, where, options);
    this.shared.subscribe(({ scope, lessons }) => {
      if ("model" in scope) this.heard.set(scope.model, lessons ?? []);
    });
  }

  teach(model: string, name: string): void {
    this.shared.publish(this.change(model, [lesson(name, this.clock.wallNow())]));
  }

  change(model: string, lessons: readonly SharedLesson[]): HealthChange {
    const circuit = { openings: [], recoveredThroughMs: 0 };
    return { scope: { type: "deployment", provider: "a", model }, circuit, lessons };
  }

  ids(model: string): readonly string[] {
    return (this.heard.get(model) ?? []).map(({ id }) => id);
  }
}

async function stage(...options: readonly HostOptions[]) {
  const base = new VirtualClock();
  const store = new FakeStore(base);
  const hosts = options.map((option, index) => new Pupil(`host-${index}`, { base, store }, option));
  await base.advance(10);
  return { base, store, hosts: hosts as [Pupil, Pupil] };
}

describe("lessons of refusals", () => {
  it("go to other hosts with their age, whatever their clocks say", async () => {
    const { base, hosts } = await stage({}, { wallWrongByMs: -24 * hour });
    hosts[0].teach("m", "store");
    await base.advance(1_000);
    hosts[0].teach("m", "user");
    await base.advance(1_000);
    expect(hosts[1].ids("m")).toEqual(['member:omit=["store"]', 'member:omit=["user"]']);
    const [first] = hosts[1].heard.get("m") ?? [];
    const ageMs = hosts[1].clock.wallNow() - (first?.learnedAtMs ?? 0);
    expect(ageMs).toBeGreaterThan(1_900);
    expect(ageMs).toBeLessThan(2_100);
  });

  it("are told to a latecomer as long as they hold, and no longer", async () => {
    const { base, store, hosts } = await stage({});
    hosts[0].teach("m", "store");
    await base.advance(23 * hour);
    await using late = new Pupil("late", { base, store });
    await base.advance(10);
    expect(late.ids("m")).toHaveLength(1);
    await base.advance(2 * hour);
    await using later = new Pupil("later", { base, store });
    await base.advance(60_000);
    expect(later.ids("m")).toEqual([]);
  });

  it("stay as they were when a message comes twice, late and by way of the store", async () => {
    const { base, store, hosts } = await stage({}, {});
    hosts[0].teach("m", "store");
    await base.advance(1_000);
    const before = hosts[1].heard.get("m");
    store.cut();
    await base.advance(30_000);
    for (const message of store.messages) store.say(message);
    await base.advance(30_000);
    expect(hosts[1].heard.get("m")).toEqual(before);
  });

  it("are answered by a reset of the provider, whichever is heard first", async () => {
    const { base, hosts } = await stage({}, {});
    hosts[0].teach("m", "store");
    await base.advance(1_000);
    hosts[1].health.reset(hosts[1].clock.now(), { provider: "a" });
    await base.advance(1_000);
    expect(hosts[0].shared.status().state).toBe("connected");
    await base.advance(60_000);
    const seen: HealthChange[] = [];
    hosts[1].shared.subscribe((change) => seen.push(change))[Symbol.dispose]();
    expect(seen.flatMap(({ lessons = [] }) => lessons)).toEqual([]);
  });

  it("are not taken in where the scope stands for something else, or where the table cannot teach them", async () => {
    const { base, hosts } = await stage({}, { identify: ({ provider }) => (provider === "b" ? "" : undefined) });
    hosts[0].teach("m", "store");
    await base.advance(1_000);
    expect(hosts[1].heard.size).toBe(0);
    const { base: time, hosts: pair } = await stage({}, {});
    const made = { id: "member:x", profile: { extraBody: { a: 1 } }, learnedAtMs: pair[0].clock.wallNow() };
    pair[0].shared.publish(pair[0].change("m", [made, lesson("user", pair[0].clock.wallNow())]));
    await time.advance(1_000);
    expect(pair[1].ids("m")).toEqual(['member:omit=["user"]']);
  });
});
