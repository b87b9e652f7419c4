import { once } from "node:events";
import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { drop, paced, stall, startFakeUpstream, text } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import {
  call,
  messagesBody,
  openSocket,
  openStream,
  postMessages,
  provider,
  rawExchange,
  startTestServer,
  until,
} from "../running-server.ts";

const long = paced(text("one two three four five six seven eight"), 8);

async function textOf(response: IncomingMessage): Promise<string> {
  let whole = "";
  for await (const chunk of response) whole += String(chunk);
  return whole;
}

describe("stopping", () => {
  it("closes idle connections at once, takes no new ones and lets a stream finish", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: long });
    await using server = await startTestServer({ providers: [provider("one", upstream.url)] });
    const idle = await openSocket(server.port);
    const response = await openStream(server.url);
    const started = performance.now();
    const closing = server.server.close(30_000);
    await once(idle, "close");
    // Long before the drain's own end.
    expect(performance.now() - started).toBeLessThan(15_000);
    await expect(call(server.url, "/")).rejects.toThrow(/ECONNREFUSED/);
    expect(await textOf(response)).toMatch(/message_stop\ndata: .*\n\n$/);
    expect(await closing).toBe(0);
    expect(performance.now() - started).toBeLessThan(25_000);
  });

  it("closes a kept-alive connection behind the last answer on it", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: long });
    await using server = await startTestServer({ providers: [provider("one", upstream.url)] });
    const agent = new Agent({ keepAlive: true });
    const request = httpRequest(`${server.url}/v1/messages`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      agent,
    });
    request.end(messagesBody());
    await upstream.request(1);
    const closing = server.server.close(30_000);
    const [response] = (await once(request, "response")) as [IncomingMessage];
    expect(response.headers.connection).toBe("close");
    await textOf(response);
    expect(await closing).toBe(0);
    agent.destroy();
  });

  it("cuts off at drain_timeout: streams end with an error event, other requests with a 503, and the upstream is let go of", async () => {
    await using upstream = await startFakeUpstream({
      dialect: "anthropic",
      script: [stall(long, "mid-content"), drop("stall")],
    });
    await using server = await startTestServer({ providers: [provider("one", upstream.url)] });
    const response = await openStream(server.url);
    const waiting = postMessages(server.url);
    await upstream.request(2);
    const cut = await server.server.close(30);
    expect(cut).toBe(2);
    const stream = await textOf(response);
    expect(stream).toContain("content_block_delta");
    expect(stream).toMatch(/event: error\ndata: \{"type":"error","error":\{"type":"api_error".*\}\n\n$/);
    expect(stream).not.toContain("message_stop");
    expect(stream).not.toContain("content_block_stop");
    expect(await waiting).toMatchObject({ status: 503, headers: { connection: "close" } });
    await until(() => upstream.connections === 0);
  });

  it("does not wait for a client that never reads its last words", async () => {
    await using upstream = await startFakeUpstream({
      dialect: "anthropic",
      defaultBehaviour: stall(long, "mid-content"),
    });
    await using server = await startTestServer({ providers: [provider("one", upstream.url)] });
    const socket = await openSocket(server.port);
    socket.pause();
    const body = messagesBody({ stream: true });
    socket.write(
      `POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await upstream.request(1);
    const started = performance.now();
    await server.server.close(10);
    expect(performance.now() - started).toBeLessThan(15_000);
    socket.destroy();
  });

  it("answers how many were cut, once", async () => {
    await using server = await startTestServer({ providers: [provider("one", "http://127.0.0.1:9")] });
    const [first, second] = await Promise.all([server.server.close(), server.server.close()]);
    expect([first, second]).toEqual([0, 0]);
    expect(server.lines("server_stopped").length).toBe(1);
  });
});

describe("connections", () => {
  it("are kept for the next request, and closed after 400 and 413", async () => {
    await using server = await startTestServer({ providers: [provider("one", "http://127.0.0.1:9")] });
    const get = "GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";
    const kept = await rawExchange(server.port, get + get);
    expect(kept.text.match(/HTTP\/1\.1 200/g)?.length).toBe(2);
    expect(kept.isClosed).toBe(false);
    const bad = await rawExchange(
      server.port,
      "POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}",
    );
    expect(bad).toMatchObject({ isClosed: true, text: expect.stringMatching(/^HTTP\/1\.1 400 /) });
  });

  it("do not pile up over a few thousand requests, and neither does memory", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    await using server = await startTestServer({ providers: [provider("one", upstream.url)] }, { logLevel: "ERROR" });
    const agent = new Agent({ keepAlive: true, maxSockets: 16 });
    const one = async (index: number): Promise<void> => {
      const request = httpRequest(`${server.url}/v1/messages`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        agent,
      });
      request.end(messagesBody({ stream: index % 2 === 0 }));
      const [response] = (await once(request, "response")) as [IncomingMessage];
      await textOf(response);
    };
    const round = async (count: number): Promise<void> => {
      for (let done = 0; done < count; done += 16)
        await Promise.all(Array.from({ length: 16 }, (_, index) => one(index)));
    };
    await round(320);
    const accepted = upstream.accepted;
    await round(1600);
    expect(upstream.accepted - accepted).toBeLessThanOrEqual(16);
    expect(upstream.connections).toBeLessThanOrEqual(32);
    expect(server.balancer.status().providers[0]?.inFlight).toBe(0);
    agent.destroy();
  });
});
