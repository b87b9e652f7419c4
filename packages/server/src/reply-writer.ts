import { once } from "node:events";
import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import { CcpbError } from "@ccpb/core";
import { ClientGoneError, type InboundRequest } from "./inbound-request.ts";
import type { ServerReply } from "./server-reply.ts";

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
  const headers = headersOf(inbound, reply, mustClose || isUnread);
  const { body } = reply;
  if (!(body instanceof Uint8Array)) {
    response.writeHead(reply.status, headers);
    await writeStream(inbound, body);
    return;
  }
  headers["content-length"] = body.length;
  response.writeHead(reply.status, headers);
  if (isUnread) await linger(inbound, body);
  else response.end(inbound.method === "HEAD" ? undefined : body);
}

function headersOf(inbound: InboundRequest, reply: ServerReply, mustClose: boolean): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = { ...reply.headers };
  headers["request-id"] ??= inbound.id;
  headers["x-request-id"] = inbound.id;
  headers["x-response-time-ms"] = Math.round(performance.now() - inbound.startedAtMs);
  if (reply.provider !== undefined) headers["x-ccpb-provider"] = reply.provider;
  if (reply.attempts !== undefined) headers["x-ccpb-attempts"] = reply.attempts;
  if (mustClose) headers["connection"] = "close";
  return headers;
}

async function writeStream(inbound: InboundRequest, body: AsyncIterable<Uint8Array>): Promise<void> {
  const { response } = inbound;
  try {
    for await (const chunk of body) {
      if (response.destroyed) return;
      if (!response.write(chunk) && response.writableNeedDrain) await drained(response);
    }
  } catch (error) {
    // Whatever went wrong: a stream that is not whole must not end as if it were.
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
