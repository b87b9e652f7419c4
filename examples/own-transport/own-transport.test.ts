import { Balancer, CcpbError, type ProviderConfig, send } from "@ccpb/core";
import { body, closedPort, type FakeUpstream, raw, startBlackhole, startFakeUpstream, text } from "@ccpb/fake-upstream";
import { describe, expect, it, vi } from "vitest";
import { faultQuestion, testEveryFault, wordsOf } from "../node-http/fault-suite.ts";
import { createNodeTransport } from "./node-transport.ts";

function provider(name: string, baseUrl: string): ProviderConfig {
  return {
    name,
    type: "anthropic",
    baseUrl,
    auth: { type: "api_key", keys: ["key"] },
    bigModel: "passthrough",
    smallModel: "passthrough",
  };
}

const question = { model: "claude-opus-5", max_tokens: 100, messages: [{ role: "user", content: "Who are you?" }] };

async function read(answer: Uint8Array | AsyncIterable<Uint8Array>): Promise<string> {
  if (answer instanceof Uint8Array) return new TextDecoder().decode(answer);
  const decoder = new TextDecoder();
  let words = "";
  for await (const chunk of answer) words += decoder.decode(chunk, { stream: true });
  return words;
}

function balancerOver(first: string, second: FakeUpstream): Balancer {
  return new Balancer({ providers: [provider("first", first), provider("second", second.url)] });
}

describe("a transport over node:http", () => {
  it("streams, and keeps its connections for later requests", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hello.") });
    const balancer = new Balancer({ providers: [provider("only", upstream.url)] });
    const transport = createNodeTransport();
    // The end of a body may come after the answer's: until then its connection is not free.
    await vi.waitFor(async () => {
      const reply = await send(balancer.open({ ...question, stream: true }), transport);
      expect(await read(reply.body)).toContain("message_stop");
      expect(upstream.requests.at(-1)?.onConnection).toBeGreaterThan(1);
    }, 30_000);
  });

  it("lets the balancer go on when a provider refuses connections", async () => {
    await using second = await startFakeUpstream({ dialect: "anthropic" });
    const balancer = balancerOver(`http://127.0.0.1:${await closedPort()}`, second);
    const reply = await send(balancer.open(question), createNodeTransport());
    expect(reply).toMatchObject({ status: 200, provider: "second", attempts: 2 });
  });

  it("lets the balancer go on when a provider speaks no HTTP", async () => {
    await using first = await startFakeUpstream({ dialect: "anthropic", script: [raw("who calls?\r\n\r\n")] });
    await using second = await startFakeUpstream({ dialect: "anthropic" });
    const reply = await send(balancerOver(first.url, second).open(question), createNodeTransport());
    expect(reply).toMatchObject({ status: 200, provider: "second", attempts: 2 });
  });

  it("follows no redirect, so that a key never goes to another host", async () => {
    await using second = await startFakeUpstream({ dialect: "anthropic" });
    const elsewhere = body("", { status: 307, headers: { location: `${second.url}/v1/messages` } });
    await using first = await startFakeUpstream({ dialect: "anthropic", script: [elsewhere] });
    const balancer = new Balancer({ providers: [provider("first", first.url)] });
    await expect(send(balancer.open(question), createNodeTransport())).rejects.toBeInstanceOf(CcpbError);
    expect(second.requests).toHaveLength(0);
  });

  it("asks the same provider once more when a kept connection had died unnoticed", async () => {
    await using upstream = await startFakeUpstream({
      dialect: "anthropic",
      script: [text("One."), raw("", "reset"), text("Two.")],
    });
    const balancer = new Balancer({ providers: [provider("only", upstream.url)] });
    const transport = createNodeTransport();
    await send(balancer.open(question), transport);
    await upstream.requests[0]?.ended;
    const reply = await send(balancer.open(question), transport);
    expect(await read(reply.body)).toContain("Two.");
    expect(upstream.requests.map(({ connection }) => connection)).toEqual([1, 1, 2]);
    expect(balancer.status().providers[0]?.state).toBe("closed");
  });

  it("gives up connecting at the deadline, the TLS handshake included", async () => {
    await using blackhole = await startBlackhole();
    const connecting = createNodeTransport()(
      { method: "POST", url: blackhole.url.replace("http:", "https:"), headers: {}, body: [] },
      { signal: new AbortController().signal, connectTimeoutMs: 30, freshSocket: false },
    );
    await expect(connecting).rejects.toMatchObject({ name: "TransportError", phase: "connect" });
  });

  const transport = createNodeTransport();
  testEveryFault(async (balancer, { stream }) => {
    const reply = await send(balancer.open({ ...faultQuestion, stream }), transport);
    return wordsOf(await read(reply.body));
  });
});
