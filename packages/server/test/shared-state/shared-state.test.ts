import { refuse, startFakeUpstream, type FakeUpstream } from "@ccpb/fake-upstream";
import type { ProviderConfig } from "@ccpb/core";
import { describe, expect, it, vi } from "vitest";
import { hasRedis, redisNotice, TestRedis } from "../../../redis/test/redis-server.ts";
import { createServer } from "../../src/app/create-server.ts";
import {
  call,
  postMessages,
  provider,
  startTestServer,
  type TestReply,
  type TestServer,
  testKey,
} from "../running-server.ts";

const soon = { interval: 5, timeout: 30_000 };

/** What is published at once comes before the next heartbeat, which publishes everything again. */
const shortestBeatMs = 8_000;

interface Stage extends AsyncDisposable {
  readonly redis: TestRedis;
  readonly first: FakeUpstream;
  readonly second: FakeUpstream;
  start(change?: Partial<ProviderConfig>, settings?: { readonly failureCooldownMs?: number }): Promise<TestServer>;
}

/** A Redis, two upstreams of which the first one is down, and servers as wanted. */
async function startStage(status = 500): Promise<Stage> {
  const redis = await TestRedis.start();
  const first = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: refuse(status) });
  const second = await startFakeUpstream({ dialect: "anthropic" });
  const servers: TestServer[] = [];
  return {
    redis,
    first,
    second,
    async start(change = {}, settings = {}) {
      const providers = [provider("first", first.url, change), provider("second", second.url)];
      const sharedState = { redis: redis.url, prefix: "test" };
      const server = await startTestServer({ providers, settings }, { sharedState });
      servers.push(server);
      await connected(server);
      return server;
    },
    async [Symbol.asyncDispose]() {
      for (const one of [...servers, first, second, redis]) await one[Symbol.asyncDispose]();
    },
  };
}

const sharedBy = async (server: TestServer) => (await call(server.url, "/providers")).json().shared_state;
const connected = (server: TestServer) =>
  vi.waitFor(async () => expect(await sharedBy(server)).toMatchObject({ status: "connected" }), soon);
const stateOf = (server: TestServer) => server.balancer.status().providers[0]?.state;

describe.skipIf(!hasRedis)(`servers with settings.shared_state${redisNotice}`, () => {
  it("skip before the next heartbeat what one of them has found out of service", async () => {
    await using stage = await startStage();
    const [one, two, three] = [await stage.start(), await stage.start(), await stage.start()];
    expect((await postMessages(one.url)).headers["x-ccpb-provider"]).toBe("second");
    const failedAtMs = performance.now();
    await vi.waitFor(() => expect([stateOf(two), stateOf(three)]).toEqual(["open", "open"]), {
      interval: 2,
      timeout: 30_000,
    });
    expect(performance.now() - failedAtMs).toBeLessThan(shortestBeatMs);
    for (const server of [two, three]) {
      expect((await postMessages(server.url)).headers["x-ccpb-provider"]).toBe("second");
    }
    expect(stage.first.requests).toHaveLength(1);
    expect(two.lines("circuit_change")).toHaveLength(1);
  });

  it("answer every request while Redis is killed, restarted, paused and flushed under load", async () => {
    await using stage = await startStage();
    // So short that circuits move all the time, and every move is published.
    const settings = { failureCooldownMs: 60 };
    const servers = [await stage.start({}, settings), await stage.start({}, settings), await stage.start({}, settings)];
    const replies: { readonly reply: TestReply; readonly phase: string; readonly ms: number }[] = [];
    let phase: string | undefined = "well";
    const client = async (server: TestServer, stream: boolean): Promise<void> => {
      while (phase !== undefined) {
        const during = phase;
        const startedAtMs = performance.now();
        const reply = await postMessages(server.url, { stream });
        replies.push({ reply, phase: during, ms: performance.now() - startedAtMs });
      }
    };
    const load = servers.flatMap((server) => [client(server, true), client(server, false)]);
    /** Ends after `ms`, and not before 30 requests were answered that began in it. */
    const pass = async (name: string, ms: number): Promise<void> => {
      phase = name;
      await new Promise((resolve) => setTimeout(resolve, ms));
      await vi.waitFor(() => expect(replies.filter((one) => one.phase === name).length).toBeGreaterThan(30), soon);
    };
    await pass("well", 300);
    await stage.redis.kill();
    await pass("killed", 700);
    await stage.redis.restart();
    await Promise.all(servers.map(connected));
    stage.redis.pause();
    await pass("paused", 2_500);
    stage.redis.resume();
    await Promise.all(servers.map(connected));
    await stage.redis.command("FLUSHALL");
    await pass("flushed", 300);
    phase = undefined;
    await Promise.all(load);

    const failed = replies.filter(({ reply }) => reply.status !== 200 || /"type": ?"error"/.test(reply.body));
    expect(failed).toEqual([]);
    const median = (name: string): number => {
      const times = replies.filter((one) => one.phase === name).map(({ ms }) => ms);
      return times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Infinity;
    };
    // A request that waited for a Redis that hangs would have taken a second longer.
    expect(Math.max(median("killed"), median("paused")) - median("well")).toBeLessThan(800);
    for (const server of servers) expect(server.lines("server_error")).toEqual([]);
    expect(servers[0]?.lines("shared_state").map((line) => line["state"])).toEqual(
      expect.arrayContaining(["connected", "disconnected"]),
    );
  });

  it("know at once, when they start late, what is out and for how long", async () => {
    await using stage = await startStage();
    const one = await stage.start();
    await postMessages(one.url);
    await one.server.close(0);
    const late = await stage.start();
    await vi.waitFor(() => expect(stateOf(late)).toBe("open"), soon);
    await postMessages(late.url);
    expect(stage.first.requests).toHaveLength(1);
  });

  it("share nothing about a key or a URL that the other one has changed", async () => {
    await using stage = await startStage(401);
    const before = await stage.start();
    const otherKey = await stage.start({ auth: { type: "api_key", keys: ["sk-test-provider-key-0002"] } });
    const otherUrl = await stage.start({ baseUrl: stage.second.url });
    await postMessages(before.url);
    const same = await stage.start();
    await vi.waitFor(() => expect(same.balancer.healthSnapshot()).toHaveLength(1), soon);
    expect(otherKey.balancer.healthSnapshot()).toEqual([]);
    expect(otherUrl.balancer.healthSnapshot()).toEqual([]);
  });

  it("start and serve without a Redis, and share as soon as there is one", async () => {
    await using stage = await startStage();
    await stage.redis.kill();
    const providers = [provider("first", stage.first.url), provider("second", stage.second.url)];
    await using one = await startTestServer({ providers }, { sharedState: { redis: stage.redis.url, prefix: "test" } });
    expect((await postMessages(one.url)).status).toBe(200);
    await expect
      .poll(() => sharedBy(one))
      .toMatchObject({ status: "connecting", peers: 0, last_error: expect.stringContaining("ECONNREFUSED") });
    await stage.redis.restart();
    await connected(one);
    const two = await stage.start();
    await vi.waitFor(() => expect(stateOf(two)).toBe("open"), soon);
  });

  it("begin to share, move and stop with a reload, and tell the new Redis what they know", async () => {
    await using stage = await startStage();
    await using otherRedis = await TestRedis.start();
    const config = { providers: [provider("first", stage.first.url), provider("second", stage.second.url)] };
    await using one = await startTestServer(config);
    expect(await sharedBy(one)).toBeNull();
    await postMessages(one.url);
    await one.server.reload(config, { sharedState: { redis: stage.redis.url, prefix: "test" } });
    const two = await stage.start();
    await vi.waitFor(() => expect(stateOf(two)).toBe("open"), soon);

    await one.server.reload(config, { sharedState: { redis: otherRedis.url, prefix: "moved" } });
    await connected(one);
    expect(await sharedBy(one)).toMatchObject({ redis: `${otherRedis.url}/0`, prefix: "moved" });
    await vi.waitFor(async () => expect(await otherRedis.command("KEYS", "moved:health:*")).toHaveLength(1), soon);
    two.balancer.reset();
    await vi.waitFor(() => expect(two.lines("circuit_change")).toHaveLength(2), soon);
    expect(stateOf(one)).toBe("open");

    await one.server.reload(config, { sharedState: undefined as never });
    expect(await sharedBy(one)).toBeNull();
    await vi.waitFor(async () => expect(await otherRedis.command("CLIENT", "LIST")).not.toContain("name=ccpb"), soon);
  });

  it("learn of a provider that a reload has brought what the others know already", async () => {
    await using stage = await startStage();
    const one = await stage.start();
    const config = { providers: [provider("first", stage.first.url), provider("second", stage.second.url)] };
    await using two = await startTestServer(
      { providers: config.providers.slice(1) },
      { sharedState: { redis: stage.redis.url, prefix: "test" } },
    );
    await connected(two);
    await postMessages(one.url);
    await vi.waitFor(async () => expect((await sharedBy(two)).peers).toBe(1), soon);
    await two.server.reload(config);
    await vi.waitFor(() => expect(stateOf(two)).toBe("open"), soon);
  });

  it("show in metrics whether it works, and nowhere a password", async () => {
    await using stage = await startStage();
    await stage.redis.command("CONFIG", "SET", "requirepass", "word-that-is-secret");
    const redis = stage.redis.url.replace("//", "//:word-that-is-secret@");
    const providers = [provider("first", stage.first.url), provider("second", stage.second.url)];
    await using one = await startTestServer({ providers }, { sharedState: { redis, prefix: "test" } });
    await connected(one);
    await using wrong = await startTestServer(
      { providers },
      { sharedState: { redis: redis.replace("word", "other-word"), prefix: "test" } },
    );
    await vi.waitFor(async () => expect((await sharedBy(wrong)).last_error).toMatch(/^WRONGPASS/), soon);
    const [metrics, none] = [await call(one.url, "/metrics"), await call(wrong.url, "/metrics")];
    expect(metrics.body).toContain("ccpb_shared_state_connected 1\n");
    expect(metrics.body).toContain("ccpb_shared_state_peers 0\n");
    expect(none.body).toContain("ccpb_shared_state_connected 0\n");
    const shown = [
      one.text(),
      wrong.text(),
      (await call(one.url, "/providers")).body,
      (await call(wrong.url, "/providers")).body,
    ];
    expect(shown.join()).not.toContain("word-that-is-secret");
    expect(shown.join()).not.toContain(testKey);
  });
});

describe("settings.shared_state", () => {
  it("with a URL that cannot be used keeps a server from starting, and a reload from being taken", async () => {
    const config = { providers: [provider("one", "http://127.0.0.1:9")] };
    const bad = { sharedState: { redis: "redis://:secret-word@", prefix: "test" } };
    await using server = await startTestServer(config);
    const result = await server.server.reload(config, bad);
    expect(result).toMatchObject({
      type: "rejected",
      message: expect.stringContaining("the Redis URL cannot be used"),
    });
    expect(JSON.stringify(result)).not.toContain("secret-word");
    await expect(createServer({ config, settings: { port: 0, ...bad } }).listen()).rejects.toMatchObject({
      code: "configuration",
    });
  });
});
