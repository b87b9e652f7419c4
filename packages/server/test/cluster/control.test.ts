import { refuse, startFakeUpstream, text } from "@ccpb/fake-upstream";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { hasRedis, redisNotice, TestRedis } from "../../../redis/test/redis-server.ts";
import { buildBinary } from "../cli/ccpb-process.ts";
import { call, type TestReply } from "../running-server.ts";
import { ask, WorkersStage } from "./stage.ts";

beforeAll(buildBinary);

const block = (name: string, url: string, keys: string): string => `  - name: ${name}
    type: anthropic
    base_url: ${url}
    auth_type: api_key
    auth_value: ${keys}
    big_model: passthrough
    small_model: passthrough
`;

const soon = { interval: 20, timeout: 30_000 };

const post = (url: string, path: string, body: object = {}): Promise<TestReply> =>
  call(url, path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

const providersOf = async (url: string, count: number): Promise<Set<unknown>> =>
  new Set((await ask(url, count)).map(({ headers }) => headers["x-ccpb-provider"]));

describe("what an operator does while workers serve", () => {
  it("holds in all of them, over a reload and in a worker that takes the place of another", async () => {
    await using one = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    await using two = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    const yaml = (keys: string): string =>
      `providers:\n${block("one", one.url, keys)}${block("two", two.url, "sk-two-00000000000")}settings:\n  port: 0\n`;
    await using stage = await WorkersStage.start(yaml("sk-one-00000000000"), 2);
    const { url } = stage;
    expect(await providersOf(url, 6)).toEqual(new Set(["one"]));
    expect((await post(url, "/providers/one/disable", { reason: "invoice" })).status).toBe(200);
    expect(await providersOf(url, 6)).toEqual(new Set(["two"]));
    await expect
      .poll(async () => (await call(url, "/providers")).json())
      .toMatchObject({
        providers: [{ held: "disabled", healthy: false }, {}],
        controls: [{ name: "one", reason: "invoice" }],
      });

    stage.write(yaml("sk-new-11111111111"));
    expect((await post(url, "/providers/reload")).status).toBe(200);
    expect(await providersOf(url, 6)).toEqual(new Set(["two"]));

    // A worker that is killed takes with it the lines that it has not written yet.
    await stage.untilLines(() => stage.lines("control").length === 1);
    const before = stage.lines("worker_started").length;
    const [pid] = [...(await stage.pids()).values()];
    process.kill(pid ?? 0, "SIGKILL");
    await stage.untilLines(() => stage.lines("worker_started").length > before);
    expect(await providersOf(url, 8)).toEqual(new Set(["two"]));

    expect((await post(url, "/providers/one/enable")).json()).toMatchObject({ before: "disabled" });
    expect(await providersOf(url, 6)).toEqual(new Set(["one"]));
    await stage.stop();
    expect(stage.lines("control")).toMatchObject([
      { action: "disable", by: "local", reason: "invoice", worker: expect.any(Number) },
      { action: "enable", before: "disabled", after: "free" },
    ]);
  });

  it.skipIf(!hasRedis)(
    `reaches workers of other servers over Redis, and comes back from there${redisNotice}`,
    async () => {
      await using redis = await TestRedis.start();
      await using one = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
      await using two = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
      const shared = `  shared_state: { redis: "${redis.url}", prefix: team }\n`;
      const yaml = `providers:\n${block("one", one.url, "sk-one-00000000000")}${block("two", two.url, "sk-two-00000000000")}settings:\n  port: 0\n${shared}`;
      await using here = await WorkersStage.start(yaml, 2);
      await using there = await WorkersStage.start(yaml, 2);
      await post(here.url, "/providers/one/disable", { reason: "invoice" });
      const controls = async (url: string) => (await call(url, "/controls")).json().controls;
      await vi.waitFor(
        async () => expect(await controls(there.url)).toMatchObject([{ name: "one", reason: "invoice" }]),
        soon,
      );
      // Each worker hears of it for itself.
      await expect.poll(() => providersOf(there.url, 6)).toEqual(new Set(["two"]));
      await post(there.url, "/providers/one/enable");
      await vi.waitFor(async () => expect(await controls(here.url)).toEqual([]), soon);
      await expect.poll(() => providersOf(here.url, 6)).toEqual(new Set(["one"]));
      await there.stop();
      expect(there.lines("control")).toMatchObject([
        { via: "another server", after: "disabled" },
        { action: "enable" },
      ]);
    },
  );

  it("resets in all of them, and blocks a session in all of them", async () => {
    await using one = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: refuse(429) });
    await using two = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    const yaml = `providers:\n${block("one", one.url, "sk-one-00000000000")}${block("two", two.url, "sk-two-00000000000")}settings:\n  port: 0\n`;
    await using stage = await WorkersStage.start(yaml, 2);
    const { url } = stage;
    expect(await providersOf(url, 6)).toEqual(new Set(["two"]));
    one.setDefault(text("Hi"));
    await post(url, "/providers/one/reset");
    expect(await providersOf(url, 6)).toEqual(new Set(["one"]));

    const change = { metadata: { user_id: JSON.stringify({ session_id: "a-session" }) } };
    await post(url, "/sessions/a-session/block");
    expect(new Set((await ask(url, 6, change)).map(({ status }) => status))).toEqual(new Set([400]));
    await post(url, "/sessions/a-session/unblock");
    expect(new Set((await ask(url, 6, change)).map(({ status }) => status))).toEqual(new Set([200]));
  });
});
