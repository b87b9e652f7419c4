import { once } from "node:events";
import { request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import { refuse, stall, startFakeUpstream, text, type BehaviourSource, type FakeUpstream } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { provider, startTestServer, type TestServer, until } from "../running-server.ts";
import { clientName, door } from "./client-doors.ts";
import { askServer, saidOf, timeouts } from "./fault-bench.ts";

const ping = door.keepAlive;

interface Bench extends AsyncDisposable {
  readonly server: TestServer;
  readonly upstreams: readonly FakeUpstream[];
}

/** `firstMs`: how long the first provider may be silent. */
async function startBench(behaviours: readonly BehaviourSource[], firstMs = 1_000): Promise<Bench> {
  const upstreams = await Promise.all(
    behaviours.map((defaultBehaviour) => startFakeUpstream({ dialect: "anthropic", defaultBehaviour })),
  );
  const short = { timeouts: { responseMs: firstMs, firstContentMs: firstMs, totalMs: firstMs } };
  const providers = upstreams.map(({ url }, index) => provider(`p${index}`, url, index === 0 ? short : {}));
  const settings = { earlyHeadersMs: 40, timeouts };
  const server = await startTestServer({ providers, settings });
  return {
    server,
    upstreams,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      for (const upstream of upstreams) await upstream[Symbol.asyncDispose]();
    },
  };
}

/** Opens a streaming request; resolves with its headers, when the body has yet to come. */
async function open(url: string): Promise<{ request: ClientRequest; response: IncomingMessage; text: () => string }> {
  const headers = { "content-type": "application/json" };
  const request = httpRequest(`${url}${door.path}`, { method: "POST", headers, agent: false });
  request.on("error", () => undefined);
  request.end(JSON.stringify(door.request({ stream: true })));
  const [response] = (await once(request, "response")) as [IncomingMessage];
  let body = "";
  response.on("data", (chunk: Buffer) => (body += chunk.toString())).on("error", () => undefined);
  return { request, response, text: () => body };
}

const silent = stall(text("never"), "headers");

describe("early_headers over HTTP", () => {
  it("gives headers and a ping while failover goes on, then the answer of the provider that serves", async () => {
    await using bench = await startBench([silent, text("pong")]);
    const { response, text: body } = await open(bench.server.url);
    expect(response.statusCode).toBe(200);
    expect(response.headers["content-type"]).toContain("text/event-stream");
    expect(response.headers).not.toHaveProperty("x-ccpb-provider");
    expect(response.headers).not.toHaveProperty("x-ccpb-attempts");
    expect(response.headers["x-request-id"]).toMatch(/./);
    await once(response, "end");
    expect(body().startsWith(ping)).toBe(true);
    expect(body()).toContain("pong");
    door.expectWholeStream(saidOf(body().slice(ping.length)));
    expect(bench.server.lines("request_completed")).toMatchObject([{ status: 200 }]);
  });

  it("ends with an error event where nobody serves", async () => {
    await using bench = await startBench([silent, refuse(401)]);
    const { response, text: body } = await open(bench.server.url);
    expect(response.statusCode).toBe(200);
    await once(response, "end");
    const last = saidOf(body()).at(-1)?.data;
    expect(door.errorOf(last).message).toMatch(/./);
    if (clientName === "messages") expect(last.request_id).toBe(response.headers["x-request-id"]);
  });

  it("ends the attempt when the client leaves, and the stream when the server stops", async () => {
    await using bench = await startBench([silent], 60_000);
    const first = await open(bench.server.url);
    await until(() => first.text() === ping);
    first.request.destroy();
    await until(() => bench.server.balancer.status().providers[0]?.inFlight === 0);
    const second = await open(bench.server.url);
    await until(() => second.text() === ping);
    await bench.server.server.close(0);
    await until(() => second.response.complete || second.response.destroyed);
    expect(second.text()).toContain("The balancer is stopping");
  });

  it("changes nothing for a request without streaming", async () => {
    await using bench = await startBench([silent, text("pong")]);
    const { status, headers } = await askServer(bench.server.url, { stream: false });
    expect({ status, provider: headers["x-ccpb-provider"], attempts: headers["x-ccpb-attempts"] }).toEqual({
      status: 200,
      provider: "p1",
      attempts: "2",
    });
  });
});
