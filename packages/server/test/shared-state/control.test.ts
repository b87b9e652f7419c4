import { startFakeUpstream } from "@ccpb/fake-upstream";
import type { ProviderConfig } from "@ccpb/core";
import { describe, expect, it, vi } from "vitest";
import { hasRedis, redisNotice, TestRedis } from "../../../redis/test/redis-server.ts";
import type { ServerSettings } from "../../src/config/server-settings.ts";
import { call, provider, startTestServer, type TestReply, type TestServer } from "../running-server.ts";

const soon = { interval: 5, timeout: 30_000 };

interface Stage extends AsyncDisposable {
  readonly redis: TestRedis;
  start(change?: Partial<ProviderConfig>, settings?: Partial<ServerSettings>): Promise<TestServer>;
}

async function startStage(): Promise<Stage> {
  const redis = await TestRedis.start();
  const upstream = await startFakeUpstream({ dialect: "anthropic" });
  const servers: TestServer[] = [];
  return {
    redis,
    async start(change = {}, settings = {}) {
      const server = await startTestServer(
        { providers: [provider("first", upstream.url, change), provider("second", upstream.url)] },
        { sharedState: { redis: redis.url, prefix: "test" }, ...settings },
      );
      servers.push(server);
      await connected(server);
      return server;
    },
    async [Symbol.asyncDispose]() {
      for (const one of [...servers, upstream, redis]) await one[Symbol.asyncDispose]();
    },
  };
}

const connected = (server: TestServer) =>
  vi.waitFor(async () => {
    expect((await call(server.url, "/providers")).json().shared_state).toMatchObject({ status: "connected" });
  }, soon);
const post = (server: TestServer, path: string, body: object = {}): Promise<TestReply> =>
  call(server.url, path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
const heldAt = (server: TestServer) => server.balancer.holds().map(({ provider: name, type }) => [name, type]);
const untilHeld = (server: TestServer, holds: readonly (readonly [string, string])[]) =>
  vi.waitFor(() => expect(heldAt(server)).toEqual(holds), soon);

describe.skipIf(!hasRedis)(`decisions of operators on servers with settings.shared_state${redisNotice}`, () => {
  it("reach every server, whoever takes them back, and servers that start later", async () => {
    await using stage = await startStage();
    const [one, two] = [await stage.start(), await stage.start()];
    await post(one, "/providers/first/disable", { for: "1h", reason: "invoice" });
    await post(one, "/sessions/a-session/block");
    await vi.waitFor(async () => expect((await call(two.url, "/controls")).json().controls).toHaveLength(2), soon);
    expect(heldAt(two)).toEqual([["first", "disabled"]]);
    const { controls } = (await call(two.url, "/controls")).json();
    expect(controls).toMatchObject([
      { name: "first", reason: "invoice", by: "local" },
      { type: "session", state: "blocked" },
    ]);
    expect(controls[0].remaining).toBeGreaterThan(3_500);
    expect(two.lines("control")).toMatchObject([
      { via: "another server", after: "disabled", for_ms: 3_600_000 },
      { via: "another server", after: "blocked" },
    ]);
    const three = await stage.start();
    await untilHeld(three, [["first", "disabled"]]);
    await post(three, "/providers/first/enable");
    await untilHeld(one, []);
    await untilHeld(two, []);
    const four = await stage.start();
    await vi.waitFor(async () => expect((await call(four.url, "/controls")).json().controls).toHaveLength(1), soon);
    expect(heldAt(four)).toEqual([]);
  });

  it("are carried out while Redis is away, and told when it is back, emptied or not", async () => {
    await using stage = await startStage();
    const [one, two] = [await stage.start(), await stage.start()];
    await stage.redis.kill();
    expect((await post(one, "/providers/first/drain")).status).toBe(200);
    expect(heldAt(one)).toEqual([["first", "draining"]]);
    expect(heldAt(two)).toEqual([]);
    await stage.redis.restart();
    await untilHeld(two, [["first", "draining"]]);
  });

  it("do not wait for a Redis that hangs, outlast one that is emptied, and greet a server that starts again", async () => {
    await using stage = await startStage();
    const [one, two] = [await stage.start(), await stage.start()];
    stage.redis.pause();
    expect((await post(one, "/providers/first/disable")).status).toBe(200);
    stage.redis.resume();
    await untilHeld(two, [["first", "disabled"]]);
    await stage.redis.command("FLUSHALL");
    expect([heldAt(one), heldAt(two)]).toEqual([[["first", "disabled"]], [["first", "disabled"]]]);
    await post(one, "/providers/second/drain");
    await untilHeld(two, [
      ["first", "disabled"],
      ["second", "draining"],
    ]);
    for (const server of [one, two]) await server[Symbol.asyncDispose]();
    const again = await stage.start();
    await untilHeld(again, [
      ["first", "disabled"],
      ["second", "draining"],
    ]);
  });

  it("are taken from servers of the same configuration only: a forged, tampered or foreign one changes nothing", async () => {
    await using stage = await startStage();
    const one = await stage.start();
    await post(one, "/providers/first/disable", { for: "1h" });
    const written = async (): Promise<string> => {
      const keys = (await stage.redis.command("KEYS", "test:health:*")) as string[];
      return keys[0] === undefined ? "" : String(await stage.redis.command("GET", keys[0]));
    };
    await vi.waitFor(async () => expect(await written()).toContain('"disabled"'), soon);
    const message = JSON.parse((await written()).replace(/^\d+ /, ""));
    const [control] = message.controls;

    const other = await stage.start({ auth: { type: "api_key", keys: ["sk-another-key-000001"] } });
    const target = JSON.stringify({ type: "provider", provider: "second" });
    const later = control.version + 1_000;
    const forged = [
      { ...control, target },
      { ...control, state: "draining" },
      { ...control, version: later },
      { ...control, forMs: null, remainingMs: null },
      { ...control, proof: "x" },
      { ...control, target: JSON.stringify({ type: "client", client: "alice" }), state: "blocked" },
    ];
    await post(one, "/providers/first/enable");
    for (const [index, controls] of [...forged, control].entries()) {
      const text = JSON.stringify({ ...message, from: `forger-${index}`, changes: [], controls: [controls] });
      await stage.redis.command("PUBLISH", "test:health@0", text);
    }
    await vi.waitFor(() => {
      expect(one.lines("shared_state").filter(({ state }) => state === "ignored")).toHaveLength(1);
    }, soon);
    await post(one, "/providers/second/drain");
    await vi.waitFor(() => expect(heldAt(other)).toEqual([["second", "draining"]]), soon);
    expect(heldAt(one)).toEqual([["second", "draining"]]);
    expect((await call(one.url, "/controls")).json().controls).toHaveLength(1);
  });
});
