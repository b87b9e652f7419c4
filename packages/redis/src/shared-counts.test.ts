import { VirtualClock } from "@ccpb/core/testing";
import { describe, expect, it } from "vitest";
import { FakeStore } from "../test/fake-store.ts";
import type { OpenLink } from "./link.ts";
import { SharedCounts } from "./shared-counts.ts";

interface Heard {
  readonly value: unknown;
  readonly isAlive: boolean;
}

/** One server: what it shares, and what it has last heard of each other server. */
class Server implements AsyncDisposable {
  readonly counts: SharedCounts;
  readonly heard = new Map<string, Heard>();
  /** How often it was told of something. */
  told = 0;
  readonly refusals: string[] = [];

  constructor(origin: string, clock: VirtualClock, open: OpenLink) {
    this.counts = new SharedCounts({
      open,
      origin,
      clock,
      random: () => 0.5,
      onCounts: (from, value, isAlive) => {
        this.told += 1;
        this.heard.set(from, { value, isAlive });
      },
      onRefused: ({ message }) => this.refusals.push(message),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.counts[Symbol.asyncDispose]();
  }
}

async function stage(...origins: readonly string[]) {
  const clock = new VirtualClock();
  const store = new FakeStore(clock);
  const start = (origin: string): Server => new Server(origin, clock, store.links(origin));
  const servers = origins.map(start);
  await clock.advance(10);
  return { clock, store, start, servers: servers as [Server, Server] };
}

/** Connections on which each publication takes so long. */
function slowly(open: OpenLink, clock: VirtualClock, delayMs: number): OpenLink {
  return async (listener, signal) => {
    const link = await open(listener, signal);
    return {
      ...link,
      publish: async (message) => {
        await new Promise<void>((resolve) => clock.setTimer(delayMs, resolve));
        return link.publish(message);
      },
    };
  };
}

describe("counts that servers share", () => {
  it("reach the others within 250 ms, several changes in one message", async () => {
    const { clock, store, servers } = await stage("a", "b");
    for (let calls = 1; calls <= 10; calls += 1) servers[0].counts.publish({ calls });
    await clock.advance(250);
    expect(servers[1].heard.get("a")).toEqual({ value: { calls: 10 }, isAlive: true });
    expect(servers[0].heard.size).toBe(0);
    expect(store.messages).toHaveLength(1);
  });

  it.each([
    ["lost", [[], [], [1]]],
    ["repeated", [[1, 2, 3]]],
    ["late and repeated", [[900, 1], [1], [1]]],
  ] as const)("end as what was said last, with messages that are %s", async (_, deliveries) => {
    const { clock, store, servers } = await stage("a", "b");
    let sent = 0;
    store.delivery = () => deliveries[Math.min(sent, deliveries.length - 1)] ?? [];
    for (let calls = 1; calls <= 3; calls += 1) {
      servers[0].counts.publish({ calls });
      await clock.advance(300);
      sent += 1;
    }
    // The next beat says the same again.
    await clock.advance(7_000);
    expect(servers[1].heard.get("a")).toEqual({ value: { calls: 3 }, isAlive: true });
  });

  it("are told to a server once as long as they do not change", async () => {
    const { clock, servers } = await stage("a", "b");
    servers[0].counts.publish({ calls: 1 });
    await clock.advance(60_000);
    expect(servers[1].told).toBe(1);
  });

  it("are heard by a server that starts later, of ended servers too", async () => {
    const { clock, start, servers } = await stage("a");
    servers[0].counts.publish({ calls: 7 });
    // The end does not wait for the next message.
    await servers[0].counts[Symbol.asyncDispose]();
    await clock.advance(86_400_000);
    const later = start("b");
    await clock.advance(10);
    expect(later.heard.get("a")).toEqual({ value: { calls: 7 }, isAlive: false });
  });

  it("are in the store again after it was flushed", async () => {
    const { clock, store, start, servers } = await stage("a");
    servers[0].counts.publish({ calls: 7 });
    await clock.advance(1_000);
    store.flush();
    await clock.advance(7_000);
    const later = start("b");
    await clock.advance(10);
    expect(later.heard.get("a")?.value).toEqual({ calls: 7 });
  });

  it.each(["dead", "hanging"] as const)("are told when a store that was %s is back", async (state) => {
    const { clock, store, servers } = await stage("a", "b");
    servers[0].counts.publish({ calls: 1 });
    await clock.advance(1_000);
    store.state = state;
    store.cut();
    servers[0].counts.publish({ calls: 2 });
    await clock.advance(20_000);
    expect(servers[1].heard.get("a")?.value).toEqual({ calls: 1 });
    store.state = "well";
    await clock.advance(30_000);
    expect(servers[1].heard.get("a")).toEqual({ value: { calls: 2 }, isAlive: true });
  });

  it("are those of a server that is not running when nothing was heard of it for 30 seconds", async () => {
    const { clock, store, servers } = await stage("a", "b");
    servers[0].counts.publish({ calls: 1 });
    await clock.advance(1_000);
    store.delivery = () => [];
    await clock.advance(28_000);
    expect(servers[1].heard.get("a")?.isAlive).toBe(true);
    await clock.advance(10_000);
    expect(servers[1].heard.get("a")).toEqual({ value: { calls: 1 }, isAlive: false });
    store.delivery = () => [1];
    await clock.advance(7_000);
    expect(servers[1].heard.get("a")).toEqual({ value: { calls: 1 }, isAlive: true });
  });

  it("are all told where the store is slow, also those of the moment before the end", async () => {
    const { clock, store, servers } = await stage("b");
    const slow = new Server("a", clock, slowly(store.links("a"), clock, 600));
    await clock.advance(10);
    slow.counts.publish({ calls: 1 });
    await clock.advance(300);
    slow.counts.publish({ calls: 2 });
    const ended = slow.counts[Symbol.asyncDispose]();
    await clock.advance(3_000);
    await ended;
    expect(servers[0].heard.get("a")?.value).toEqual({ calls: 2 });
  });

  it("are told of a server that ends before its first connection is open", async () => {
    const { clock, start, servers } = await stage("b");
    const short = start("a");
    short.counts.publish({ calls: 1 });
    await short.counts[Symbol.asyncDispose]();
    await clock.advance(10);
    expect(servers[0].heard.get("a")?.value).toEqual({ calls: 1 });
  });

  it.each([
    ["no JSON", "{"],
    ["no object", "null"],
    ["of another version", JSON.stringify({ ccpb: 2, from: "x", counts: {} })],
    ["without a name", JSON.stringify({ ccpb: 1, counts: {} })],
    ["with a name of 65 characters", JSON.stringify({ ccpb: 1, from: "x".repeat(65), counts: {} })],
    ["its own", JSON.stringify({ ccpb: 1, from: "a", counts: {} })],
    ["longer than 500,000 characters", JSON.stringify({ ccpb: 1, from: "x", counts: "x".repeat(500_000) })],
  ])("are not taken from a message that is %s", async (_, text) => {
    const { clock, store, servers } = await stage("a");
    store.say(text);
    await clock.advance(100);
    expect(servers[0].told).toBe(0);
  });

  it("are kept of 256 servers", async () => {
    const { clock, store, servers } = await stage("a");
    for (let index = 0; index < 300; index += 1) {
      store.say(JSON.stringify({ ccpb: 1, from: `x${index}`, counts: index }));
    }
    await clock.advance(100);
    expect(servers[0].heard.size).toBe(256);
  });
});
