import { startFakeUpstream } from "@ccpb/fake-upstream";
import { describe, expect, it, vi } from "vitest";
import { hasRedis, redisNotice, TestRedis } from "../../../redis/test/redis-server.ts";
import { call, postMessages } from "../running-server.ts";
import { WorkersStage } from "./stage.ts";

const soon = { interval: 100, timeout: 30_000 };

const yaml = (url: string, settings: string): string => `
providers:
  - { name: one, type: anthropic, base_url: "${url}", auth_type: api_key, auth_value: sk-test, big_model: passthrough, small_model: passthrough }
settings: { port: 0, ${settings} }
`;

async function callsAt(url: string): Promise<number> {
  const reply = await call(url, "/usage", { headers: { connection: "close" } });
  return (reply.json() as { total: { calls: number } }).total.calls;
}

/** Asks with a connection for each request, so that every worker gets some. */
async function ask(url: string, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    expect((await postMessages(url, {}, { connection: "close" })).status).toBe(200);
  }
}

describe("the usage of workers", () => {
  it.each(["usage", ""])("is one sum whichever worker is asked, with usage_folder %j", async (folder) => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    await using stage = await WorkersStage.start(yaml(upstream.url, `usage_folder: "${folder}"`));
    await ask(stage.url, 8);
    await vi.waitFor(async () => {
      const sums = [];
      for (let times = 0; times < 6; times += 1) sums.push(await callsAt(stage.url));
      expect(new Set(sums)).toEqual(new Set([8]));
    }, soon);
  });

  it.skipIf(!hasRedis)(`is one sum with those of another instance on one Redis${redisNotice}`, async () => {
    await using redis = await TestRedis.start();
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    const settings = (folder: string): string =>
      `usage_folder: "${folder}", shared_state: { redis: "${redis.url}", prefix: team }`;
    await using one = await WorkersStage.start(yaml(upstream.url, settings("usage")));
    await using two = await WorkersStage.start(yaml(upstream.url, settings("")));
    await ask(one.url, 6);
    await ask(two.url, 6);
    const isWhole = async (): Promise<void> => {
      for (const { url } of [one, two, one, two]) expect(await callsAt(url)).toBe(12);
    };
    await vi.waitFor(isWhole, soon);
    await redis.command("FLUSHALL");
    await vi.waitFor(isWhole, soon);
  });
});
