import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { cut, drop, paced, refuse, stall, startFakeUpstream, text, type FakeUpstream } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { messagesBody, openSocket, postMessages, provider, startTestServer, until } from "../running-server.ts";
import { startTcpPeer, answerRequests } from "../tcp-peer.ts";

const long = text("one two three four five six seven eight nine ten");

function streamHead(body: string, userAgent = "test"): string {
  return [
    "POST /v1/messages HTTP/1.1",
    "host: 127.0.0.1",
    "content-type: application/json",
    `user-agent: ${userAgent}`,
    `content-length: ${Buffer.byteLength(body)}`,
    "",
    body,
  ].join("\r\n");
}

async function connectionsGone(upstream: FakeUpstream): Promise<void> {
  await until(() => upstream.connections === 0);
}

describe("streams", () => {
  it("are delivered event by event, as they come", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: paced(long, 10) });
    await using server = await startTestServer({ providers: [provider("one", upstream.url)] });
    const request = httpRequest(`${server.url}/v1/messages`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      agent: false,
    });
    request.end(messagesBody({ stream: true }));
    const [response] = (await once(request, "response")) as [IncomingMessage];
    expect(response.headers["content-type"]).toMatch(/^text\/event-stream/);
    let reads = 0;
    let whole = "";
    for await (const chunk of response) {
      reads += 1;
      whole += String(chunk);
    }
    expect(reads).toBeGreaterThan(5);
    expect(whole).toMatch(/^event: message_start\n/);
    expect(whole).toMatch(/event: message_stop\ndata: .*\n\n$/);
  });

  it("that break after content abort the connection for Claude Code 2.1, and end with an error event for others", async () => {
    await using upstream = await startFakeUpstream({
      dialect: "anthropic",
      defaultBehaviour: cut(paced(long, 2), "mid-content"),
    });
    await using server = await startTestServer({ providers: [provider("one", upstream.url)] });
    for (const [userAgent, ending] of [
      ["claude-cli/2.1.330 (external, cli)", "abort"],
      ["anthropic-sdk/1.12", "error"],
    ] as const) {
      server.balancer.reset();
      const socket = await openSocket(server.port);
      let answer = "";
      socket.on("data", (chunk) => (answer += chunk.toString()));
      socket.write(streamHead(messagesBody({ stream: true }), userAgent));
      if (ending === "abort") await once(socket, "close");
      else await until(() => answer.endsWith("0\r\n\r\n"));
      expect(answer).toContain("content_block_delta");
      expect(answer).not.toContain("message_stop");
      expect(answer.includes("event: error")).toBe(ending === "error");
      expect(answer.endsWith("0\r\n\r\n")).toBe(ending === "error");
      socket.destroy();
    }
    expect(server.lines("stream_interrupted").length).toBe(2);
    expect(server.lines("request_completed")).toMatchObject([{ state: "truncated" }, { state: "truncated" }]);
  });

  it.each([
    ["while its body is read", drop("stall"), (body: string) => streamHead(body).slice(0, -20)],
    ["before the headers", drop("stall"), streamHead],
    ["between headers and content", stall(long, "start"), streamHead],
    ["in the middle of a stream", stall(long, "mid-content"), streamHead],
  ])("of a client that leaves %s let go of the upstream at once", async (_when, behaviour, bytes) => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: behaviour });
    await using server = await startTestServer({ providers: [provider("one", upstream.url)] });
    const socket = await openSocket(server.port);
    socket.write(bytes(messagesBody({ stream: true })));
    if (bytes === streamHead) await upstream.request(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.destroy();
    await connectionsGone(upstream);
    expect(server.balancer.status().providers[0]).toMatchObject({ healthy: true, failureCount: 0, inFlight: 0 });
    if (bytes === streamHead) {
      await until(() => server.lines("request_completed").length === 1);
      expect(server.lines("request_completed")).toMatchObject([{ state: "client_cancelled" }]);
    }
    expect(server.lines("server_error")).toEqual([]);
  });

  it("of a client that leaves while a chain is walked are not tried any further", async () => {
    await using first = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: drop("stall") });
    await using second = await startFakeUpstream({ dialect: "anthropic" });
    const providers = [provider("first", first.url), provider("second", second.url)];
    await using server = await startTestServer({ providers });
    const socket = await openSocket(server.port);
    socket.write(streamHead(messagesBody({ stream: true })));
    await first.request(1);
    socket.resetAndDestroy();
    await connectionsGone(first);
    expect(second.requests.length).toBe(0);
  });

  it("pause the upstream while the client does not read, and go on when it does", async () => {
    const frame = `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"${"x".repeat(1000)}"}}\n\n`;
    const start = `event: message_start\ndata: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"usage":{"input_tokens":1,"output_tokens":1}}}\n\nevent: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n`;
    const end = `event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\nevent: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n`;
    const body = Buffer.from(start + frame.repeat(20_000) + end);
    await using peer = await startTcpPeer(
      answerRequests((socket) => {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: ${body.length}\r\n\r\n`);
        socket.write(body);
      }),
    );
    await using server = await startTestServer({ providers: [provider("one", peer.origin)] });
    const socket = await openSocket(server.port);
    socket.pause();
    socket.write(streamHead(messagesBody({ stream: true })));
    // All of it is in the upstream's hands from then on, and flows as far as the buffers between take it.
    await until(() => (peer.sockets[0]?.writableLength ?? 0) > 0);
    const before = process.memoryUsage().arrayBuffers;
    await new Promise((resolve) => setTimeout(resolve, 50));
    // What was sent fits into the socket buffers of two connections; the rest waits at the upstream.
    expect(peer.sockets[0]?.writableLength).toBeGreaterThan(body.length / 2);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
    let received = 0;
    let tail = "";
    socket.on("data", (chunk: Buffer) => {
      received += chunk.length;
      tail = (tail + chunk.toString("latin1")).slice(-100);
    });
    socket.resume();
    await until(() => tail.includes("message_stop"));
    expect(received).toBeGreaterThan(body.length);
    socket.destroy();
  });

  it("of 60 clients at once are all whole", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: paced(long, 1) });
    await using other = await startFakeUpstream({ dialect: "openai", defaultBehaviour: paced(long, 1) });
    await using failing = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: refuse(529) });
    const providers = [
      provider("failing", failing.url),
      provider("one", upstream.url),
      provider("two", other.url, { type: "openai" }),
    ];
    for (const config of [{ providers: providers.slice(0, 2) }, { providers: providers.slice(2) }]) {
      await using server = await startTestServer(config);
      const replies = await Promise.all(Array.from({ length: 60 }, () => postMessages(server.url, { stream: true })));
      for (const { status, body } of replies) {
        expect(status).toBe(200);
        expect(body).toMatch(/message_stop\ndata: .*\n\n$/);
      }
    }
  });
});
