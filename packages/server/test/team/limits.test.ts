import { startFakeUpstream } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { TemporaryFolder } from "../temporary-folder.ts";
import { call, messagesBody, provider, startTestServer } from "../running-server.ts";
import { askAs, authOf, client, keyOf, readAs } from "./team-stage.ts";

const ops = client("ops", { role: "operator" });

describe("limits and budgets over sockets", () => {
  it("answer 429 with retry-after, in the API's shape, and count_tokens is held by them, too", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    const alice = client("alice", { limits: { requestsPerMinute: 2 } });
    await using server = await startTestServer(
      { providers: [provider("one", upstream.url)] },
      authOf(alice, client("bob"), ops),
    );
    const count = {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": keyOf("alice") },
      body: messagesBody(),
    };
    expect((await askAs(server.url, "alice")).status).toBe(200);
    expect((await call(server.url, "/v1/messages/count_tokens", count)).status).toBe(200);
    const refused = await askAs(server.url, "alice");
    expect(refused.status).toBe(429);
    expect(refused.json()).toMatchObject({
      type: "error",
      error: { type: "rate_limit_error", message: expect.stringContaining("2 requests per minute") },
    });
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(30);
    expect((await call(server.url, "/v1/messages/count_tokens", count)).status).toBe(429);
    expect((await askAs(server.url, "bob")).status).toBe(200);
    expect(server.lines("request_refused").at(-1)).toMatchObject({ client: "alice", status: 429 });
  });

  it("hold a budget exactly, name the client in the log, in usage and in metrics, and go on after a restart", async () => {
    using folder = new TemporaryFolder();
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    const alice = client("alice", { budgets: [{ per: "month", timezone: "UTC", cost: { USD: 1 } }] });
    const settings = {
      ...authOf(alice, client("bob"), ops),
      usageFolder: folder.path,
      prices: [{ model: "*", input: 0, output: 20_000 }],
    };
    const config = { providers: [provider("one", upstream.url)] };
    let served = 0;
    {
      await using server = await startTestServer(config, settings);
      for (
        let reply = await askAs(server.url, "alice");
        reply.status === 200;
        reply = await askAs(server.url, "alice")
      ) {
        served += 1;
        if (served > 300) throw new Error("the server refused no call for its budget");
      }
      const usage = (await readAs(server.url, "ops", "/usage?by=client")).json() as {
        groups: { name: string; calls: number; output_tokens: number; cost: { USD: number } }[];
      };
      const [group] = usage.groups;
      expect(group).toMatchObject({ name: "alice", calls: served });
      // The call that reached it was the last one.
      const each = (group?.cost.USD ?? 0) / served;
      expect(group?.cost.USD).toBeGreaterThanOrEqual(1);
      expect((group?.cost.USD ?? 0) - each).toBeLessThan(1);
      expect((await askAs(server.url, "bob")).status).toBe(200);
      const metrics = (await readAs(server.url, "ops", "/metrics")).body;
      expect(metrics).toMatch(/ccpb_cost_usd_total\{client="alice",provider="one"\} 1/);
      expect(metrics).toMatch(/ccpb_client_refused_total\{client="alice",reason="budget"\} 1/);
      expect(metrics).toContain(`ccpb_client_calls_total{client="alice",state="complete"} ${served}`);
      expect(server.lines("request_completed")[0]).toMatchObject({ client: "alice" });
      expect(server.lines("budget_warning")).toMatchObject([{ client: "alice", percent: 80, unit: "USD" }]);
      expect(server.lines("budget_reached")).toHaveLength(1);
    }
    await using again = await startTestServer(config, settings);
    const refused = await askAs(again.url, "alice");
    expect(refused.status).toBe(400);
    expect(refused.json()).toMatchObject({
      error: { type: "invalid_request_error", message: expect.stringMatching(/budget of client "alice".*begins anew/) },
    });
    expect((await askAs(again.url, "bob")).status).toBe(200);
  });

  it("hold at every door alike: one limit for all APIs, each refused in its own shape, and the calls named", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    const alice = client("alice", { limits: { requestsPerMinute: 3 } });
    await using server = await startTestServer({ providers: [provider("one", upstream.url)] }, authOf(alice, ops));
    const messages = [{ role: "user", content: "hi" }];
    const doors = [
      ["/v1/messages", { model: "m", max_tokens: 9, messages }],
      ["/v1/chat/completions", { model: "m", messages }],
      ["/v1/responses", { model: "m", input: "hi" }],
    ] as const;
    const ask = ([path, body]: (typeof doors)[number]): ReturnType<typeof call> =>
      call(server.url, path, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${keyOf("alice")}` },
        body: JSON.stringify(body),
      });
    for (const door of doors) expect((await ask(door)).status).toBe(200);
    for (const door of doors) {
      const { status, headers, json } = await ask(door);
      expect([door[0], status, Number(headers["retry-after"]) > 30]).toEqual([door[0], 429, true]);
      const { type, error } = json();
      expect(error.message).toContain("3 requests per minute");
      // Anthropic's envelope has a type of its own, OpenAI's has not.
      expect(type).toBe(door[0] === "/v1/messages" ? "error" : undefined);
    }
    const named = server.lines("request_completed").map((line) => line["client"]);
    expect(named).toEqual(["alice", "alice", "alice"]);
  });

  it("let the next request in as soon as one is over or its client has left", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    const alice = client("alice", { limits: { concurrent: 1 } });
    await using server = await startTestServer({ providers: [provider("one", upstream.url)] }, authOf(alice, ops));
    for (let index = 0; index < 5; index += 1)
      expect((await askAs(server.url, "alice", { stream: true })).status).toBe(200);
    const all = await Promise.all(Array.from({ length: 6 }, () => askAs(server.url, "alice")));
    expect(all.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(1);
    for (const { status } of all) expect([200, 429]).toContain(status);
    expect((await askAs(server.url, "alice")).status).toBe(200);
  });
});
