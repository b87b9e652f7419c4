import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { CcpbError } from "@ccpb/core";
import { ClientGoneError, type InboundRequest } from "./inbound-request.ts";
import type { ServerReply } from "./server-reply.ts";
import { endOfTurn } from "./turn.ts";

// A reader that takes nothing for this long is as good as gone: its upstream is held meanwhile.
const stalledClientMs = 300_000;
// How long, and how many bytes, a refused body is still read, so that the client sees the answer rather than a reset.
const lingerMs = 2_000;

const stoppingEvent = `event: error\ndata: ${JSON.stringify({
  type: "error",
  error: { type: "api_error", message: "The balancer is stopping; send the request again." },
})}\n\n`;

/** Writes a reply whole, with back-pressure; resolves when it is out of our hands. Rejects with what the body throws. */
export async function writeReply(inbound: InboundRequest, reply: ServerReply, mustClose: boolean): Promise<void> {
  const { response, incoming } = inbound;
  if (response.destroyed || response.headersSent) return;
  const isUnread = inbound.contentLength !== 0 && !incoming.complete;
  const { body } = reply;
  response.writeHead(reply.status, headersOf(inbound, reply, mustClose || isUnread));
  if (!(body instanceof Uint8Array)) {
    await writeStream(inbound, body);
    return;
  }
  if (isUnread) await linger(inbound, body);
  else {
    await endOfTurn();
    if (!response.destroyed) response.end(inbound.method === "HEAD" ? undefined : body);
  }
}

/** Names and values in turn: the form that node:http writes out with the least ado. */
function headersOf(inbound: InboundRequest, reply: ServerReply, mustClose: boolean): string[] {
  const { headers, body, provider, attempts } = reply;
  const flat: string[] = [];
  for (const name in headers) flat.push(name, headers[name] ?? "");
  if (headers["request-id"] === undefined) flat.push("request-id", inbound.id);
  flat.push("x-request-id", inbound.id);
  flat.push("x-response-time-ms", String(Math.round(performance.now() - inbound.startedAtMs)));
  if (provider !== undefined && provider !== "") flat.push("x-ccpb-provider", provider);
  if (attempts !== undefined) flat.push("x-ccpb-attempts", String(attempts));
  if (mustClose) flat.push("connection", "close");
  if (body instanceof Uint8Array) flat.push("content-length", String(body.length));
  return flat;
}

async function writeStream(inbound: InboundRequest, body: AsyncIterable<Uint8Array>): Promise<void> {
  const { response } = inbound;
  try {
    for await (const chunk of body) {
      if (response.destroyed) return;
      if (!response.write(chunk) && response.writableNeedDrain) await drained(response);
    }
  } catch (error) {
    // Whatever went wrong: a stream that is not whole must not end as if it were. What was written before is the client's all the same.
    if (isBrokenStream(error)) await flushed(response);
    response.destroy();
    if (isBrokenStream(error) || error instanceof ClientGoneError) return;
    throw error;
  }
  if (inbound.isCutOff) response.write(stoppingEvent);
  response.end();
}

function isBrokenStream(error: unknown): boolean {
  return error instanceof CcpbError && error.code === "stream_broken";
}

/** Resolves when the client has taken what was written, or is gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const stalled = setTimeout(() => response.destroy(), stalledClientMs);
    const done = (): void => {
      clearTimeout(stalled);
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    response.on("drain", done);
    response.on("close", done);
  });
}

/** Resolves when what was written is on its way to the client, the client is gone, or it takes nothing for a while. */
function flushed({ socket }: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (socket === null || socket.destroyed) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      socket.off("close", done);
      resolve();
    };
    const timer = setTimeout(done, lingerMs);
    socket.on("close", done);
    // node:http gathers what is written in one turn, and hands it to the socket after it.
    setImmediate(() => socket.write("", done));
  });
}

/** Answers a request whose body is still on its way: the answer goes out first, the rest of the body is read and thrown away for a while. */
async function linger(inbound: InboundRequest, body: Uint8Array): Promise<void> {
  const { response, incoming } = inbound;
  response.write(body);
  if (incoming.closed) return;
  incoming.resume();
  const timer = setTimeout(() => incoming.destroy(), lingerMs);
  await once(incoming, "close").catch(() => undefined);
  clearTimeout(timer);
  response.end();
}
