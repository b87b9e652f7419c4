import { type FakeUpstream, startFakeUpstream } from "@ccpb/fake-upstream";
import type { ProviderConfig } from "@ccpb/core";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { hasRedis, redisNotice, TestRedis } from "../../../redis/test/redis-server.ts";
import { buildBinary } from "../cli/ccpb-process.ts";
import { runCcpb } from "../cli/run-ccpb.ts";
import { ask, WorkersStage } from "../cluster/stage.ts";
import { call, postMessages, provider, startTestServer, type TestServer } from "../running-server.ts";
import { hopefulYaml, midSystem, refusesMidSystem } from "./refusing-upstream.ts";

const line = "profile: { mid_system: user }";
const learned = [{ model: "hcp-vision-latest", lessons: ["mid-system"], profile: line }];
const startUpstream = (): Promise<FakeUpstream> =>
  startFakeUpstream({ dialect: "openai", defaultBehaviour: refusesMidSystem });

const alias = (upstream: FakeUpstream, change: Partial<ProviderConfig> = {}): ProviderConfig =>
  provider("alias", upstream.url, {
    type: "openai",
    bigModel: "hcp-vision-latest",
    smallModel: "hcp-vision-latest",
    dialect: "chat",
    profile: { midSystem: "system" },
    ...change,
  });

const learnedAt = async ({ url }: { readonly url: string }): Promise<unknown> =>
  (await call(url, "/providers")).json().providers[0].learned;

describe("what a refusal has taught", () => {
  it("is told in the log once, and by /providers, /providers/explain and the page until a reset", async () => {
    await using upstream = await startUpstream();
    await using server = await startTestServer({ providers: [alias(upstream)] });
    const replies = await ask(server.url, 2, midSystem);
    expect(replies.map(({ status }) => status)).toEqual([200, 200]);
    expect(upstream.requests).toHaveLength(3);
    expect(server.lines("profile_learned")).toMatchObject([{ level: "INFO", provider: "alias", profile: line }]);
    expect(await learnedAt(server)).toMatchObject(learned);
    const [first] = (await learnedAt(server)) as [{ readonly forgotten_in: number }];
    expect(first.forgotten_in).toBeGreaterThan(86_000);
    const explained = (await call(server.url, "/providers/explain?model=claude-opus-5")).json();
    expect(explained.candidates[0]).toMatchObject({ learned: line });
    expect(explained.candidates[0].why).toContain(line);
    expect((await call(server.url, "/ui/state")).json().providers[0].learned).toMatchObject(learned);
    server.balancer.reset("alias");
    expect(await learnedAt(server)).toEqual([]);
    await ask(server.url, 1, midSystem);
    expect(upstream.requests).toHaveLength(5);
  });
});

describe("the command", () => {
  beforeAll(buildBinary);

  it("shows it, whichever of the workers has learned it, and all of them heed it", async () => {
    await using upstream = await startUpstream();
    await using stage = await WorkersStage.start(`${hopefulYaml(upstream.url)}  log_level: DEBUG\n`, 3);
    await postMessages(stage.url, midSystem);
    // The news travels over the primary: a worker that hears it from another one says so at DEBUG, once it heeds it.
    const heardBy = (): number => stage.lines("profile_learned").length;
    await vi.waitFor(() => expect(heardBy()).toBe(3), 30_000);
    expect(await learnedAt(stage)).toMatchObject(learned);
    expect((await ask(stage.url, 9, midSystem)).map(({ status }) => status)).toEqual(Array(9).fill(200));
    expect(upstream.requests).toHaveLength(11);
    const told = stage.lines("profile_learned").filter(({ level }) => level === "INFO");
    expect(told).toHaveLength(1);
    const status = await runCcpb(stage.space, ["status", "--url", stage.url]);
    expect(status.stdout).toContain(line);
    const explained = await runCcpb(stage.space, ["explain", "claude-opus-5", "--url", stage.url]);
    expect(explained.stdout.replaceAll(/\s+/g, " ")).toContain("mid-system");
    await call(stage.url, "/providers/reload", { method: "POST" });
    expect(await learnedAt(stage)).toMatchObject(learned);
    await call(stage.url, "/providers/reload?reset=true", { method: "POST" });
    expect(await learnedAt(stage)).toEqual([]);
  });
});

describe.skipIf(!hasRedis)(`servers that share a Redis${redisNotice}`, () => {
  it("learn from each other's refusals, and forget together", async () => {
    await using redis = await TestRedis.start();
    await using upstream = await startUpstream();
    const start = (change: Partial<ProviderConfig> = {}): Promise<TestServer> =>
      startTestServer(
        { providers: [alias(upstream, { profile: { images: true }, ...change })] },
        { sharedState: { redis: redis.url, prefix: "lessons" } },
      );
    // One of them hopes for too much; the others' configuration says nothing of system turns, so that nothing contradicts the lesson.
    await using one = await start({ profile: { midSystem: "system" } });
    await using two = await start();
    const isConnected = async (server: TestServer): Promise<void> =>
      expect((await call(server.url, "/providers")).json().shared_state).toMatchObject({ status: "connected" });
    await vi.waitFor(() => isConnected(one), 30_000);
    await vi.waitFor(() => isConnected(two), 30_000);
    await postMessages(one.url, midSystem);
    await vi.waitFor(async () => expect(await learnedAt(two)).toMatchObject(learned), 30_000);
    expect(two.lines("profile_learned")).toMatchObject([{ level: "DEBUG", shared: true }]);
    await using late = await start();
    await vi.waitFor(async () => expect(await learnedAt(late)).toMatchObject(learned), 30_000);
    two.balancer.reset("alias");
    await vi.waitFor(async () => expect(await learnedAt(one)).toEqual([]), 30_000);
    await vi.waitFor(async () => expect(await learnedAt(late)).toEqual([]), 30_000);
  });
});
