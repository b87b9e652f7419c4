import { once } from "node:events";
import { createServer, request as ask } from "node:http";
import type { AddressInfo } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import type { Transport } from "@ccpb/core";
import { createHttpTransport } from "../../src/transport/transport.ts";
import { provider, startTestServer } from "../running-server.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const event = (type: string, more: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
const beginning =
  event("message_start", {
    message: { id: "m", type: "message", role: "assistant", model: "claude-opus-5", content: [], usage: {} },
  }) +
  event("content_block_start", { index: 0, content_block: { type: "text", text: "" } }) +
  event("content_block_delta", { index: 0, delta: { type: "text_delta", text: "Hi" } });
const end =
  event("content_block_stop", { index: 0 }) +
  event("message_delta", { delta: { stop_reason: "end_turn" }, usage: { input_tokens: 9, output_tokens: 2 } }) +
  event("message_stop", {});

it("a large request is not held while its answer streams", async () => {
  let isFirst = true;
  const upstream = createServer((incoming, response) => {
    incoming.resume().once("end", () => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(beginning);
      // The first one is whole, and weighed to learn how its model counts: it alone may stay.
      if (isFirst) response.end(end);
      isFirst = false;
    });
  }).listen(0, "127.0.0.1");
  await once(upstream, "listening");
  const http = createHttpTransport();
  const sent: WeakRef<ArrayBufferLike>[][] = [];
  const transport: Transport = (request, options) => {
    sent.push(request.body.filter(({ length }) => length > 10_000).map(({ buffer }) => new WeakRef(buffer)));
    return http.send(request, options);
  };
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const change = { bigModel: "mapped-model" };
  await using server = await startTestServer({ providers: [provider("one", url, change)] }, {}, { transport });
  for (let time = 0; time < 2; time += 1) {
    const messages = [{ role: "user", content: "x".repeat(300_000) }];
    const body = JSON.stringify({ model: "claude-opus-5", stream: true, max_tokens: 9, messages });
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const asked = ask({ host: "127.0.0.1", port: server.port, method: "POST", path: "/v1/messages", headers });
    const [answer] = (await once(asked.end(body), "response")) as [NodeJS.ReadableStream];
    const ended = once(answer, "end");
    await once(answer, "data");
    if (time === 0) await ended;
  }
  expect(sent).toHaveLength(2);
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  expect(sent[1]?.length).toBeGreaterThan(1);
  expect(sent[1]?.filter((buffer) => buffer.deref() !== undefined)).toEqual([]);
  http.close();
  upstream.closeAllConnections();
  upstream.close();
});
