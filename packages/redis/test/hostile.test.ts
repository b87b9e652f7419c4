import { Balancer, type BalancerConfig, type Clock, systemClock } from "@ccpb/core";
import { createClient } from "@redis/client";
import { describe, expect, it, vi } from "vitest";
import { createRedisReplica, type RedisReplica, type ReplicaNotice } from "../src/index.ts";
import { hasRedis, redisNotice, TestRedis } from "./redis-server.ts";

const request = { model: "claude-opus-5", max_tokens: 10, messages: [{ role: "user", content: "Who are you?" }] };
const maxCooldownMs = 120_000;
// A flood can use up what an instance reads of others: it then hears of a change from the views, which are read again after some ten seconds.
const soon = { interval: 5, timeout: 40_000 };
const channel = "ccpb:health@0";
const identity = "digest";
const megabyte = 1 << 20;

const config: BalancerConfig = {
  providers: ["one", "two"].map((name) => ({
    name,
    type: "anthropic",
    baseUrl: `https://${name}.test`,
    auth: { type: "api_key", keys: ["a-key-that-is-secret"] },
    bigModel: "passthrough",
    smallModel: "passthrough",
  })),
  settings: { maxCooldownMs },
};

/** A balancer with its replica, on a host whose wall clock may be wrong. */
class Instance implements AsyncDisposable {
  readonly replica: RedisReplica;
  readonly balancer: Balancer;
  readonly notices: ReplicaNotice[] = [];

  private constructor(url: string, wallWrongByMs: number) {
    const clock: Clock = {
      now: () => systemClock.now(),
      wallNow: () => systemClock.wallNow() + wallWrongByMs,
      setTimer: (delayMs, callback) => systemClock.setTimer(delayMs, callback),
    };
    const identify = ({ provider }: { provider: string }): string | undefined =>
      config.providers.some(({ name }) => name === provider) ? identity : undefined;
    this.replica = createRedisReplica({ url, clock, identify, onNotice: (notice) => this.notices.push(notice) });
    this.balancer = new Balancer(config, { clock, replica: this.replica });
  }

  static async connected(url: string, wallWrongByMs = 0): Promise<Instance> {
    const instance = new Instance(url, wallWrongByMs);
    await vi.waitFor(() => expect(instance.replica.status().state).toBe("connected"), soon);
    return instance;
  }

  fail(status: number, headers: Readonly<Record<string, string>> = {}): void {
    for (const attempt of this.balancer.open(request)) {
      attempt.report({ type: "response", status, headers, body: "{}" });
      break;
    }
  }

  /** Milliseconds until every circuit of the provider may be tried, 0 if they may be now. */
  remainingMs(name = "one"): number {
    const status = this.balancer.status().providers.find((provider) => provider.name === name);
    const { cooldownRemainingMs = 0, deployments = [], keys = [], keyDeployments = [] } = status ?? {};
    return Math.max(
      cooldownRemainingMs,
      ...[...deployments, ...keys, ...keyDeployments].map((circuit) => circuit.cooldownRemainingMs),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.balancer[Symbol.dispose]();
    await this.replica[Symbol.asyncDispose]();
  }
}

const opening = { id: "x.1", ageMs: 0, remainingMs: 60_000, backoffMs: 60_000, failedProbes: 0 };
const said = { class: "overloaded", detail: "HTTP 529" };

function change(scope: object, openingPart: object = {}, part: object = {}): object {
  return { scope, identity, openings: [{ ...opening, reason: said, ...openingPart }], recovery: null, ...part };
}

function message(changes: readonly unknown[], part: object = {}): string {
  return JSON.stringify({ ccpb: 1, from: "writer", sentAtMs: 1, changes, ...part });
}

const provider = { type: "provider", provider: "one" };
const deployment = (model: string): object => ({ type: "deployment", provider: "one", model });

describe.skipIf(!hasRedis)(`instances whose clocks are an hour apart${redisNotice}`, () => {
  it("agree on what is left of a stated wait, and on a reset", async () => {
    await using redis = await TestRedis.start();
    await using behind = await Instance.connected(redis.url, -3_600_000);
    await using right = await Instance.connected(redis.url);
    await using ahead = await Instance.connected(redis.url, 3_600_000);
    const all = [behind, right, ahead];
    for (const teller of all) {
      teller.fail(429, { "retry-after": "100" });
      expect(teller.remainingMs()).toBeGreaterThan(90_000);
      for (const one of all) {
        await vi.waitFor(() => expect(Math.abs(one.remainingMs() - teller.remainingMs())).toBeLessThan(5_000), soon);
        expect(one.remainingMs()).toBeLessThanOrEqual(100_001);
      }
      teller.balancer.reset();
      for (const one of all) await vi.waitFor(() => expect(one.remainingMs()).toBe(0), soon);
    }
  });
});

describe.skipIf(!hasRedis)(`a hostile writer${redisNotice}`, () => {
  it("that has filled every place with junk keeps no instance from starting, nor from reading honest views", async () => {
    await using redis = await TestRedis.start();
    const fields = "for i = 1, 200000 do redis.call('HSET', KEYS[1], i, 'x') end";
    await redis.command("EVAL", fields, "1", "ccpb:health:0");
    // Four values of 25 MB, then all sorts, and one view that can be read.
    for (const place of [1, 2, 3, 4])
      await redis.command("SETRANGE", `ccpb:health:${place}`, String(25 * megabyte), "x");
    const forged = message([change(provider, { remainingMs: 1e9 })]);
    for (let place = 5; place < 256; place += 1) {
      const key = `ccpb:health:${place}`;
      if (place % 5 === 0) await redis.command("LPUSH", key, "x");
      else if (place % 5 === 1) await redis.command("SET", key, `100000 ${forged}`);
      else if (place % 5 === 2) await redis.command("SET", key, `1000 ${forged}`, "PX", "100000");
      else if (place % 5 === 3) await redis.command("SET", key, `999999999 ${forged}`, "PX", "999999999");
      else await redis.command("SET", key, `100000 ${"[".repeat(100_000)}`, "PX", "100000");
    }
    const honest = { from: "honest", changes: [change(deployment("m"), { remainingMs: 50_000 })] };
    await redis.command("SET", "ccpb:health:77", `100000 ${message([], honest)}`, "PX", "100000");
    await using one = await Instance.connected(redis.url);
    await vi.waitFor(() => expect(one.balancer.status().providers[0]?.deployments).toHaveLength(1), soon);
    // A view that does not end, one that is older than it can be, and one that lasts for days are left out.
    expect(one.balancer.healthSnapshot().map(({ scope }) => scope)).toEqual([deployment("m")]);
    // It finds no free place, and takes one.
    one.fail(429, { "retry-after": "100" });
    await vi.waitFor(() => expect(one.replica.status().published).toBeGreaterThan(0), soon);
    await using late = await Instance.connected(redis.url);
    // Both count the same wait down, whenever the news comes.
    expect(one.remainingMs()).toBeGreaterThan(60_000);
    await vi.waitFor(() => expect(Math.abs(late.remainingMs() - one.remainingMs())).toBeLessThan(5_000), soon);
    expect([one, late].map(({ replica }) => replica.status().state)).toEqual(["connected", "connected"]);
  });

  it.each<readonly [string, readonly unknown[]]>([
    ["an age below zero", [change(provider, { ageMs: -1 })]],
    ["an age that is no number", [change(provider, { ageMs: "0" })]],
    ["a failed connection", [change(provider, { reason: { class: "connect", detail: "" } })]],
    ["a timeout", [change(provider, { reason: { class: "timeout", detail: "" } })]],
    ["an unknown reason", [change(provider, { reason: { class: "whim", detail: "" } })]],
    ["another identity", [change(provider, {}, { identity: "other" })]],
    ["a key that is not configured", [change({ type: "key", provider: "one", keyIndex: 1 })]],
    ["a provider that is not configured", [change({ type: "provider", provider: "other" })]],
    ["a prototype", [change({ type: "provider", provider: "__proto__" }), change({ ["__proto__"]: provider })]],
    ["a model of 600 bytes", [change(deployment("m".repeat(600)))]],
    ["a model that turns the line around", [change(deployment("\u202e"))]],
    ["a model with an escape sequence", [change(deployment("\u001b[2J"))]],
    ["something that is no change", [null, 1, "x", [], {}]],
  ])("that speaks of %s changes nothing", async (_, changes) => {
    await using redis = await TestRedis.start();
    await using one = await Instance.connected(redis.url);
    for (const each of changes) await redis.command("PUBLISH", channel, message([each]));
    // What comes after it has been read as well, so the rest was read before.
    await redis.command("PUBLISH", channel, message([change({ type: "provider", provider: "two" })]));
    await vi.waitFor(() => expect(one.remainingMs("two")).toBeGreaterThan(0), soon);
    expect(one.balancer.healthSnapshot()).toHaveLength(1);
    expect(one.remainingMs("one")).toBe(0);
  });

  it("that knows the digests benches a provider for max_cooldown at most, and fills no table", async () => {
    await using redis = await TestRedis.start();
    await using one = await Instance.connected(redis.url);
    await using two = await Instance.connected(redis.url);
    const forever = { remainingMs: 2e9, backoffMs: 2e9, failedProbes: 1_000_000 };
    await redis.command("PUBLISH", channel, message([change(provider, forever)]));
    await vi.waitFor(() => expect(one.remainingMs()).toBeGreaterThan(0), soon);
    for (let flood = 0; flood < 10; flood += 1) {
      const changes = Array.from({ length: 1_000 }, (_, index) =>
        change(deployment(`${flood} ${"m".repeat(400)} ${index}`), { ...forever, id: `${flood}.${index}` }),
      );
      await redis.command("PUBLISH", channel, message(changes, { from: `writer-${flood}` }));
    }
    // Messages come in order: who has taken in one that was sent behind the flood has seen all of it.
    const behind = message([change({ type: "provider", provider: "two" })], { from: "behind" });
    const read = async (): Promise<void> => {
      await redis.command("PUBLISH", channel, behind);
      expect(Math.min(one.remainingMs("two"), two.remainingMs("two"))).toBeGreaterThan(0);
    };
    await vi.waitFor(read, soon);
    expect(one.replica.status().received).toBeGreaterThan(1);
    expect(one.remainingMs()).toBeLessThanOrEqual(maxCooldownMs);
    expect(one.balancer.healthSnapshot().length).toBeLessThan(260);
    // An operator has the last word.
    two.balancer.reset();
    await vi.waitFor(() => expect([one.remainingMs(), two.remainingMs()]).toEqual([0, 0]), soon);
  });

  it("that shouts 25 MB at a time and floods the channel crashes no instance, and honest news still comes", async () => {
    await using redis = await TestRedis.start();
    await using one = await Instance.connected(redis.url);
    await using two = await Instance.connected(redis.url);
    const writer = createClient({ url: redis.url });
    await writer.connect();
    try {
      const large = "x".repeat(25 * megabyte);
      for (let times = 1; times <= 3; times += 1) {
        await writer.publish(channel, large);
        // Redis itself cuts off a listener that has more than 32 MB to read.
        await vi.waitFor(() => expect(one.replica.status().ignored).toBe(times), soon);
      }
      const tooLong = message([change(provider, { reason: { ...said, detail: "d".repeat(3 * megabyte) } })]);
      await writer.publish(channel, tooLong);
      for (let times = 0; times < 200; times += 1) {
        await Promise.all(Array.from({ length: 100 }, () => writer.publish(channel, "[1,2,3]")));
      }
      await vi.waitFor(() => expect(one.replica.status().ignored).toBeGreaterThan(10_000), soon);
      const reasons = one.notices.map((notice) => ("reason" in notice ? notice.reason : ""));
      expect(reasons).toEqual(expect.arrayContaining([`a message of ${25 * megabyte} bytes`]));
      expect(reasons.length).toBeLessThanOrEqual(20);
    } finally {
      writer.destroy();
    }
    expect(one.remainingMs()).toBe(0);
    two.fail(429, { "retry-after": "100" });
    // At the latest with the next beat.
    expect(two.remainingMs()).toBeGreaterThan(90_000);
    await vi.waitFor(() => expect(Math.abs(one.remainingMs() - two.remainingMs())).toBeLessThan(5_000), soon);
  });
});
