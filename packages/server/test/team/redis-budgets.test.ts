import { startFakeUpstream } from "@ccpb/fake-upstream";
import { describe, expect, it, vi } from "vitest";
import { hasRedis, redisNotice, TestRedis } from "../../../redis/test/redis-server.ts";
import { provider, startTestServer, type TestServer } from "../running-server.ts";
import { askAs, authOf, client, readAs } from "./team-stage.ts";

const soon = { interval: 20, timeout: 30_000 };

interface Budget {
  readonly client: string;
  readonly used: number;
}

async function usedBy(server: TestServer, name: string): Promise<number> {
  const { budgets } = (await readAs(server.url, "ops", "/usage")).json() as { budgets: readonly Budget[] };
  return budgets.find((one) => one.client === name)?.used ?? -1;
}

describe.skipIf(!hasRedis)(`budgets of three servers with one Redis${redisNotice}`, () => {
  it("count together, whatever becomes of Redis: killed, paused and flushed under load no request fails for it", async () => {
    await using redis = await TestRedis.start();
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    const limit = 1_000_000;
    const alice = client("alice", { budgets: [{ per: "month", timezone: "UTC", cost: {}, tokens: limit }] });
    const settings = {
      ...authOf(alice, client("ops", { role: "operator" })),
      sharedState: { redis: redis.url, prefix: "team" },
      logLevel: "INFO",
    } as const;
    const config = { providers: [provider("one", upstream.url)] };
    await using one = await startTestServer(config, settings);
    await using two = await startTestServer(config, settings);
    await using three = await startTestServer(config, settings);
    const servers = [one, two, three];
    const statuses: number[] = [];
    let isOver = false;
    let tokens = 0;
    const load = async (server: TestServer): Promise<void> => {
      while (!isOver) {
        const reply = await askAs(server.url, "alice");
        statuses.push(reply.status);
        const { usage } = reply.json() as { usage?: { input_tokens: number; output_tokens: number } };
        tokens += usage === undefined ? 0 : usage.input_tokens + usage.output_tokens;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    const more = async (count: number): Promise<void> => {
      const goal = statuses.length + count;
      await vi.waitFor(() => expect(statuses.length).toBeGreaterThanOrEqual(goal), soon);
    };
    const clients = servers.map(load);
    await more(30);
    await redis.kill();
    await more(60);
    await redis.restart();
    await more(60);
    redis.pause();
    await more(60);
    redis.resume();
    await redis.command("FLUSHALL");
    await more(30);
    isOver = true;
    await Promise.all(clients);
    expect(new Set(statuses)).toEqual(new Set([200]));
    // All three agree, and nothing is lost: each server tells its own sums again.
    await vi.waitFor(async () => {
      for (const server of servers) expect(await usedBy(server, "alice")).toBe(tokens);
    }, soon);
    // A server that comes later, with a ledger of its own, knows what the others have counted.
    await using four = await startTestServer(config, settings);
    await vi.waitFor(async () => expect(await usedBy(four, "alice")).toBe(tokens), soon);
  });

  it("go over a budget by what was not told yet, and no further", async () => {
    await using redis = await TestRedis.start();
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    const each = await tokensOfOne(upstream.url);
    const calls = 40;
    const inRound = 5;
    const alice = client("alice", { budgets: [{ per: "month", timezone: "UTC", cost: {}, tokens: each * calls }] });
    const settings = {
      ...authOf(alice, client("ops", { role: "operator" })),
      sharedState: { redis: redis.url, prefix: "team" },
    };
    const config = { providers: [provider("one", upstream.url)] };
    await using one = await startTestServer(config, settings);
    await using two = await startTestServer(config, settings);
    await using three = await startTestServer(config, settings);
    const servers = [one, two, three];
    let served = 0;
    for (let before = -1; before !== served;) {
      before = served;
      // Each server may be unaware of the calls that others serve in this round, and of no more.
      await Promise.all(
        servers.map(async (server) => {
          for (let index = 0; index < inRound; index += 1)
            if ((await askAs(server.url, "alice")).status === 200) served += 1;
        }),
      );
      await vi.waitFor(async () => {
        for (const server of servers) expect(await usedBy(server, "alice")).toBe(each * served);
      }, soon);
    }
    expect(served).toBeGreaterThanOrEqual(calls);
    expect(served - calls).toBeLessThan(servers.length * inRound);
  });
});

async function tokensOfOne(url: string): Promise<number> {
  await using server = await startTestServer(
    { providers: [provider("one", url)] },
    authOf(client("alice"), client("ops", { role: "operator" })),
  );
  const { usage } = (await askAs(server.url, "alice")).json() as {
    usage: { input_tokens: number; output_tokens: number };
  };
  return usage.input_tokens + usage.output_tokens;
}
