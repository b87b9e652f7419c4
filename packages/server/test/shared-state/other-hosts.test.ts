import { refuse, startFakeUpstream } from "@ccpb/fake-upstream";
import { describe, expect, it, vi } from "vitest";
import { freePort, hasRedis, redisNotice, TestRedis } from "../../../redis/test/redis-server.ts";
import { postMessages, provider, startTestServer, type TestServer } from "../running-server.ts";

const soon = { interval: 5, timeout: 30_000 };

const connected = (server: TestServer): Promise<void> =>
  vi.waitFor(() => expect(server.lines("shared_state").some(({ state }) => state === "connected")).toBe(true), soon);

const servedBy = async (servers: readonly TestServer[], times: number): Promise<(string | undefined)[]> => {
  const served: (string | undefined)[] = [];
  for (let index = 0; index < times; index += 1) {
    for (const server of servers) {
      const reply = await postMessages(server.url);
      served.push(reply.status === 200 ? String(reply.headers["x-ccpb-provider"]) : undefined);
    }
  }
  return served;
};

describe.skipIf(!hasRedis)(`servers of which one has no way to a provider${redisNotice}`, () => {
  it.each(["a dead proxy", "a dead proxy and a writer that forges"])(
    "with %s: all calls of the others are served by the first, healthy provider",
    async (trouble) => {
      await using redis = await TestRedis.start();
      await using first = await startFakeUpstream({ dialect: "anthropic" });
      await using second = await startFakeUpstream({ dialect: "anthropic" });
      const sharedState = { redis: redis.url, prefix: "test" };
      const proxy = `http://127.0.0.1:${await freePort()}`;
      const settings = { failureCooldownMs: 200 };
      const healthy = { providers: [provider("first", first.url), provider("second", second.url)], settings };
      const cutOff = {
        providers: [provider("first", first.url, { proxy }), provider("second", second.url)],
        settings,
      };
      await using one = await startTestServer(healthy, { sharedState });
      await using two = await startTestServer(healthy, { sharedState });
      await using three = await startTestServer(cutOff, { sharedState });
      await Promise.all([one, two, three].map(connected));

      let writing = trouble === "a dead proxy and a writer that forges";
      const writer = (async () => {
        for (let round = 0; writing; round += 1) {
          for (const text of forgeries(round)) await redis.command("PUBLISH", "test:health@0", text);
        }
      })();
      const served = await servedBy([one, two, three], 40);
      writing = false;
      await writer;

      const byHost = [0, 1, 2].map((host) => served.filter((_, index) => index % 3 === host));
      expect(new Set(byHost[0])).toEqual(new Set(["first"]));
      expect(new Set(byHost[1])).toEqual(new Set(["first"]));
      expect(new Set(byHost[2])).toEqual(new Set(["second"]));
      expect(three.lines("circuit_change").length).toBeGreaterThan(0);
      for (const server of [one, two]) {
        expect(server.lines("circuit_change")).toEqual([]);
        expect(server.lines("server_error")).toEqual([]);
      }
    },
  );

  it("all close their circuits when one of them is reset, those of their own network included", async () => {
    await using redis = await TestRedis.start();
    await using first = await startFakeUpstream({ dialect: "anthropic" });
    await using second = await startFakeUpstream({ dialect: "anthropic" });
    const sharedState = { redis: redis.url, prefix: "test" };
    const proxy = `http://127.0.0.1:${await freePort()}`;
    const providers = [provider("first", first.url), provider("second", second.url)];
    await using one = await startTestServer({ providers }, { sharedState });
    await using cutOff = await startTestServer(
      { providers: [provider("first", first.url, { proxy }), provider("second", second.url)] },
      { sharedState },
    );
    await Promise.all([one, cutOff].map(connected));
    await postMessages(cutOff.url);
    const stateOf = (server: TestServer): string | undefined => server.balancer.status().providers[0]?.state;
    expect([one, cutOff].map(stateOf)).toEqual(["closed", "open"]);
    one.balancer.reset("first");
    await vi.waitFor(() => expect(stateOf(cutOff)).toBe("closed"), soon);
  });

  it("still take over a stated wait and a refused key from each other", async () => {
    await using redis = await TestRedis.start();
    for (const [status, headers] of [
      [429, { "retry-after": "100" }],
      [401, {}],
    ] as const) {
      await using first = await startFakeUpstream({
        dialect: "anthropic",
        defaultBehaviour: refuse(status, {}, headers),
      });
      await using second = await startFakeUpstream({ dialect: "anthropic" });
      const sharedState = { redis: redis.url, prefix: `test-${status}` };
      const config = { providers: [provider("first", first.url), provider("second", second.url)] };
      await using one = await startTestServer(config, { sharedState });
      await using two = await startTestServer(config, { sharedState });
      await Promise.all([one, two].map(connected));
      await postMessages(one.url);
      await vi.waitFor(() => expect(two.lines("circuit_change")).toHaveLength(1), soon);
      expect((await postMessages(two.url)).headers["x-ccpb-provider"]).toBe("second");
      expect(first.requests).toHaveLength(1);
    }
  });
});

/** Messages of a writer that knows nobody's keys: junk, foreign identities, failures of its own network, times of the future. */
function forgeries(round: number): readonly string[] {
  const scope = { type: "provider", provider: "first" };
  const opening = { id: `x.${round}`, ageMs: 0, remainingMs: 86_400_000, backoffMs: 9e8, failedProbes: 9 };
  const change = (openingPart: object, part: object = {}): object => ({
    scope,
    identity: "",
    openings: [{ ...opening, reason: { class: "overloaded", detail: "" }, ...openingPart }],
    recovery: null,
    ...part,
  });
  const message = (...changes: readonly object[]): string =>
    JSON.stringify({ ccpb: 1, from: `writer-${round}`, sentAtMs: round, changes });
  return [
    "junk",
    message(change({})),
    message(change({ ageMs: -1e6 })),
    message(change({ reason: { class: "connect", detail: "" } })),
    message(change({}, { scope: { type: "provider", provider: "__proto__" } })),
    message(change({}, { scope: { type: "deployment", provider: "first", model: "m".repeat(10_000) } })),
  ];
}
