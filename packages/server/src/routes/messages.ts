import {
  countTokens,
  respond,
  sendWithEarlyHeaders,
  type CallContext,
  type ClientPath,
  type DialectName,
  type RawRequest,
} from "@ccpb/core";
import { beginBodyScan } from "@ccpb/json-scan";
import { type Caller, mayUseOf } from "../http/permissions.ts";
import type { ArrivedBody, InboundRequest } from "../http/inbound-request.ts";
import type { Handler, ServerContext } from "./server-context.ts";
import type { ServerReply } from "../http/server-reply.ts";

/** Returns the handler of a path at which the clients of an API ask: for an answer, which is one call of the balancer, or for a count of tokens. */
export function modelHandler({ dialect, type }: ClientPath): Handler {
  const answer = type === "answer" ? answerCall : answerCount;
  return (inbound, context, caller) => answer(inbound, context, { caller, dialect });
}

/** Client that asks, and its API. */
interface Asking {
  readonly caller: Caller;
  readonly dialect: DialectName;
}

async function answerCall(
  inbound: InboundRequest,
  context: ServerContext,
  { caller, dialect }: Asking,
): Promise<ServerReply> {
  // Settles when the answer begins: from then on core holds no body.
  const reply = await context.bodies.withBody(
    inbound,
    async (body, holdUntil) => {
      const asked = callContext(inbound, context, { caller, dialect });
      const call = context.balancer.open(rawRequest(body, inbound, context), asked);
      const { earlyHeadersMs } = context.balancer;
      const sent = await sendWithEarlyHeaders(call, context.transport, { signal: inbound.signal, earlyHeadersMs });
      if (sent.pending !== undefined) holdUntil(sent.pending);
      return sent;
    },
    beginBodyScan,
  );
  // Neither the provider nor the number of attempts is known yet.
  if (reply.pending !== undefined) return { status: reply.status, headers: reply.headers, body: reply.body };
  const name = headerText(reply.provider);
  return name === reply.provider ? reply : { ...reply, provider: name };
}

/** Counts tokens: asked of a provider that can count, else estimated. */
async function answerCount(
  inbound: InboundRequest,
  context: ServerContext,
  { caller, dialect }: Asking,
): Promise<ServerReply> {
  const mayUse = mayUseOf(caller);
  const { status, headers, body } = await context.bodies.withBody(
    inbound,
    (body) =>
      countTokens(context.balancer, rawRequest(body, inbound, context), context.transport, {
        signal: inbound.signal,
        countTexts: context.tokenizer.countTexts,
        ...(mayUse && { mayUse }),
        dialect,
      }),
    beginBodyScan,
  );
  const source = headers["x-ccpb-token-count"] ?? "provider";
  context.log.write("INFO", "token_count", `tokens counted (${source})`, { request_id: inbound.id, status, source });
  return { status, headers, body };
}

/** Passes requests about a response that a provider holds, and `POST /v1/responses/compact`, on to a provider that has it. */
export const passToProvider: Handler = async (inbound, context, caller): Promise<ServerReply> => {
  const mayUse = mayUseOf(caller);
  const { method, path, query, signal } = inbound;
  return context.bodies.withBody(inbound, async (body) => {
    const { headers } = rawRequest(body, inbound, context);
    const request = { method, url: path + query, headers: headers ?? {}, body: Buffer.concat(body.chunks) };
    const reply = await respond(context.balancer, request, context.transport, {
      signal,
      callId: inbound.id,
      ...(mayUse && { mayUse }),
    });
    // They are written from `provider` and `attempts`.
    const { "x-ccpb-provider": _provider, "x-ccpb-attempts": _attempts, ...rest } = reply.headers;
    return { ...reply, headers: rest, provider: headerText(reply.provider) };
  });
};

function rawRequest(
  { chunks, memberOffsets }: ArrivedBody,
  inbound: InboundRequest,
  context: ServerContext,
): RawRequest {
  const headers = context.access.keys.without(inbound.headers);
  return { body: chunks, headers, query: inbound.query, memberOffsets };
}

function callContext(inbound: InboundRequest, { steering }: ServerContext, { caller, dialect }: Asking): CallContext {
  const { inForce } = steering;
  const pin = inbound.headers["x-ccpb-provider"];
  const mayUse = mayUseOf(caller);
  // Member by member: done for each call, and spreading optional members costs more than the rest of it.
  const context: { -readonly [Name in keyof CallContext]: CallContext[Name] } = { callId: inbound.id, dialect };
  if (typeof pin === "string") context.pin = nameOfHeader(pin);
  if (caller.name !== undefined) context.client = caller.name;
  if (caller.settings !== undefined) context.priority = caller.settings.priority;
  if (mayUse !== undefined) context.mayUse = mayUse;
  if (!inForce.blocksNone) context.refuseSession = (id) => inForce.refuseSession(id);
  return context;
}

/** A provider's name for a header: percent-encoded where it holds what a header cannot, such as CJK. */
function headerText(name: string): string {
  return /[^\u0020-\u007e]/.test(name) ? encodeURIComponent(name) : name;
}

// The same name as a client sends it: encoded as we answer it, or as the bytes of UTF-8, which Node reads as Latin-1.
function nameOfHeader(value: string): string {
  if (!/%[0-9a-f]{2}|[^\u0020-\u007e]/i.test(value)) return value;
  try {
    const name = decodeURIComponent(/[^\u0020-\u007e]/.test(value) ? encodeLatin1(value) : value);
    return headerText(name) === name ? value : name;
  } catch {
    // Neither: then it is the name itself.
    return value;
  }
}

function encodeLatin1(value: string): string {
  return Buffer.from(value, "latin1").reduce((text, byte) => `${text}%${byte.toString(16).padStart(2, "0")}`, "");
}
