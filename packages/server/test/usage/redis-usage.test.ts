import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startFakeUpstream } from "@ccpb/fake-upstream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { hasRedis, redisNotice, TestRedis } from "../../../redis/test/redis-server.ts";
import { writeUsageLine } from "../../src/usage/usage-line.ts";
import { provider, startTestServer, type TestServer } from "../running-server.ts";
import { askAs, authOf, client, readAs } from "../team/team-stage.ts";
import { sampleRow } from "./usage-samples.ts";

const soon = { interval: 50, timeout: 30_000 };

interface Sums {
  readonly calls: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cost: Readonly<Record<string, number>>;
}

interface Answer {
  readonly other_servers: string | null;
  readonly total: Sums;
  readonly groups: readonly (Sums & { readonly name: string })[];
}

async function usageOf({ url }: TestServer, query = "by=client", who = "ops"): Promise<Answer> {
  return (await readAs(url, who, `/usage?${query}`)).json() as Answer;
}

let folders: string[] = [];
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), "ccpb-shared-usage-"));
  folders.push(made);
  return made;
};
beforeEach(() => (folders = []));
afterEach(() => {
  for (const one of folders) rmSync(one, { recursive: true, force: true });
});

const team = authOf(client("alice"), client("bob"), client("ops", { role: "operator" }));

describe.skipIf(!hasRedis)(`the usage of servers with one Redis${redisNotice}`, () => {
  const settingsOf = (redis: TestRedis, usageFolder: string | null) => ({
    ...team,
    usageFolder,
    sharedState: { redis: redis.url, prefix: "team" },
    prices: [{ model: "*", input: 3, output: 15 }] as const,
  });

  it("is one sum at each of them, whatever becomes of Redis: killed, paused and flushed under load no request fails for it", async () => {
    await using redis = await TestRedis.start();
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    const config = { providers: [provider("one", upstream.url)] };
    await using one = await startTestServer(config, settingsOf(redis, folder()));
    await using two = await startTestServer(config, settingsOf(redis, folder()));
    await using three = await startTestServer(config, settingsOf(redis, null));
    const servers = [one, two, three];
    const statuses: number[] = [];
    const counted = { alice: 0, bob: 0, input: 0, output: 0 };
    let isOver = false;
    const load = async (server: TestServer, name: "alice" | "bob"): Promise<void> => {
      while (!isOver) {
        const reply = await askAs(server.url, name);
        statuses.push(reply.status);
        const { usage } = reply.json() as { usage?: { input_tokens: number; output_tokens: number } };
        counted[name] += 1;
        counted.input += usage?.input_tokens ?? 0;
        counted.output += usage?.output_tokens ?? 0;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    const more = async (count: number): Promise<void> => {
      const goal = statuses.length + count;
      await vi.waitFor(() => expect(statuses.length).toBeGreaterThanOrEqual(goal), soon);
    };
    const clients = servers.flatMap((server) => [load(server, "alice"), load(server, "bob")]);
    await more(60);
    await redis.kill();
    await more(90);
    expect(await usageOf(one)).toMatchObject({ other_servers: "unavailable" });
    await redis.restart();
    await more(90);
    redis.pause();
    await more(60);
    redis.resume();
    await redis.command("FLUSHALL");
    await more(60);
    await redis.command("FLUSHALL");
    await more(30);
    isOver = true;
    await Promise.all(clients);
    expect(new Set(statuses)).toEqual(new Set([200]));
    const calls = counted.alice + counted.bob;
    const cost = Math.round(counted.input * 3_000 + counted.output * 15_000) / 1e9;
    await vi.waitFor(async () => {
      for (const server of servers) {
        const { total, groups, other_servers: others } = await usageOf(server);
        expect(others).toBe("included");
        expect(total).toMatchObject({ calls, input_tokens: counted.input, output_tokens: counted.output });
        expect(total.cost["USD"]).toBeCloseTo(cost, 9);
        expect(new Map(groups.map(({ name, calls }) => [name, calls]))).toEqual(
          new Map([
            ["alice", counted.alice],
            ["bob", counted.bob],
          ]),
        );
      }
    }, soon);
    for (const by of ["provider", "model", "key", "day", "hour"]) {
      const sums = await Promise.all(servers.map(async (server) => (await usageOf(server, `by=${by}`)).groups));
      expect(sums[1]).toEqual(sums[0]);
      expect(sums[2]).toEqual(sums[0]);
    }
    // A client sees its own usage at all servers, and no other's.
    const own = await usageOf(three, "by=client", "alice");
    expect(own.groups.map(({ name, calls }) => [name, calls])).toEqual([["alice", counted.alice]]);
  });

  it("survives each of them, counts nothing twice after a restart, and brings the past of its files", async () => {
    await using redis = await TestRedis.start();
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    const config = { providers: [provider("one", upstream.url)] };
    const [first, second] = [folder(), folder()];
    const past = new Date(Date.now() - 5 * 86_400_000).toISOString().slice(0, 13);
    writeFileSync(
      join(first, `usage-${past.slice(0, 7)}.jsonl`),
      writeUsageLine(sampleRow({ hour: past, client: "alice", calls: 1_000 })),
    );
    {
      await using one = await startTestServer(config, settingsOf(redis, first));
      await using gone = await startTestServer(config, settingsOf(redis, null));
      await askAs(one.url, "alice");
      await askAs(gone.url, "alice");
    }
    await using two = await startTestServer(config, settingsOf(redis, second));
    await vi.waitFor(async () => expect((await usageOf(two)).total.calls).toBe(1_002), soon);
    await using one = await startTestServer(config, settingsOf(redis, first));
    await askAs(one.url, "alice");
    await askAs(two.url, "alice");
    await vi.waitFor(async () => {
      expect((await usageOf(one)).total.calls).toBe(1_004);
      expect((await usageOf(two)).total.calls).toBe(1_004);
    }, soon);
    expect((await usageOf(two, "by=client&since=24h")).total.calls).toBe(4);
    // What files have comes back; of the server without a folder nothing is left.
    await redis.command("FLUSHALL");
    await vi.waitFor(async () => {
      expect((await usageOf(one)).total.calls).toBe(1_003);
      expect((await usageOf(two)).total.calls).toBe(1_003);
    }, soon);
  });

  it("of two servers with one folder counts once", async () => {
    await using redis = await TestRedis.start();
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    const config = { providers: [provider("one", upstream.url)] };
    const shared = folder();
    await using one = await startTestServer(config, settingsOf(redis, shared));
    await using two = await startTestServer(config, settingsOf(redis, shared));
    await using far = await startTestServer(config, settingsOf(redis, folder()));
    for (const server of [one, two, far, two]) await askAs(server.url, "alice");
    await vi.waitFor(async () => {
      for (const server of [one, two, far]) expect((await usageOf(server)).total.calls).toBe(4);
    }, soon);
  });

  it("is left out of a day that somebody has filled, and passes over what is no usage", async () => {
    await using redis = await TestRedis.start();
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    const config = { providers: [provider("one", upstream.url)] };
    await using one = await startTestServer(config, settingsOf(redis, null));
    const key = `team:usage:${new Date().toISOString().slice(0, 10)}`;
    await askAs(one.url, "alice");
    const hour = new Date().toISOString().slice(0, 13);
    const lines = [
      writeUsageLine(sampleRow({ hour, calls: 7 })),
      writeUsageLine(sampleRow({ hour: "2020-01-01T00", calls: 9 })),
      '{"hour":1}\n',
      "junk\n",
    ];
    await redis.command("HSET", key, `another-ledger.${hour.slice(11)}-0`, lines.join(""), "no-dot", "x", ".", "y");
    await vi.waitFor(async () => expect(await usageOf(one)).toMatchObject({ total: { calls: 8 } }), soon);
    await redis.command("HSET", key, "x.00-0", "z".repeat(33_000_000));
    expect(await usageOf(one)).toMatchObject({ other_servers: "incomplete", total: { calls: 1 } });
    await redis.command("DEL", key);
    await redis.command("SET", key, "no hash");
    expect(await usageOf(one)).toMatchObject({ total: { calls: 1 } });
  });

  it("is that of one server where the user of Redis has the rights of before, and the log says so once", async () => {
    await using redis = await TestRedis.start();
    const rights = ["~team:*", "&team:*", "+@connection", "+@pubsub", "+@string", "+@keyspace", "-@dangerous"];
    await redis.command("ACL", "SETUSER", "ccpb", "on", ">a-password", ...rights);
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    const shared = { redis: redis.url.replace("//", "//ccpb:a-password@"), prefix: "team" };
    const settings = { ...settingsOf(redis, folder()), sharedState: shared };
    await using one = await startTestServer({ providers: [provider("one", upstream.url)] }, settings);
    await askAs(one.url, "alice");
    const refused = (): readonly string[] =>
      one
        .lines("shared_state")
        .flatMap(({ message }) => (String(message).includes("refuses: usage: NOPERM") ? [String(message)] : []));
    await vi.waitFor(() => expect(refused()).toHaveLength(1), soon);
    expect(await usageOf(one)).toMatchObject({ other_servers: "unavailable", total: { calls: 1 } });
    expect(refused()).toHaveLength(1);
    expect(refused()[0]).not.toContain("a-password");
  });

  it("is that of one server where nothing is shared", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    await using one = await startTestServer({ providers: [provider("one", upstream.url)] }, team);
    await askAs(one.url, "alice");
    expect(await usageOf(one)).toMatchObject({ other_servers: null, total: { calls: 1 } });
  });
});
