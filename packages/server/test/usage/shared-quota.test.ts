import { startFakeUpstream, text } from "@ccpb/fake-upstream";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { hasRedis, redisNotice, TestRedis } from "../../../redis/test/redis-server.ts";
import { buildBinary } from "../cli/ccpb-process.ts";
import { ask, WorkersStage } from "../cluster/stage.ts";
import { call, postMessages, provider, startTestServer, type TestServer } from "../running-server.ts";

const soon = { interval: 20, timeout: 30_000 };

const resetsAt = Math.round(Date.now() / 1_000) + 90_000;
const stated = (used: number): Record<string, string> => ({
  "anthropic-ratelimit-unified-7d-utilization": String(used),
  "anthropic-ratelimit-unified-7d-reset": String(resetsAt),
});

const quotasAt = async (url: string): Promise<unknown> => {
  const { providers } = (await call(url, "/providers")).json() as { readonly providers: { readonly quota: unknown }[] };
  return providers.map(({ quota }) => quota);
};

const planAt96 = [[{ key: 1, model: null, window: "7d", used: 0.96 }], []];
const metric = `ccpb_quota_used_ratio{provider="plan",key="1",window="7d"} 0.96`;

const yaml = (plan: string, spare: string, more = ""): string => `providers:
  - name: plan
    type: anthropic
    base_url: ${plan}
    auth_type: api_key
    auth_value: sk-plan-00000000000
    big_model: passthrough
    small_model: passthrough
    reserve: 5
  - name: spare
    type: anthropic
    base_url: ${spare}
    auth_type: api_key
    auth_value: sk-spare-0000000000
    big_model: passthrough
    small_model: passthrough
settings:
  port: 0
${more}`;

describe("workers", () => {
  beforeAll(buildBinary);

  it("pass a key over that one of them has heard to be near its limit, also one that starts later", async () => {
    await using plan = await startFakeUpstream({
      dialect: "anthropic",
      defaultBehaviour: { ...text("Hi"), headers: stated(0.96) },
    });
    await using spare = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    await using stage = await WorkersStage.start(yaml(plan.url, spare.url), 3);
    expect((await postMessages(stage.url)).headers["x-ccpb-provider"]).toBe("plan");
    // The worker that is asked may be another one, which hears of it a moment later.
    await vi.waitFor(async () => expect(await quotasAt(stage.url)).toMatchObject(planAt96), soon);
    // Each explanation comes from the worker that is asked.
    const why = async (): Promise<readonly string[]> =>
      Promise.all(
        Array.from({ length: 9 }, async () => (await call(stage.url, "/providers/explain?model=claude-opus-5")).body),
      );
    await vi.waitFor(async () => {
      for (const text of await why()) expect(text).toContain("its window 7d is used to 96 %");
    }, soon);
    const replies = await ask(stage.url, 9);
    expect(new Set(replies.map(({ headers }) => headers["x-ccpb-provider"]))).toEqual(new Set(["spare"]));
    expect(plan.requests).toHaveLength(1);
    await expect.poll(async () => (await call(stage.url, "/metrics")).body).toContain(metric);

    const before = stage.lines("worker_started").length;
    for (const pid of (await stage.pids()).values()) {
      process.kill(pid, "SIGKILL");
      break;
    }
    await stage.untilLines(() => stage.lines("worker_started").length > before);
    expect(new Set((await ask(stage.url, 9)).map(({ headers }) => headers["x-ccpb-provider"]))).toEqual(
      new Set(["spare"]),
    );
    expect(plan.requests).toHaveLength(1);
  });

  it.skipIf(!hasRedis)(`of another server do so too${redisNotice}`, async () => {
    await using redis = await TestRedis.start();
    await using plan = await startFakeUpstream({
      dialect: "anthropic",
      defaultBehaviour: { ...text("Hi"), headers: stated(0.96) },
    });
    await using spare = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    const shared = `  shared_state: { redis: "${redis.url}", prefix: quota }\n`;
    await using here = await WorkersStage.start(yaml(plan.url, spare.url, shared), 2);
    await using there = await WorkersStage.start(yaml(plan.url, spare.url, shared), 2);
    await postMessages(here.url);
    await vi.waitFor(async () => expect(await quotasAt(there.url)).toMatchObject(planAt96), soon);
    await expect.poll(async () => (await call(there.url, "/metrics")).body).toContain(metric);
    await vi.waitFor(async () => {
      const texts = await Promise.all(
        Array.from({ length: 6 }, async () => (await call(there.url, "/providers/explain?model=claude-opus-5")).body),
      );
      for (const text of texts) expect(text).toContain("its window 7d is used to 96 %");
    }, soon);
    expect(new Set((await ask(there.url, 4)).map(({ headers }) => headers["x-ccpb-provider"]))).toEqual(
      new Set(["spare"]),
    );
    expect(plan.requests).toHaveLength(1);
  });
});

describe.skipIf(!hasRedis)(`servers that share a Redis${redisNotice}`, () => {
  it("know each other's quota windows, a latecomer too, and forget them together", async () => {
    await using redis = await TestRedis.start();
    await using plan = await startFakeUpstream({
      dialect: "anthropic",
      defaultBehaviour: { ...text("Hi"), headers: stated(0.96) },
    });
    await using spare = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    const start = (): Promise<TestServer> =>
      startTestServer(
        { providers: [provider("plan", plan.url, { reserve: 5 }), provider("spare", spare.url)] },
        { sharedState: { redis: redis.url, prefix: "quota" } },
      );
    await using one = await start();
    await using two = await start();
    await postMessages(one.url);
    await vi.waitFor(async () => expect(await quotasAt(two.url)).toMatchObject(planAt96), soon);
    expect((await postMessages(two.url)).headers["x-ccpb-provider"]).toBe("spare");
    expect((await call(two.url, "/ui/state")).json().providers[0].quota).toMatchObject(planAt96[0] ?? []);
    await using late = await start();
    await vi.waitFor(async () => expect(await quotasAt(late.url)).toMatchObject(planAt96), soon);
    two.balancer.reset("plan");
    for (const { url } of [one, two, late]) {
      await vi.waitFor(async () => expect(await quotasAt(url)).toEqual([[], []]), soon);
    }
    expect(plan.requests).toHaveLength(1);
  });
});
