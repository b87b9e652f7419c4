import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { defaultSettings } from "@ccpb/core";
import { describe, expect, it } from "vitest";
import { provider, startTestServer, until } from "../running-server.ts";
import { askAs, authOf, client } from "./team-stage.ts";

const sse = (event: string, data: object): string =>
  `event: ${event}\ndata: ${JSON.stringify({ type: event, ...data })}\n\n`;
const usage = { input_tokens: 1, output_tokens: 1 };
const message = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "m",
  content: [],
  stop_reason: null,
  stop_sequence: null,
  usage,
};
const head =
  sse("message_start", { message }) +
  sse("content_block_start", { index: 0, content_block: { type: "text", text: "" } });
const tail =
  sse("content_block_delta", { index: 0, delta: { type: "text_delta", text: "hi" } }) +
  sse("content_block_stop", { index: 0 }) +
  sse("message_delta", { delta: { stop_reason: "end_turn", stop_sequence: null }, usage }) +
  sse("message_stop", {});

const { timeouts } = defaultSettings;
const patient = { ...timeouts, responseMs: 600_000, firstContentMs: 600_000, idleMs: 600_000 };

/** An upstream that begins each stream at once, and ends one when it is told to. */
async function startPatient() {
  const open: ServerResponse[] = [];
  /** The clients in the order in which their streams reached the upstream. */
  const order: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      order.push(/from (\w+)/.exec(body)?.[1] ?? "");
      open.push(response);
      response.writeHead(200, { "content-type": "text/event-stream" }).write(head);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    open,
    order,
    endOldest: () => void open.shift()?.end(tail),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

describe("200 parallel streams over sockets at a provider with 20 places", () => {
  it("come to their turns fairly: a client with few streams waits for few turns", async () => {
    await using upstream = await startPatient();
    const names = ["hog", "alice", "bob", "carol", "dave", "erin"];
    await using server = await startTestServer(
      {
        providers: [provider("one", upstream.url, { maxConcurrent: 20 })],
        // However long the turns take on a busy machine.
        settings: { ...defaultSettings, queueTimeoutMs: 600_000, timeouts: patient },
      },
      { ...authOf(...names.map((name) => client(name)), client("ops", { role: "operator" })), logLevel: "INFO" },
    );
    const ask = (name: string): ReturnType<typeof askAs> =>
      askAs(server.url, name, { stream: true, messages: [{ role: "user", content: `from ${name}` }] });
    const replies = Array.from({ length: 150 }, () => ask("hog"));
    await until(() => upstream.open.length === 20 && server.balancer.status().waiting === 130);
    for (let index = 0; index < 10; index += 1) replies.push(...names.slice(1).map(ask));
    await until(() => server.balancer.status().waiting === 180);
    for (let ended = 0; ended < 200; ended += 1) {
      const { length } = upstream.order;
      upstream.endOldest();
      if (length < 200) await until(() => upstream.order.length > length);
    }
    for (const reply of await Promise.all(replies)) expect(reply.status).toBe(200);
    const turns = (name: string): readonly number[] =>
      upstream.order.flatMap((one, at) => (one === name ? [Math.max(0, at - 19)] : []));
    const report = names.map((name) => ({ name, streams: turns(name).length, last: turns(name).at(-1) ?? 0 }));
    // Six clients take turns: the tenth stream of each has gone after sixty turns, while first in, first out would have taken 180.
    for (const { name, streams, last } of report.slice(1)) {
      expect({ name, streams }).toEqual({ name, streams: 10 });
      expect(last).toBeLessThanOrEqual(60);
    }
    expect(report[0]).toMatchObject({ name: "hog", streams: 150, last: 180 });
    const waited = server.lines("request_completed").filter((line) => line["client"] === "alice");
    expect(waited).toHaveLength(10);
    for (const line of waited) expect(line["waited_ms"]).toBeGreaterThan(0);
  });
});
