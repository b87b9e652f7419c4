import { once } from "node:events";
import { request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import {
  cut,
  drop,
  paced,
  refuse,
  stall,
  startFakeUpstream,
  text,
  type Behaviour,
  type BehaviourSource,
} from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { provider, startTestServer } from "../running-server.ts";
import { answerRequests, startTcpPeer } from "../tcp-peer.ts";
import { clientName, door } from "./client-doors.ts";
import { askServer, type Dialect, dialects, expectServed, soon, startBench, timeouts, typeOf } from "./fault-bench.ts";

const long = paced(text("one two three four five six seven eight nine ten"), 1);

/** Where in an answer a client may leave, and what the upstream does meanwhile. */
const stages: Readonly<Record<string, Behaviour>> = {
  "before the head": drop("stall"),
  "within the head": {
    type: "wire",
    steps: [
      { type: "write", bytes: "HTTP/1.1 200 OK\r\nx-a: b" },
      { type: "end", by: "stall" },
    ],
  },
  "after the head": stall(long, "headers"),
  "after the first event": stall(long, "start"),
  "before the content": stall(long, "before-content"),
  "within the first content": stall(long, "mid-event"),
  "after the first content": stall(long, "after-content"),
  "in the middle": stall(long, "mid-content"),
  "before the end": stall(long, "before-end"),
  "within an error body": { ...refuse(500, { message: "x".repeat(200) }), stop: { at: { bytes: 20 }, by: "stall" } },
};

function open(url: string, stream: boolean): ClientRequest {
  const request = httpRequest(`${url}${door.path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    agent: false,
  });
  request.on("error", () => undefined);
  request.on("response", (response) => {
    response.on("error", () => undefined);
    response.resume();
  });
  request.end(JSON.stringify(door.request({ stream })));
  return request;
}

describe.each(dialects)("a client that leaves, %s,", (dialect) => {
  const cases = Object.keys(stages).flatMap((stage) => [true, false].map((stream) => ({ stage, stream })));

  it.each(cases)(
    "$stage, stream: $stream, cancels the upstream at once, and nobody is charged",
    async ({ stage, stream }) => {
      await using bench = await startBench({ dialect, first: stages[stage] as Behaviour });
      const request = open(bench.server.url, stream);
      const upstream = await bench.first.request(1);
      await new Promise((resolve) => setTimeout(resolve, 40));
      expect(bench.first.connections).toBe(1);
      const leftAt = performance.now();
      request.destroy();
      await soon(() => upstream.aborted, "the upstream request is cancelled");
      expect((upstream.abortedAtMs ?? Infinity) - leftAt).toBeLessThan(5_000);
      await soon(() => bench.completed().length === 1, "the call is over");
      expect(bench.completed()).toMatchObject([{ state: "client_cancelled" }]);
      expect(bench.second.requests.length).toBe(0);
      expect(await bench.providerView("first")).toMatchObject({
        healthy: true,
        failure_count: 0,
        requests: { in_flight: 0 },
      });
      expect(bench.server.lines("server_error")).toEqual([]);
      bench.first.setDefault(text("Back."));
      expectServed(await bench.ask(stream), "first", stream, "Back.");
    },
  );

  it("by half-closing its connection cancels the upstream too", async () => {
    await using bench = await startBench({ dialect, first: stall(long, "mid-content") });
    const socket = connect(bench.server.port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.resume();
    const body = JSON.stringify(door.request({ stream: true }));
    socket.write(
      `POST ${door.path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    const upstream = await bench.first.request(1);
    await new Promise((resolve) => setTimeout(resolve, 30));
    socket.end();
    await soon(() => upstream.aborted, "the upstream request is cancelled");
    await soon(() => bench.completed().length === 1, "the call is over");
    expect(bench.completed()).toMatchObject([{ state: "client_cancelled" }]);
    socket.destroy();
  });

  it("while a chain is walked stops the walk", async () => {
    await using bench = await startBench({ dialect, first: refuse(500), second: drop("stall") });
    const request = open(bench.server.url, true);
    const upstream = await bench.second.request(1);
    request.destroy();
    await soon(() => upstream.aborted, "the second upstream is cancelled");
    // The client has left before another provider showed that its request was good.
    for (const name of ["first", "second"]) {
      expect(await bench.providerView(name)).toMatchObject({ healthy: true, failure_count: 0 });
    }
  });

  it("while it is the probe hands the probe back", async () => {
    await using bench = await startBench({
      dialect,
      first: drop("stall"),
      script: [refuse(500)],
    });
    expectServed(await bench.ask(true), "second", true);
    bench.endCooldowns();
    const request = open(bench.server.url, true);
    const upstream = await bench.first.request(2);
    // Somebody else can serve meanwhile.
    expectServed(await bench.ask(true), "second", true);
    request.destroy();
    await soon(() => upstream.aborted, "the probe is cancelled");
    bench.first.setDefault(text("Back."));
    await soon(() => bench.completed().length === 3, "the call is over");
    expectServed(await bench.ask(true), "first", true, "Back.");
  });

  it("thirty at once leave nothing behind", async () => {
    await using bench = await startBench({ dialect, first: stall(long, "mid-content") });
    const requests = Array.from({ length: 30 }, (_, index) => open(bench.server.url, index % 3 !== 0));
    await bench.first.request(30);
    for (const request of requests) request.destroy();
    await soon(() => bench.first.connections === 0, "all upstream connections are gone");
    await soon(() => bench.completed().length === 30, "all calls are over");
    expect(await bench.providerView("first")).toMatchObject({
      healthy: true,
      failure_count: 0,
      requests: { in_flight: 0 },
    });
  });
});

function event(data: { readonly type: string } & Record<string, unknown>): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** A stream of many megabytes with `pieces` deltas, as an upstream of either type sends it. */
function bigStream(dialect: Dialect, pieces: number, size: number): Buffer {
  const words = "x".repeat(size);
  if (dialect === "responses") {
    const response = { id: "resp_1", object: "response", model: "m", status: "in_progress", output: [] };
    const item = { id: "msg_1", type: "message", role: "assistant", status: "in_progress", content: [] };
    const delta = { item_id: "msg_1", output_index: 0, content_index: 0, delta: words };
    return Buffer.from(
      event({ type: "response.created", response }) +
        event({ type: "response.output_item.added", output_index: 0, item }) +
        event({ type: "response.output_text.delta", ...delta }).repeat(pieces) +
        event({ type: "response.completed", response: { ...response, status: "completed" } }),
    );
  }
  if (dialect === "openai") {
    const chunk = (delta: unknown, finish: string | null = null): string =>
      `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", model: "m", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
    return Buffer.from(
      chunk({ role: "assistant" }) + chunk({ content: words }).repeat(pieces) + chunk({}, "stop") + "data: [DONE]\n\n",
    );
  }
  const start = event({
    type: "message_start",
    message: {
      id: "m",
      type: "message",
      role: "assistant",
      model: "m",
      content: [],
      stop_reason: null,
      usage: { input_tokens: 1, output_tokens: 1 },
    },
  });
  const block = event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } });
  const delta = event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: words } });
  const end =
    event({ type: "content_block_stop", index: 0 }) +
    event({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 5 } }) +
    event({ type: "message_stop" });
  return Buffer.from(start + block + delta.repeat(pieces) + end);
}

describe.each(dialects)("a slow client, %s,", (dialect) => {
  it("pauses the upstream, is not idle, holds little memory, and gets everything", async () => {
    const body = bigStream(dialect, 4_500, 10_000);
    let sent = 0;
    await using peer = await startTcpPeer(
      answerRequests((socket) => {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: ${body.length}\r\n\r\n`);
        const pump = (): void => {
          while (sent < body.length) {
            const more = body.subarray(sent, sent + 262_144);
            sent += more.length;
            if (!socket.write(more)) return void socket.once("drain", pump);
          }
        };
        pump();
      }),
    );
    const providers = [provider("one", dialect === "anthropic" ? peer.origin : `${peer.origin}/v1`, typeOf(dialect))];
    const deadlines = { ...timeouts, idleMs: 2_500 };
    await using server = await startTestServer({ providers, settings: { timeouts: deadlines } });
    const request = httpRequest(`${server.url}${door.path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      agent: false,
    });
    request.end(JSON.stringify(door.request({ stream: true, model: "m" })));
    const [response] = (await once(request, "response")) as [IncomingMessage];
    response.pause();
    await soon(() => sent > 1_000_000, "the stream begins");
    // Until nothing more moves for longer than idle.
    for (let before = -1; before !== sent;) {
      before = sent;
      for (let slept = 0; slept < 3_000; slept += 50) await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(sent).toBeLessThan(30_000_000);
    let received = 0;
    let tail = "";
    for await (const chunk of response) {
      received += (chunk as Buffer).length;
      tail = (tail + (chunk as Buffer).subarray(-600).toString()).slice(-600);
    }
    expect(server.lines("request_completed")).toMatchObject([{ state: "complete" }]);
    expect(received).toBeGreaterThan(45_000_000);
    expect(tail).toMatch(/message_stop|\[DONE\]|response.completed|"usage"/);
    expect(server.lines("request_completed")).toMatchObject([{ state: "complete" }]);
    expect(server.balancer.status().providers[0]).toMatchObject({ healthy: true, failureCount: 0 });
  });

  it("that dies while it sleeps lets the upstream go", async () => {
    const body = bigStream(dialect, 2_000, 10_000);
    await using peer = await startTcpPeer(
      answerRequests((socket) => {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: ${body.length}\r\n\r\n`);
        socket.write(body);
      }),
    );
    const providers = [provider("one", dialect === "anthropic" ? peer.origin : `${peer.origin}/v1`, typeOf(dialect))];
    await using server = await startTestServer({ providers, settings: { timeouts } });
    const request = httpRequest(`${server.url}${door.path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      agent: false,
    });
    request.end(JSON.stringify(door.request({ stream: true, model: "m" })));
    const [response] = (await once(request, "response")) as [IncomingMessage];
    response.on("error", () => undefined);
    response.pause();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(peer.sockets[0]?.destroyed).toBe(false);
    response.destroy();
    await soon(() => peer.sockets[0]?.destroyed === true, "the upstream is let go of");
    await soon(() => server.lines("request_completed").length === 1, "the call is over");
    expect(server.lines("request_completed")).toMatchObject([{ state: "client_cancelled" }]);
    expect(server.balancer.status().providers[0]).toMatchObject({ healthy: true, failureCount: 0, inFlight: 0 });
  });
});

describe.each(dialects)("keep-alive connections to upstreams, %s:", (dialect) => {
  const behaviours: Readonly<Record<string, BehaviourSource>> = {
    "reset when used again": (request) => (request.onConnection === 1 ? text("Fresh.") : drop("reset")),
    "closed when used again": (request) => (request.onConnection === 1 ? text("Fresh.") : drop("fin")),
    "closed while idle": { ...text("Fresh."), afterwards: { by: "fin", idleMs: 5 } },
    "reset while idle": { ...text("Fresh."), afterwards: { by: "reset", idleMs: 5 } },
    "closed right after the answer": { ...text("Fresh."), afterwards: { by: "fin", idleMs: 0 } },
    "closed as announced": { ...text("Fresh."), afterwards: "close" },
    "framed by closing": { ...text("Fresh."), framing: "close" },
  };

  it.each(Object.keys(behaviours))("%s: no client sees it, and the provider is not cooled", async (name) => {
    await using bench = await startBench({ dialect, first: behaviours[name] as BehaviourSource });
    for (const stream of [true, false, true, true, false]) {
      expectServed(await bench.ask(stream), "first", stream, "Fresh.");
      if (name.includes("idle")) await new Promise((resolve) => setTimeout(resolve, 7));
    }
    const burst = await Promise.all(Array.from({ length: 12 }, (_, index) => bench.ask(index % 2 === 0)));
    burst.forEach((reply, index) => expectServed(reply, "first", index % 2 === 0, "Fresh."));
    expect(await bench.providerView("first")).toMatchObject({ healthy: true, failure_count: 0 });
    expect(bench.second.requests.length).toBe(0);
  });

  it("that die although they are fresh count", async () => {
    await using bench = await startBench({
      dialect,
      first: (request) => (request.number === 1 ? text("Once.") : drop("reset")),
    });
    expectServed(await bench.ask(true), "first", true, "Once.");
    expectServed(await bench.ask(true), "second", true);
    // The kept one, and one fresh try.
    expect(bench.first.requests.length).toBe(3);
    expect(await bench.providerView("first")).toMatchObject({ healthy: false, failure_count: 1 });
    expect(bench.completed()[1]).toMatchObject({
      attempts: [{ retry: "fresh-socket" }, { outcome: "failed" }, { provider: "second" }],
    });
  });

  it("are used again, also after an error and after a whole stream", async () => {
    await using bench = await startBench({ dialect, first: text("Kept.") });
    for (const stream of [true, false, true]) expectServed(await bench.ask(stream), "first", stream, "Kept.");
    bench.first.script(refuse(400, { message: "bad" }));
    expect((await bench.ask(true)).status).toBe(400);
    expectServed(await bench.ask(true), "first", true, "Kept.");
    expect(bench.first.accepted).toBe(1);
  });

  it("an unasked 100 Continue is passed over on every one of their answers, in any cut", async () => {
    const body =
      dialect !== "openai" && dialect !== "responses"
        ? JSON.stringify({
            id: "m",
            type: "message",
            role: "assistant",
            model: "m",
            content: [{ type: "text", text: "After." }],
            stop_reason: "end_turn",
            usage: { input_tokens: 1, output_tokens: 1 },
          })
        : dialect === "responses"
          ? JSON.stringify({
              id: "resp_1",
              object: "response",
              model: "m",
              status: "completed",
              output: [{ type: "message", role: "assistant", content: [{ type: "output_text", text: "After." }] }],
            })
          : JSON.stringify({
              id: "c",
              object: "chat.completion",
              choices: [{ index: 0, message: { role: "assistant", content: "After." }, finish_reason: "stop" }],
            });
    const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
    const pieces = [
      ["HTTP/1.1 100 Continue\r\n\r\n", `${head}${body}`],
      [`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\nx: y\r\n\r\n${head}${body}`],
      ["HTTP/1.1 100 Cont", `inue\r\n\r\n${head}`, body],
      [`${head}${body}`],
    ];
    await using peer = await startTcpPeer(
      answerRequests((socket, count) => {
        (pieces[count] ?? []).forEach((piece, index) => setTimeout(() => socket.write(piece), index * 10));
      }),
    );
    const providers = [provider("one", dialect === "anthropic" ? peer.origin : `${peer.origin}/v1`, typeOf(dialect))];
    await using server = await startTestServer({ providers, settings: { timeouts } });
    for (let round = 0; round < pieces.length; round += 1) {
      expectServed(await askServer(server.url, { stream: false, model: "m" }), "one", false, "After.");
    }
    expect(peer.sockets.length).toBe(1);
  });
});

it.runIf(clientName === "messages")(
  "a client's own connection is good for the next request after every ordinary end",
  async () => {
    await using upstream = await startFakeUpstream({
      dialect: "anthropic",
      script: [long, refuse(413), cut(long, "mid-content"), cut(long, "end", "stall"), text("Last.")],
    });
    await using server = await startTestServer({
      providers: [provider("one", upstream.url)],
      settings: { timeouts, failureCooldownMs: 1 },
    });
    const socket = connect(server.port, "127.0.0.1");
    let received = "";
    socket.on("data", (chunk) => (received += chunk.toString()));
    const body = JSON.stringify(door.request({ stream: true }));
    const post = `POST ${door.path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    // The last one comes in one piece, and so with its length.
    for (const ending of ["0\r\n\r\n", "}", "0\r\n\r\n", "0\r\n\r\n", '"message_stop"}\n\n']) {
      received = "";
      socket.write(post);
      await soon(() => received.endsWith(ending), `an answer that ends with ${JSON.stringify(ending)}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(received).toContain("Last.");
    expect(upstream.requests.length).toBe(5);
    socket.destroy();
  },
);
