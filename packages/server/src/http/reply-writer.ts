import { once } from "node:events";
import type { InboundRequest } from "./inbound-request.ts";
import type { ServerReply } from "./server-reply.ts";
import { writeStream } from "./stream-writer.ts";
import { endOfTurn } from "./turn.ts";
import { visible } from "../base/visible-text.ts";

// Time for which a refused body is still read, so that the client sees the answer instead of a reset.
const lingerMs = 2_000;

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

// Characters that a header's value may hold and that do not mislead a reader. node:http throws for anything beyond latin1.
const plainHeader = /^[\t -~\xa0-\xac\xae-\xff]*$/;

function headerText(value: string): string {
  if (plainHeader.test(value)) return value;
  const escaped = visible(value).replace(/[^\t -~\xa0-\xff]/gu, (character) => encodeURIComponent(character));
  // Core has bounded the sum of all values; escapes must not take it beyond what clients accept.
  return escaped.slice(0, value.length);
}

/** Names and values in turn: the form that node:http writes out with the least ado. */
function headersOf(inbound: InboundRequest, reply: ServerReply, mustClose: boolean): string[] {
  const { headers, body, provider, attempts } = reply;
  const flat: string[] = [];
  for (const name in headers) flat.push(name, headerText(headers[name] ?? ""));
  if (headers["request-id"] === undefined) flat.push("request-id", inbound.id);
  flat.push("x-request-id", inbound.id);
  flat.push("x-response-time-ms", String(Math.round(performance.now() - inbound.startedAtMs)));
  if (provider !== undefined && provider !== "") flat.push("x-ccpb-provider", headerText(provider));
  if (attempts !== undefined) flat.push("x-ccpb-attempts", String(attempts));
  if (mustClose) flat.push("connection", "close");
  if (body instanceof Uint8Array) flat.push("content-length", String(body.length));
  return flat;
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
