import { VirtualClock } from "@ccpb/core/testing";
import { describe, expect, it } from "vitest";
import { RefusedError } from "./link.ts";
import { FakeStore } from "../test/fake-store.ts";
import { Host, type HostOptions } from "../test/host.ts";

/** Hosts around one store, all connected. */
async function stage(...options: readonly HostOptions[]) {
  const base = new VirtualClock();
  const store = new FakeStore(base);
  const hosts = options.map((option, index) => new Host(`host-${index}`, { base, store }, option));
  await base.advance(10);
  return { base, store, hosts: hosts as [Host, Host, Host] };
}

const day = 24 * 3_600_000;

describe("hosts around one store", () => {
  it("agree on what is left of a cooldown, whatever their clocks say", async () => {
    const { base, hosts } = await stage({}, { wallWrongByMs: -day }, { wallWrongByMs: 3 * day, originMs: 1e9 });
    hosts[0].attempt(false);
    await base.advance(10);
    expect(hosts.map((host) => Math.round(host.remainingMs() / 100))).toEqual([600, 600, 600]);
    await base.advance(59_980);
    expect(hosts.map((host) => host.availability().type)).toEqual(["open", "open", "open"]);
    await base.advance(20);
    expect(hosts.map((host) => host.availability().type)).toEqual(["half-open", "half-open", "half-open"]);
  });

  it("tell a latecomer what is left, not what was said", async () => {
    const { base, store, hosts } = await stage({});
    hosts[0].attempt(false);
    await base.advance(5);
    await hosts[0][Symbol.asyncDispose]();
    await base.advance(20_000);
    await using late = new Host("late", { base, store }, { wallWrongByMs: day });
    await base.advance(10);
    expect(late.remainingMs()).toBeGreaterThan(39_900);
    expect(late.remainingMs()).toBeLessThan(40_000);
  });

  it("take a message for as old as it is when the store held it back", async () => {
    const { base, store, hosts } = await stage({}, { wallWrongByMs: 5_000 });
    await base.advance(25_000);
    store.delivery = () => [9_000];
    hosts[0].attempt(false);
    await base.advance(9_050);
    expect(hosts[1].remainingMs()).toBeGreaterThan(50_000);
    expect(hosts[1].remainingMs() - hosts[0].remainingMs()).toBeLessThan(20);
  });

  it("take in nothing twice: an opening that comes back by way of others leaves the probe alone", async () => {
    const { base, store, hosts } = await stage({}, { wallWrongByMs: day });
    hosts[0].attempt(false);
    await base.advance(61_000);
    const nowMs = hosts[0].clock.now();
    hosts[0].health.acquire({ provider: "a", keyIndex: 0, model: "m" }, { nowMs, expiresAtMs: nowMs + 60_000 });
    // The other one repeats all that it knows, with every beat and after every connection.
    store.cut();
    await base.advance(30_000);
    for (const message of store.messages) store.say(message);
    await base.advance(10);
    expect(hosts[0].availability()).toMatchObject({ type: "half-open", leaseFree: false });
  });

  it("pass nothing on to who has something else under the same name, nor to who has not got it", async () => {
    const identified = (text: string) => ({
      identify: ({ provider }: { provider: string }) => (provider === "a" ? text : undefined),
    });
    const { base, hosts } = await stage(identified("key 1"), identified("key 2"), identified("key 1"));
    hosts[0].attempt(false);
    hosts[0].attempt(false, "b");
    await base.advance(10);
    expect(hosts.map((host) => host.availability().type)).toEqual(["open", "closed", "open"]);
    expect(hosts.map((host) => host.availability("b").type)).toEqual(["open", "closed", "closed"]);
  });

  it("forget what a scope was when it has become something else", async () => {
    let key = "key 1";
    const { base, store, hosts } = await stage({ identify: () => key }, { identify: () => "key 2" });
    hosts[0].attempt(false);
    await base.advance(10);
    key = "key 2";
    store.cut();
    await base.advance(12_000);
    expect(hosts[1].availability().type).toBe("closed");
    await using late = new Host("late", { base, store }, { identify: () => "key 2" });
    await base.advance(10);
    expect(late.availability().type).toBe("closed");
  });

  it("catch up within a beat on a message that was lost", async () => {
    const { base, store, hosts } = await stage({}, {});
    store.delivery = () => [];
    hosts[0].attempt(false);
    await base.advance(5);
    store.delivery = () => [1];
    expect(hosts[1].availability().type).toBe("closed");
    await base.advance(12_000);
    expect(hosts[1].availability().type).toBe("open");
  });
});

describe("who is there", () => {
  it("is known within half a second of coming, not only after a beat", async () => {
    const { base, store, hosts } = await stage({}, {});
    await base.advance(20_000);
    const before = store.messages.length;
    await using late = new Host("late", { base, store });
    await base.advance(400);
    const peers = [...hosts, late].map(({ shared }) => shared.status().peers);
    expect(peers).toEqual([2, 2, 2]);
    // Its greeting, what the two said to it, and what it said to each that was new to it.
    expect(store.messages.length - before).toBeLessThanOrEqual(4);
  });

  it("is said once to many that come together", async () => {
    const { base, store } = await stage({});
    await base.advance(20_000);
    const before = store.messages.length;
    const many = Array.from({ length: 20 }, (_, index) => new Host(`late-${index}`, { base, store }));
    await base.advance(1_000);
    expect(many.map(({ shared }) => shared.status().peers)).toEqual(Array(20).fill(20));
    expect(store.messages.length - before).toBeLessThanOrEqual(3 * 21);
    for (const host of many) await host[Symbol.asyncDispose]();
  });

  it("is not said again by one that has left before it could answer", async () => {
    const { base, store, hosts } = await stage({});
    await base.advance(20_000);
    await using late = new Host("late", { base, store });
    await base.advance(10);
    await hosts[0][Symbol.asyncDispose]();
    const before = store.messages.length;
    await base.advance(900);
    expect(store.messages.length - before).toBeLessThanOrEqual(1);
    expect(late.shared.status().peers).toBe(1);
    await base.advance(30_000);
    expect(late.shared.status().peers).toBe(0);
  });
});

describe("a store in trouble", () => {
  it("keeps what another connection was refused before this one was open, until the store was away", async () => {
    const { base, store, hosts } = await stage({});
    const { shared } = hosts[0];
    store.cut();
    shared.tellRefused("usage", new RefusedError("NOPERM no rights"));
    await base.advance(6_000);
    expect(shared.status()).toMatchObject({ state: "connected", lastError: "usage: NOPERM no rights" });
    store.cut();
    await base.advance(6_000);
    expect(shared.status()).toMatchObject({ state: "connected", lastError: null });
  });

  it("that is dead is tried again after pauses that grow to five seconds, and says so once", async () => {
    const { base, store, hosts } = await stage({});
    store.state = "dead";
    store.cut();
    const before = store.opened;
    await base.advance(60_000);
    // 75, 150, 300 … ms, then one every 3,750 ms.
    expect(store.opened - before).toBeGreaterThan(15);
    expect(store.opened - before).toBeLessThan(25);
    const { notices } = hosts[0];
    expect(notices.filter(({ type }) => type === "disconnected").length).toBeLessThanOrEqual(2);
    expect(hosts[0].shared.status()).toMatchObject({ state: "disconnected", lastError: "connect ECONNREFUSED" });
    store.state = "well";
    await base.advance(6_000);
    expect(hosts[0].shared.status()).toMatchObject({ state: "connected", lastError: null });
    expect(notices.at(-1)).toMatchObject({ type: "connected" });
  });

  it("that hangs is given up after a second, and collects nothing meanwhile", async () => {
    const { base, store, hosts } = await stage({});
    store.state = "hanging";
    for (let index = 0; index < 20_000; index += 1) {
      const circuit = { openings: [], recoveredThroughMs: hosts[0].clock.wallNow() };
      hosts[0].shared.publish({ scope: { type: "provider", provider: `p${index}` }, circuit });
    }
    await base.advance(1_500);
    expect(hosts[0].shared.status().state).toBe("disconnected");
    store.state = "well";
    const before = store.messages.length;
    await base.advance(12_000);
    expect(hosts[0].shared.status().state).toBe("connected");
    // Of twenty thousand, as many as are kept, a hundred a message.
    expect(store.messages.length - before).toBeLessThan(30);
  });

  it("that only reads still carries messages, and the refusal is mentioned once", async () => {
    const { base, store, hosts } = await stage({}, {});
    store.state = "read-only";
    hosts[0].attempt(false);
    await base.advance(25_000);
    expect(hosts[1].availability().type).toBe("open");
    expect(hosts[0].shared.status()).toMatchObject({
      state: "connected",
      lastError: expect.stringContaining("READONLY"),
    });
    expect(hosts[0].notices.filter(({ type }) => type === "refused")).toHaveLength(1);
  });

  it("that is flushed is written again with the next beat", async () => {
    const { base, store, hosts } = await stage({});
    hosts[0].attempt(false);
    await base.advance(5);
    store.flush();
    await base.advance(12_000);
    await hosts[0][Symbol.asyncDispose]();
    await using late = new Host("late", { base, store });
    await base.advance(10);
    expect(late.availability().type).toBe("open");
  });

  it("fails nobody: publishing returns at once, before, during and after", async () => {
    const base = new VirtualClock();
    const store = new FakeStore(base);
    store.state = "dead";
    const host = new Host("host", { base, store });
    for (const state of ["dead", "hanging", "well"] as const) {
      store.state = state;
      host.attempt(false, state);
      await base.advance(100);
    }
    await host[Symbol.asyncDispose]();
    host.attempt(false, "after");
    expect(host.shared.status().state).toBe("closed");
    await base.advance(60_000);
    expect(base.pendingTimers).toBe(0);
  });

  it("never throws into a request, even where the caller's own functions do", async () => {
    const identify = (): string => {
      throw new Error("no such provider");
    };
    const { hosts } = await stage({ identify });
    hosts[0].attempt(false);
    expect(hosts[0].notices.at(-1)).toEqual({ type: "ignored", reason: "no such provider" });
  });
});
