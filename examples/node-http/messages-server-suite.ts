import { Balancer, type BalancerConfig, fetchTransport, type ProviderConfig, type Transport } from "@ccpb/core";
import { cut, type FakeUpstream, refuse, stall, startFakeUpstream, text } from "@ccpb/fake-upstream";
import { expect, it } from "vitest";
import { askOverHttp, testEveryFault } from "./fault-suite.ts";

/** A server under test: where it listens, and how to stop it. */
export interface RunningExample extends AsyncDisposable {
  readonly url: string;
}

export type StartExample = (balancer: Balancer, transport: Transport) => Promise<RunningExample>;

/** A provider that passes the client's model names through to a fake upstream. */
export function providerAt(upstream: FakeUpstream, name: string): ProviderConfig {
  return {
    name,
    type: upstream.dialect,
    baseUrl: upstream.url,
    auth: { type: "api_key", keys: [`key-of-${name}`] },
    bigModel: "passthrough",
    smallModel: "passthrough",
  };
}

/** Providers that are out of service: a balancer that can serve nothing. */
export const idle: BalancerConfig = {
  providers: [
    { name: "idle", type: "anthropic", baseUrl: "http://idle.test", auth: { type: "passthrough" }, enabled: false },
  ],
};

export const question = {
  model: "claude-opus-5",
  max_tokens: 100,
  messages: [{ role: "user", content: "Who are you?" }],
} as const;

/** Posts a Messages request; `more` is added to the question. */
export function post(
  url: string,
  more: Readonly<Record<string, unknown>> = {},
  init: RequestInit = {},
): Promise<Response> {
  return fetch(`${url}/v1/messages?beta=true`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": "what-the-client-believes-in" },
    body: JSON.stringify({ ...question, ...more }),
    ...init,
  });
}

/** What every example of a server must do, whatever the framework: an anthropic provider first, an openai one behind it. */
export function testMessagesServer(start: StartExample): void {
  testAnswers(start);
  testProbes(start);
  testFaults(start);
  testEveryFault(async (balancer, question) => {
    await using example = await start(balancer, fetchTransport(fetch));
    return await askOverHttp(example.url, question);
  });
}

function testAnswers(start: StartExample): void {
  it("answers with the preferred provider's message", async () => {
    await using scene = await stage(start);
    scene.first.script(text("I am the first."));
    const response = await post(scene.url);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ model: "claude-opus-5", content: [{ text: "I am the first." }] });
    expect(scene.first.requests[0]?.headers["x-api-key"]).toBe("key-of-first");
    expect(scene.first.requests[0]?.query).toBe("?beta=true");
    expect(new TextDecoder().decode(scene.first.requests[0]?.rawBody)).toBe(JSON.stringify(question));
  });

  it("streams from the second provider when the first breaks off before its first word", async () => {
    await using scene = await stage(start);
    scene.first.script(cut(text("never heard"), "start"));
    scene.second.script(text("I am the second."));
    const response = await post(scene.url, { stream: true });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const events = await response.text();
    expect(textOf(events)).toBe("I am the second.");
    expect(events).toContain("event: message_stop");
    expect(scene.first.requests).toHaveLength(1);
  });
}

/** What clients and load balancers ask besides, answered as the server answers it. */
function testProbes(start: StartExample): void {
  it("lists the models, one of them, and takes the probes of clients and load balancers", async () => {
    await using scene = await stage(start, { bigModel: "claude-big", smallModel: "claude-small" });
    const list = await fetch(`${scene.url}/v1/models?limit=1`);
    expect(list.status).toBe(200);
    expect(await list.json()).toMatchObject({ object: "list", has_more: true, data: [{ id: "claude-big" }] });
    const one = await fetch(`${scene.url}/v1/models/claude-small`);
    expect(await one.json()).toMatchObject({ type: "model", id: "claude-small" });
    expect((await fetch(`${scene.url}/v1/models/none`)).status).toBe(404);
    for (const path of ["/api/hello", "/v1/models"]) {
      const probe = await fetch(scene.url + path, { method: "HEAD" });
      expect([path, probe.status, await probe.text()]).toEqual([path, 200, ""]);
    }
    const health = await fetch(`${scene.url}/health`);
    expect([health.status, await health.json()]).toEqual([200, { status: "healthy" }]);
    expect([...scene.first.requests, ...scene.second.requests]).toEqual([]);
  });

  it("serves clients of OpenAI's APIs as well", async () => {
    await using scene = await stage(start);
    scene.first.script(text("I am the first."));
    const response = await fetch(`${scene.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "claude-opus-5", messages: question.messages }),
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ choices: [{ message: { content: "I am the first." } }] });
  });

  it("says when nobody can serve", async () => {
    await using example = await start(new Balancer(idle), fetchTransport(fetch));
    const health = await fetch(`${example.url}/health`);
    expect([health.status, await health.json()]).toEqual([503, { status: "unhealthy" }]);
  });
}

function testFaults(start: StartExample): void {
  it("refuses what is no Messages request, in Anthropic's error shape", async () => {
    await using scene = await stage(start);
    const response = await post(scene.url, {}, { body: "[1, 2" });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ type: "error", error: { type: "invalid_request_error" } });
    expect(scene.first.requests).toHaveLength(0);
  });

  it("says 503 and when to come back when nobody can serve", async () => {
    await using scene = await stage(start);
    scene.first.script(refuse(529));
    scene.second.script(refuse(500));
    const response = await post(scene.url);
    expect(response.status).toBe(503);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await response.json()).toMatchObject({ type: "error", error: { type: "api_error" } });
  });

  it("hangs up on Claude Code when a stream breaks after its first word, and never ends it as if it were whole", async () => {
    await using scene = await stage(start);
    scene.first.script(cut(text("half an answer is no answer"), "mid-content"));
    const headers = { "content-type": "application/json", "user-agent": "claude-cli/2.1.330 (external, cli)" };
    const response = await post(scene.url, { stream: true }, { headers });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    expect(scene.second.requests).toHaveLength(0);
  });

  it("lets go of the upstream when the client leaves", async () => {
    await using scene = await stage(start);
    scene.first.script(stall(text("a long story"), "after-content"));
    const client = new AbortController();
    const response = await post(scene.url, { stream: true }, { signal: client.signal });
    const reader = response.body?.getReader();
    await reader?.read();
    client.abort();
    const upstream = await scene.first.request(1);
    await upstream.ended;
    expect(upstream.aborted).toBe(true);
  });
}

interface Scene extends AsyncDisposable {
  readonly first: FakeUpstream;
  readonly second: FakeUpstream;
  readonly url: string;
}

async function stage(start: StartExample, change: Partial<ProviderConfig> = {}): Promise<Scene> {
  const first = await startFakeUpstream({ dialect: "anthropic" });
  const second = await startFakeUpstream({ dialect: "openai" });
  const balancer = new Balancer({
    providers: [
      { ...providerAt(first, "first"), ...change },
      { ...providerAt(second, "second"), ...change },
    ],
  });
  const example = await start(balancer, fetchTransport(fetch));
  return {
    first,
    second,
    url: example.url,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([example[Symbol.asyncDispose](), first.close(), second.close()]);
    },
  };
}

/** The text that a stream of events spells. */
export function textOf(events: string): string {
  return [...events.matchAll(/^data: (.*"text_delta".*)$/gm)]
    .map(([, data]) => (JSON.parse(data ?? "") as { delta: { text: string } }).delta.text)
    .join("");
}
