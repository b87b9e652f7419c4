import { type BalancerConfig, fetchTransport, type ProviderConfig, send } from "@ccpb/core";
import { refuse, startFakeUpstream } from "@ccpb/fake-upstream";
import { describe, expect, it, vi } from "vitest";
import { hasRedis, redisNotice, TestRedis } from "../../packages/redis/test/redis-server.ts";
import { sharedBalancer } from "./balancer.ts";

const question = { model: "claude-opus-5", max_tokens: 100, messages: [{ role: "user", content: "Who are you?" }] };
const transport = fetchTransport(fetch);

function provider(name: string, baseUrl: string): ProviderConfig {
  const auth = { type: "api_key", keys: ["a-key-that-is-secret"] } as const;
  return { name, type: "anthropic", baseUrl, auth, bigModel: "passthrough", smallModel: "passthrough", enabled: true };
}

describe("balancers that share their health over Redis", () => {
  it.skipIf(!hasRedis)(`spare each other the attempt at who is down${redisNotice}`, async () => {
    vi.spyOn(console, "warn").mockReturnValue();
    await using redis = await TestRedis.start();
    await using first = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: refuse(500) });
    await using second = await startFakeUpstream({ dialect: "anthropic" });
    const config: BalancerConfig = { providers: [provider("first", first.url), provider("second", second.url)] };
    await using one = sharedBalancer(config, redis.url);
    await using other = sharedBalancer(config, redis.url);
    await vi.waitFor(() => expect(other.replica.status().state).toBe("connected"), { interval: 5, timeout: 30_000 });

    expect(await send(one.balancer.open(question), transport)).toMatchObject({ provider: "second", attempts: 2 });
    await vi.waitFor(() => expect(other.balancer.status().providers[0]?.state).toBe("open"), {
      interval: 5,
      timeout: 30_000,
    });
    expect(await send(other.balancer.open(question), transport)).toMatchObject({ provider: "second", attempts: 1 });
    expect(first.requests).toHaveLength(1);
  });

  it("serve without a Redis", async () => {
    vi.spyOn(console, "warn").mockReturnValue();
    await using first = await startFakeUpstream({ dialect: "anthropic" });
    await using alone = sharedBalancer({ providers: [provider("first", first.url)] }, "redis://127.0.0.1:9");
    expect(await send(alone.balancer.open(question), transport)).toMatchObject({ status: 200, provider: "first" });
    expect(alone.replica.status().state).toBe("connecting");
  });
});
