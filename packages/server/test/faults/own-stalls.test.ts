import { once } from "node:events";
import { createServer } from "node:net";
import type { TimeoutsMs } from "@ccpb/core";
import { afterEach, describe, expect, it } from "vitest";
import { createHttpTransport } from "../../src/transport/transport.ts";
import { postMessages, provider, startTestServer } from "../running-server.ts";
import { answerRequests, startTcpPeer } from "../tcp-peer.ts";

const deadlineMs = 2_000;
const generous = { connectMs: 30_000, responseMs: 30_000, firstContentMs: 30_000, idleMs: 30_000, totalMs: 30_000 };

/** Holds this process up, with everything in it, until a deadline that began before is over. */
function standStill(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, deadlineMs + 200);
}

const event = (data: { readonly type: string }): string => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
const message = { id: "msg_1", type: "message", role: "assistant", model: "m", stop_sequence: null };
const usage = { input_tokens: 3, output_tokens: 5 };
const start = [
  { type: "message_start", message: { ...message, content: [], stop_reason: null, usage } },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
];
const delta = (text: string): { readonly type: string } & Readonly<Record<string, unknown>> => ({
  type: "content_block_delta",
  index: 0,
  delta: { type: "text_delta", text },
});
const end = [
  { type: "content_block_stop", index: 0 },
  { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage },
  { type: "message_stop" },
];
const streamHead = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
const text = JSON.stringify({
  ...message,
  content: [{ type: "text", text: "in time" }],
  stop_reason: "end_turn",
  usage,
});
const json = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${text.length}\r\n\r\n`;

interface Case {
  readonly phase: string;
  readonly timeouts: Partial<TimeoutsMs>;
  readonly stream: boolean;
  /** What comes of the answer a while before the process stands still, and what while it does. */
  readonly before: string;
  readonly meanwhile: string;
}

const events = (list: readonly { readonly type: string }[]): string => list.map(event).join("");

const cases: readonly Case[] = [
  {
    phase: "response",
    timeouts: { responseMs: deadlineMs },
    stream: true,
    before: "",
    meanwhile: streamHead + events([...start, delta("in time"), ...end]),
  },
  {
    phase: "first content",
    timeouts: { firstContentMs: deadlineMs },
    stream: true,
    before: streamHead + events(start),
    meanwhile: events([delta("in time"), ...end]),
  },
  {
    phase: "idle",
    timeouts: { idleMs: deadlineMs },
    stream: true,
    before: streamHead + events([...start, delta("in ")]),
    meanwhile: events([delta("time"), ...end]),
  },
  {
    phase: "total",
    timeouts: { totalMs: deadlineMs },
    stream: false,
    before: json + text.slice(0, 10),
    meanwhile: text.slice(10),
  },
  { phase: "call", timeouts: { callMs: deadlineMs }, stream: false, before: "", meanwhile: json + text },
];

describe("a process that stands still past a deadline", () => {
  it.each(cases)("reads what came in time before the $phase deadline passes", async (one) => {
    await using peer = await startTcpPeer(
      answerRequests((socket) => {
        socket.write(one.before);
        // The first half is read in the turns between. After `setImmediate` callbacks, Node runs due timers before it reads the rest.
        setTimeout(() => {
          setImmediate(() => {
            socket.end(one.meanwhile);
            standStill();
          });
        }, 100);
      }),
    );
    await using server = await startTestServer({
      providers: [provider("first", peer.origin)],
      settings: { timeouts: { ...generous, callMs: 60_000, ...one.timeouts } },
    });
    const reply = await postMessages(server.url, { stream: one.stream });
    expect(reply.status, reply.body).toBe(200);
    expect(reply.body).toContain(one.stream ? "message_stop" : "in time");
    expect(reply.body).not.toContain("error");
    expect(server.lines("provider_request_failed")).toEqual([]);
  });

  const listening = createServer();
  afterEach(() => void listening.close());

  it("takes a connection that was made in time", async () => {
    listening.listen(0, "127.0.0.1");
    await once(listening, "listening");
    const address = listening.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const transport = createHttpTransport();
    const connected = once(listening, "connection");
    const over = new AbortController();
    const sent = transport.send(
      { method: "POST", url: `http://127.0.0.1:${address.port}/`, headers: {}, body: [] },
      { signal: over.signal, connectTimeoutMs: deadlineMs, freshSocket: false },
    );
    setImmediate(standStill);
    const request = connected.then(([socket]) => once(socket, "data")).then(([bytes]) => String(bytes));
    expect(await Promise.race([request, sent.then(() => "an answer", String)])).toMatch(/^POST \/ HTTP/);
    over.abort();
    await sent.catch(() => undefined);
    transport.close();
  });
});
