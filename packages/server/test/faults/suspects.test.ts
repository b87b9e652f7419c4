import { type BehaviourSource, body, drop, paced, refuse, startFakeUpstream, text } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { provider, startTestServer } from "../running-server.ts";
import { askServer, startBench, timeouts } from "./fault-bench.ts";

const ordinary = text("Served.");
const isPoison = (words: string): boolean => words.includes("poison");
const poisoned =
  (behaviour: BehaviourSource): BehaviourSource =>
  (request) => {
    const chosen = isPoison(JSON.stringify(request.body)) ? behaviour : ordinary;
    return typeof chosen === "function" ? chosen(request) : chosen;
  };
const poison = { messages: [{ role: "user", content: "poison" }] };
const from = (session: string): Record<string, string> => ({ "x-claude-code-session-id": session });

const poisons: Readonly<Record<string, BehaviourSource>> = {
  "500": refuse(500),
  "502": refuse(502),
  "a firewall's page": body("<html><title>Just a moment...</title></html>", { status: 403, contentType: "text/html" }),
  "moderated input": refuse(403, { message: "Your input was flagged by moderation" }),
  "no headers in time": drop("stall"),
  "input too long, as a 500": refuse(500, { message: "Input is too long for requested model." }),
};

describe("three healthy providers and one request that all of them fail", () => {
  it.each(Object.keys(poisons))("another client's request is served by the first: %s", async (name) => {
    const behaviour = poisoned(poisons[name] as BehaviourSource);
    const upstreams = await Promise.all(
      [0, 1, 2].map(() => startFakeUpstream({ dialect: "anthropic", defaultBehaviour: behaviour })),
    );
    const providers = upstreams.map(({ url }, index) => provider(`number-${index}`, url));
    const isSlow = name === "no headers in time";
    // The request that is served has to be so before it, too.
    const deadlines = isSlow ? { ...timeouts, responseMs: 3_000 } : timeouts;
    {
      await using server = await startTestServer({ providers, settings: { timeouts: deadlines } });
      for (let round = 0; round < (isSlow ? 2 : 3); round += 1) {
        const failed = await askServer(server.url, { stream: true, ...poison }, from("one"));
        expect(failed.status).toBeGreaterThanOrEqual(400);
        const reply = await askServer(server.url, { stream: true, round }, from("two"));
        expect(reply).toMatchObject({ status: 200, end: "whole" });
        expect(reply.headers["x-ccpb-provider"]).toBe("number-0");
        expect(reply.headers["x-ccpb-attempts"]).toBe("1");
      }
    }
    await Promise.all(upstreams.map((one) => one.close()));
  });
});

describe("one client's own login", () => {
  const window = {
    "anthropic-ratelimit-unified-status": "rejected",
    "anthropic-ratelimit-unified-5h-status": "rejected",
    "anthropic-ratelimit-unified-5h-reset": String(Math.floor(Date.now() / 1_000) + 3_600),
  };
  it.each([
    ["401", refuse(401, { errorType: "authentication_error", message: "invalid bearer token" })],
    ["a used-up window", refuse(429, { errorType: "rate_limit_error", message: "limit reached" }, window)],
  ])("does not move another client to the paid key: %s", async (_name, refusal) => {
    const first: BehaviourSource = (request) =>
      request.headers["authorization"] === "Bearer client-one-login" ? refusal : ordinary;
    await using bench = await startBench({ dialect: "anthropic", first, provider: { auth: { type: "passthrough" } } });
    for (let round = 0; round < 2; round += 1) {
      const one = await bench.ask(true, {}, { authorization: "Bearer client-one-login" });
      expect(one.headers["x-ccpb-provider"]).toBe("second");
      const two = await bench.ask(true, {}, { authorization: "Bearer client-two-login" });
      expect(two.headers["x-ccpb-provider"]).toBe("first");
    }
  });
});

describe("a single provider", () => {
  it.each(["500", "reset"])("answers the next request after one fault: %s", async (name) => {
    const fault = name === "500" ? refuse(500) : drop("reset");
    await using bench = await startBench({ dialect: "anthropic", first: ordinary, script: [fault], second: null });
    expect((await bench.ask(true)).status).toBe(503);
    expect(await bench.ask(true)).toMatchObject({ status: 200, end: "whole" });
  });

  it("never gets more requests at once than max_concurrent, and all ten are served", async () => {
    let open = 0;
    let most = 0;
    const slow = paced(text("one two three four", { deltaLength: 4 }), 5);
    const first: BehaviourSource = () => {
      most = Math.max(most, bench.balancer.status().providers[0]?.inFlight ?? 0);
      open += 1;
      return slow;
    };
    const upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: first });
    const bench = await startTestServer({
      providers: [provider("only", upstream.url, { maxConcurrent: 2 })],
      settings: { timeouts },
    });
    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, index) => askServer(bench.url, { stream: true }, from(`${index}`))),
    );
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
    expect({ most, open }).toEqual({ most: 2, open: 10 });
    await bench[Symbol.asyncDispose]();
    await upstream.close();
  });
});

describe("one model that fails at a provider", () => {
  it("leaves its other models in", async () => {
    const first: BehaviourSource = (request) =>
      JSON.stringify(request.body).includes("claude-haiku") ? refuse(500) : ordinary;
    await using bench = await startBench({ dialect: "anthropic", first });
    expect((await bench.ask(true, { model: "claude-haiku-4-5" })).headers["x-ccpb-provider"]).toBe("second");
    expect((await bench.ask(true, { model: "claude-opus-5-5" })).headers["x-ccpb-provider"]).toBe("first");
    expect((await bench.ask(true, { model: "claude-haiku-4-5" })).headers["x-ccpb-provider"]).toBe("second");
    expect((await bench.ask(true, { model: "claude-opus-5-5" })).headers["x-ccpb-provider"]).toBe("first");
  });
});
