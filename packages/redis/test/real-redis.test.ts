import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Balancer, type BalancerConfig, CcpbError } from "@ccpb/core";
import { describe, expect, it, vi } from "vitest";
import { createRedisReplica, type RedisReplica, type RedisReplicaOptions, type ReplicaNotice } from "../src/index.ts";
import { freePort, hasRedis, redisNotice, TestRedis } from "./redis-server.ts";

const certificates = join(import.meta.dirname, "../../server/test/fixtures");
const request = { model: "claude-opus-5", max_tokens: 10, messages: [{ role: "user", content: "Who are you?" }] };

function configOf(...names: string[]): BalancerConfig {
  const provider = (name: string) =>
    ({
      name,
      type: "anthropic",
      baseUrl: `https://${name}.test`,
      auth: { type: "api_key", keys: ["a-key-that-is-secret", "another-key-that-is-secret"] },
      bigModel: "passthrough",
      smallModel: "passthrough",
      enabled: true,
    }) as const;
  return { providers: names.map(provider) };
}

/** A balancer with its replica. */
class Instance implements AsyncDisposable {
  readonly replica: RedisReplica;
  readonly balancer: Balancer;
  readonly notices: ReplicaNotice[] = [];

  constructor(options: RedisReplicaOptions, config: BalancerConfig = configOf("one", "two")) {
    this.replica = createRedisReplica({ onNotice: (notice) => this.notices.push(notice), ...options });
    this.balancer = new Balancer(config, { replica: this.replica });
  }

  static async connected(options: RedisReplicaOptions, config?: BalancerConfig): Promise<Instance> {
    const instance = new Instance(options, config);
    await instance.is("connected");
    return instance;
  }

  async is(state: string): Promise<void> {
    await vi.waitFor(() => expect(this.replica.status().state).toBe(state), { interval: 5, timeout: 30_000 });
  }

  /** A request whose first attempt is answered with `status`. */
  fail(status = 529, headers: Readonly<Record<string, string>> = {}): void {
    for (const attempt of this.balancer.open(request)) {
      attempt.report({ type: "response", status, headers, body: "{}" });
      break;
    }
  }

  stateOf(name = "one"): string | undefined {
    return this.balancer.status().providers.find((provider) => provider.name === name)?.state;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.balancer[Symbol.dispose]();
    await this.replica[Symbol.asyncDispose]();
  }
}

const soon = { interval: 2, timeout: 30_000 };

/**
 * Waits until a view that Redis keeps holds `text`, and returns all views. An instance that is disposed gives up what it has not
 * sent yet where Redis, as on a busy machine, does not answer within a second.
 */
async function stores(redis: TestRedis, text: string): Promise<string> {
  return vi.waitFor(async () => {
    const keys = (await redis.command("KEYS", "ccpb:health:*")) as string[];
    const values = await Promise.all(keys.map((key) => redis.command("GET", key)));
    expect(values.join()).toContain(text);
    return values.join();
  }, soon);
}

/** What is published at once comes before the next heartbeat, which publishes everything again. */
const shortestBeatMs = 8_000;

describe.skipIf(!hasRedis)(`a replica over Redis${redisNotice}`, () => {
  it("tells the others of a failure before the next heartbeat, and of the recovery", async () => {
    await using redis = await TestRedis.start();
    await using one = await Instance.connected({ url: redis.url });
    await using two = await Instance.connected({ url: redis.url });
    await using three = await Instance.connected({ url: redis.url });
    one.fail();
    const failedAtMs = performance.now();
    await vi.waitFor(() => expect([two.stateOf(), three.stateOf()]).toEqual(["open", "open"]), soon);
    expect(performance.now() - failedAtMs).toBeLessThan(shortestBeatMs);
    two.balancer.reset();
    await vi.waitFor(() => expect([one.stateOf(), three.stateOf()]).toEqual(["closed", "closed"]), soon);
    await vi.waitFor(() => expect(three.replica.status().peers).toBe(2), soon);
  });

  it("shares the cooldown of one key, and lets the other one serve", async () => {
    await using redis = await TestRedis.start();
    await using one = await Instance.connected({ url: redis.url });
    await using two = await Instance.connected({ url: redis.url });
    one.fail(429, { "retry-after": "130" });
    const keysOf = () => two.balancer.status().providers[0]?.keyDeployments ?? [];
    await vi.waitFor(() => expect(keysOf()).toHaveLength(1), soon);
    expect(keysOf()[0]).toMatchObject({ index: 0, state: "open" });
    expect(keysOf()[0]?.cooldownRemainingMs).toBeGreaterThan(100_000);
    expect(keysOf()[0]?.cooldownRemainingMs).toBeLessThanOrEqual(130_050);
    expect(two.balancer.status().providers[0]?.healthy).toBe(true);
  });

  it("shares the quota windows of a key, also with a latecomer when nobody else is alive", async () => {
    await using redis = await TestRedis.start();
    const resetsAtMs = Math.round(Date.now() / 1_000) * 1_000 + 90_000_000;
    const used = (instance: Instance) => instance.balancer.status().providers[0]?.quotas ?? [];
    {
      await using one = await Instance.connected({ url: redis.url });
      await using two = await Instance.connected({ url: redis.url });
      one.fail(429, {
        "anthropic-ratelimit-unified-7d-utilization": "0.96",
        "anthropic-ratelimit-unified-7d-reset": String(resetsAtMs / 1_000),
      });
      await vi.waitFor(() => expect(used(two)).toHaveLength(1), soon);
      expect(used(two)).toMatchObject([{ keyIndex: 0, name: "7d", used: 0.96, credentials: 1 }]);
      await stores(redis, "7d");
      expect(Math.abs((used(two)[0]?.resetsAtMs ?? 0) - resetsAtMs)).toBeLessThan(60_000);
    }
    await using late = await Instance.connected({ url: redis.url });
    await vi.waitFor(() => expect(used(late)).toMatchObject([{ name: "7d", used: 0.96 }]), soon);
  });

  it("lets a latecomer know at once, with what is left of the cooldown, even if nobody else is alive", async () => {
    await using redis = await TestRedis.start();
    {
      await using one = await Instance.connected({ url: redis.url });
      one.fail(503, { "retry-after": "100" });
      await stores(redis, '"provider":"one"');
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    await using late = await Instance.connected({ url: redis.url });
    await vi.waitFor(() => expect(late.stateOf()).toBe("open"), soon);
    const left = late.balancer.status().providers[0]?.cooldownRemainingMs ?? 0;
    expect(left).toBeGreaterThan(60_000);
    expect(left).toBeLessThan(99_960);
  });

  it("keeps prefixes and databases apart", async () => {
    await using redis = await TestRedis.start();
    await using one = await Instance.connected({ url: redis.url });
    await using otherPrefix = await Instance.connected({ url: redis.url, prefix: "staging" });
    await using otherDatabase = await Instance.connected({ url: `${redis.url}/3` });
    await using same = await Instance.connected({ url: redis.url });
    one.fail();
    await vi.waitFor(() => expect(same.stateOf()).toBe("open"), soon);
    expect([otherPrefix.stateOf(), otherDatabase.stateOf()]).toEqual(["closed", "closed"]);
    const keys = (await redis.command("KEYS", "*")) as string[];
    expect(keys.every((key) => key.startsWith("ccpb:"))).toBe(true);
    for (const key of keys) expect(Number(await redis.command("PTTL", key))).toBeGreaterThan(0);
  });

  it("writes down no key of a provider", async () => {
    await using redis = await TestRedis.start();
    await using one = await Instance.connected({ url: redis.url });
    one.fail(401);
    expect(await stores(redis, '"provider":"one"')).not.toContain("secret");
  });

  it("takes no harm from what others say in its name, and mentions it once", async () => {
    await using redis = await TestRedis.start();
    await redis.command("SET", "ccpb:health:1", "100000 no view", "PX", "100000");
    await redis.command("SET", "ccpb:health:2", "a key of somebody else");
    await redis.command("HSET", "ccpb:health:3", "a", "b");
    await using one = await Instance.connected({ url: redis.url });
    for (const text of [
      "",
      "{",
      "[]",
      "null",
      '{"ccpb":2}',
      '{"ccpb":2}',
      '{"ccpb":1,"from":"x","sentAtMs":1,"changes":[{}]}',
    ]) {
      await redis.command("PUBLISH", "ccpb:health@0", text);
    }
    await vi.waitFor(() => expect(one.replica.status().ignored).toBe(8), soon);
    expect(
      one.notices.filter(({ type }) => type === "ignored").map((notice) => "reason" in notice && notice.reason),
    ).toEqual([
      "a message that is no JSON",
      "a message of another program",
      "a message of version 2 (this is version 1)",
      "a message with a change that cannot be read",
    ]);
    expect(one.stateOf()).toBe("closed");
  });

  it("comes back by itself from a Redis that was killed, was paused, or forgot everything", async () => {
    await using redis = await TestRedis.start();
    await using one = await Instance.connected({ url: redis.url });
    await using two = await Instance.connected({ url: redis.url });
    await redis.kill();
    await one.is("disconnected");
    one.fail();
    await redis.restart();
    await vi.waitFor(() => expect(two.stateOf()).toBe("open"), { interval: 5, timeout: 30_000 });
    two.balancer.reset();
    await vi.waitFor(() => expect(one.stateOf()).toBe("closed"), soon);

    // How long ago the reset and the failure were is told without the time that a message takes: on a busy machine that may be a second.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    redis.pause();
    two.fail();
    await two.is("disconnected");
    expect(two.replica.status().lastError).toMatch(/no answer within 1000 ms|no connection within/);
    redis.resume();
    await vi.waitFor(() => expect(one.stateOf()).toBe("open"), { interval: 5, timeout: 30_000 });

    await redis.command("FLUSHALL");
    one.fail();
    await vi.waitFor(() => expect(two.stateOf("two")).toBe("open"), soon);
    await using late = await Instance.connected({ url: redis.url });
    await vi.waitFor(() => expect([late.stateOf("one"), late.stateOf("two")]).toEqual(["open", "open"]), soon);
  });

  it("goes on over the channel where Redis may not write: read-only, or out of memory", async () => {
    await using redis = await TestRedis.start();
    await using one = await Instance.connected({ url: redis.url });
    await using two = await Instance.connected({ url: redis.url });
    await redis.command("CONFIG", "SET", "maxmemory", "1");
    one.fail();
    await vi.waitFor(() => expect(two.stateOf("one")).toBe("open"), soon);
    await vi.waitFor(() => expect(one.replica.status().lastError).toMatch(/^OOM/), soon);
    await redis.command("CONFIG", "SET", "maxmemory", "0");
    await redis.command("REPLICAOF", "127.0.0.1", "1");
    one.fail();
    await vi.waitFor(() => expect(two.stateOf("two")).toBe("open"), soon);
    await vi.waitFor(() => expect(one.replica.status().lastError).toMatch(/^READONLY|^MASTERDOWN/), soon);
    await one.is("connected");
  });

  it("logs in with user and password of the URL, asks for no more than its own keys and channel, and shows neither", async () => {
    await using redis = await TestRedis.start();
    await redis.command(
      "ACL",
      "SETUSER",
      "ccpb-user",
      "on",
      ">p@ss/word-1",
      "~ccpb:*",
      "&ccpb:*",
      "+@connection",
      "+@pubsub",
      "+@string",
      "+@keyspace",
      "-@dangerous",
    );
    await redis.command("ACL", "SETUSER", "default", "off");
    const url = redis.url.replace("//", "//ccpb-user:p%40ss%2Fword-1@");
    await using one = await Instance.connected({ url });
    await using two = await Instance.connected({ url });
    one.fail();
    await vi.waitFor(() => expect(two.stateOf()).toBe("open"), soon);
    expect(one.replica.address).toBe(`${redis.url}/0`);
    await using wrong = new Instance({ url: redis.url.replace("//", "//ccpb-user:wrong-word@") });
    await vi.waitFor(() => expect(wrong.replica.status().lastError).toMatch(/^WRONGPASS/), soon);
    expect(wrong.replica.status().state).toBe("connecting");
    const shown = JSON.stringify(
      [one, two, wrong].map(({ replica, notices }) => [replica.status(), replica.address, notices]),
    );
    expect(shown).not.toMatch(/p@ss|p%40ss|wrong-word/);
  });

  it.each([
    { what: "the commands of usage", rules: ["&team:*"], told: ["usage"] },
    {
      what: "the channels of usage, limits and budgets",
      rules: ["&team:health@0"],
      told: ["limits and budgets", "usage"],
    },
  ])("tells that Redis refuses $what, and goes on sharing health", async ({ rules, told }) => {
    await using redis = await TestRedis.start();
    const rights = ["+@connection", "+@pubsub", "+@string", "+@keyspace", "-@dangerous"];
    await redis.command("ACL", "SETUSER", "ccpb", "on", ">a-password", "~team:*", ...rules, ...rights);
    const options: RedisReplicaOptions = {
      url: redis.url.replace("//", "//ccpb:a-password@"),
      prefix: "team",
      counts: { onCounts: () => undefined },
      ledger: {
        id: "ledger-one",
        changes: async () => ({ type: "parts", parts: [] }),
        all: async function* () {
          yield [{ day: new Date().toISOString().slice(0, 10), name: "00-0", text: "a" }];
        },
        onProblem: () => undefined,
      },
    };
    await using one = await Instance.connected(options);
    await using two = await Instance.connected(options);
    const refusals = (): readonly string[] =>
      one.notices.flatMap((notice) => (notice.type === "refused" ? [notice.reason] : []));
    await vi.waitFor(() => expect(refusals().length).toBeGreaterThanOrEqual(told.length), soon);
    // Another command that is refused is no other line.
    expect(await one.replica.readLedgers(new Date().toISOString().slice(0, 10))).toBeUndefined();
    const refused = { state: "connected", lastError: expect.stringContaining("NOPERM") };
    await vi.waitFor(() => expect(one.replica.status()).toMatchObject(refused), soon);
    one.fail();
    await vi.waitFor(() => expect(two.stateOf()).toBe("open"), soon);
    expect(
      refusals()
        .map((reason) => reason.split(": NOPERM ")[0] ?? "")
        .toSorted((a, b) => (a < b ? -1 : 1)),
    ).toEqual(told);
  });

  it("speaks TLS, and trusts only whom it is told to", async () => {
    const file = (name: string): string => join(certificates, name);
    await using redis = await TestRedis.start();
    const tlsPort = String(await freePort());
    try {
      await redis.command(
        "CONFIG",
        "SET",
        "tls-cert-file",
        file("first.cert.pem"),
        "tls-key-file",
        file("first.key.pem"),
        "tls-ca-cert-file",
        file("first.cert.pem"),
        "tls-auth-clients",
        "no",
        "tls-port",
        tlsPort,
      );
    } catch (error) {
      // A build without TLS has no such settings.
      expect(String(error)).toMatch(/Unknown|unsupported/i);
      return;
    }
    const url = `rediss://localhost:${tlsPort}`;
    await using one = await Instance.connected({ url, ca: readFileSync(file("first.cert.pem"), "utf8") });
    expect(one.replica.address).toBe(`${url}/0`);
    await using strict = new Instance({ url });
    await vi.waitFor(() => expect(strict.replica.status().lastError).toMatch(/self-signed/), soon);
  });

  it("keeps no process alive, and asks nothing more of Redis once it is disposed", async () => {
    await using redis = await TestRedis.start();
    const one = await Instance.connected({ url: redis.url });
    await one[Symbol.asyncDispose]();
    one.fail();
    expect(one.replica.status().state).toBe("closed");
    await vi.waitFor(async () => expect(await redis.command("CLIENT", "LIST")).not.toContain("name=ccpb"), soon);
  });
});

describe("a Redis URL", () => {
  it.each([
    ["", "no URL"],
    ["http://host", "neither redis:// nor rediss://"],
    ["redis://", "names no host"],
    ["redis://host/first", "no number of a database"],
    ["redis://user:100%@host", "not followed by two hex digits"],
  ])("%j is refused with what to write instead", (url, why) => {
    const make = () => createRedisReplica({ url });
    expect(make).toThrow(CcpbError);
    expect(make).toThrow(why);
    expect(make).toThrow("redis://[user:password@]host[:port][/database]");
  });

  it("is never repeated in an error", () => {
    expect(() => createRedisReplica({ url: "redis://user:secret-word@:port" })).toThrow(/^(?!.*secret-word)/);
  });
});
