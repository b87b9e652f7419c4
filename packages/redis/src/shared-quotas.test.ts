import type { HealthChange } from "@ccpb/core";
import { VirtualClock } from "@ccpb/core/testing";
import { describe, expect, it } from "vitest";
import { FakeStore } from "../test/fake-store.ts";
import { Host, type HostOptions } from "../test/host.ts";

const hour = 3_600_000;

type Window = NonNullable<HealthChange["quotas"]>[number];

/** A host, and what it has heard of the quota windows of its one key. */
class Payer extends Host {
  heard: readonly Window[] = [];

  constructor(name: string, where: { readonly base: VirtualClock; readonly store: FakeStore }, options?: HostOptions) {
    super(name, where, options);
    this.shared.subscribe(({ scope, quotas }) => {
      if (scope.type === "key") this.heard = quotas ?? [];
    });
  }

  state(used: number, change: Partial<Window> = {}): void {
    const nowMs = this.clock.wallNow();
    const window = {
      name: "7d",
      used,
      lengthMs: 168 * hour,
      resetsAtMs: nowMs + 30 * hour,
      heardAtMs: nowMs,
      ...change,
    };
    this.shared.publish({
      scope: { type: "key", provider: "a", keyIndex: 0 },
      circuit: { openings: [], recoveredThroughMs: 0 },
      quotas: [window],
    });
  }

  /** How long ago each window was heard, when it resets, and its use. */
  view(): readonly unknown[] {
    const nowMs = this.clock.wallNow();
    return this.heard.map(({ used, heardAtMs, resetsAtMs }) => ({
      used,
      agoMs: nowMs - heardAtMs,
      inMs: (resetsAtMs ?? 0) - nowMs,
    }));
  }
}

async function stage(...options: readonly HostOptions[]) {
  const base = new VirtualClock();
  const store = new FakeStore(base);
  const hosts = options.map((option, index) => new Payer(`host-${index}`, { base, store }, option));
  await base.advance(10);
  return { base, store, hosts: hosts as [Payer, Payer] };
}

const about = (ms: number): unknown => expect.closeTo(ms, -3);

describe("quota windows", () => {
  it("go to other hosts with their age and what is left of them, whatever the clocks say", async () => {
    const { base, hosts } = await stage({}, { wallWrongByMs: -24 * hour });
    hosts[0].state(0.4);
    await base.advance(60_000);
    expect(hosts[1].view()).toEqual([{ used: 0.4, agoMs: about(60_000), inMs: about(30 * hour - 60_000) }]);
  });

  it("of a younger sighting count, in whichever order they come", async () => {
    const { base, store, hosts } = await stage({}, {});
    hosts[0].state(0.4);
    await base.advance(2_000);
    hosts[0].state(0.6);
    await base.advance(2_000);
    expect(hosts[1].view()).toMatchObject([{ used: 0.6 }]);
    const before = hosts[1].heard;
    for (const message of store.messages.toReversed()) store.say(message);
    await base.advance(60_000);
    expect(hosts[1].heard).toEqual(before);
  });

  it("are told to a latecomer until they end, and not longer", async () => {
    const { base, store, hosts } = await stage({});
    hosts[0].state(0.4);
    await base.advance(29 * hour);
    await using late = new Payer("late", { base, store });
    await base.advance(10);
    expect(late.view()).toEqual([{ used: 0.4, agoMs: about(29 * hour), inMs: about(hour) }]);
    await base.advance(2 * hour);
    await using later = new Payer("later", { base, store });
    await base.advance(60_000);
    expect(later.view()).toEqual([]);
  });

  it("that were heard a month ago make no message unreadable", async () => {
    const { base, hosts } = await stage({}, {});
    const nowMs = hosts[0].clock.wallNow();
    hosts[0].state(0.4, { heardAtMs: nowMs - 31 * 24 * hour, resetsAtMs: nowMs + 24 * hour });
    hosts[0].attempt(false);
    await base.advance(30_000);
    expect(hosts[1].view()).toEqual([]);
    expect(hosts[1].availability().type).toBe("open");
    expect(hosts[1].shared.status().ignored).toBe(0);
  });

  it("are answered by a reset of the provider, whichever is heard first", async () => {
    const { base, hosts } = await stage({}, {});
    hosts[0].state(0.4);
    await base.advance(1_000);
    hosts[1].health.reset(hosts[1].clock.now(), { provider: "a" });
    await base.advance(60_000);
    const seen: HealthChange[] = [];
    hosts[1].shared.subscribe((change) => seen.push(change))[Symbol.dispose]();
    expect(seen.flatMap(({ quotas = [] }) => quotas)).toEqual([]);
  });

  it("are not taken in where the key is another one", async () => {
    const { base, hosts } = await stage({}, { identify: () => "another" });
    hosts[0].state(0.4);
    await base.advance(30_000);
    expect(hosts[1].view()).toEqual([]);
  });

  it("of hundreds of answers a second make a few messages", async () => {
    const { base, store, hosts } = await stage({}, {});
    const before = store.messages.length;
    for (let count = 0; count < 1_000; count += 1) {
      hosts[0].state(count / 1_000);
      await base.advance(5);
    }
    await base.advance(1_000);
    expect(store.messages.length - before).toBeLessThan(25);
    expect(hosts[1].view()).toMatchObject([{ used: 0.999 }]);
  });

  it.each<readonly [string, unknown]>([
    ["no list", {}],
    [
      "too long a list",
      Array.from({ length: 17 }, () => ({
        id: "x",
        agoMs: 0,
        window: { name: "7d", used: 1, lengthMs: null, resetsInMs: null },
      })),
    ],
    ["an age below zero", [{ id: "x", agoMs: -1, window: { name: "7d", used: 1, lengthMs: null, resetsInMs: null } }]],
    ["no window", [{ id: "x", agoMs: 0, window: 7 }]],
    ["a use below zero", [{ id: "x", agoMs: 0, window: { name: "7d", used: -1, lengthMs: null, resetsInMs: null } }]],
    [
      "a name with control characters",
      [{ id: "x", agoMs: 0, window: { name: "7d\n", used: 1, lengthMs: null, resetsInMs: null } }],
    ],
    [
      "a reset in two years",
      [{ id: "x", agoMs: 0, window: { name: "7d", used: 1, lengthMs: null, resetsInMs: 2 * 366 * 24 * hour } }],
    ],
  ])("are refused where a writer says %s, and what comes after is read", async (_name, quotas) => {
    const { base, store, hosts } = await stage({}, {});
    const scope = { type: "key", provider: "a", keyIndex: 0 };
    const change = { scope, identity: "", openings: [], recovery: null, quotas };
    store.say(JSON.stringify({ ccpb: 1, from: "writer", sentAtMs: 0, changes: [change] }));
    await base.advance(1_000);
    expect(hosts[1].view()).toEqual([]);
    hosts[0].state(0.4);
    await base.advance(1_000);
    expect(hosts[1].view()).toMatchObject([{ used: 0.4 }]);
  });

  it("are absent from messages of older versions, which are read", async () => {
    const { base, store, hosts } = await stage({}, {});
    hosts[0].state(0.4);
    await base.advance(1_000);
    const scope = { type: "key", provider: "a", keyIndex: 0 };
    const change = { scope, identity: "", openings: [], recovery: { id: "old.1", agoMs: 5 } };
    store.say(JSON.stringify({ ccpb: 1, from: "old", sentAtMs: 0, changes: [change] }));
    await base.advance(1_000);
    expect(hosts[1].view()).toMatchObject([{ used: 0.4 }]);
    expect(hosts[1].shared.status().ignored).toBe(0);
  });
});
