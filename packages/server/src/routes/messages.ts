import { countTokens, send, type CallContext, type RawRequest } from "@ccpb/core";
import type { InboundRequest } from "../inbound-request.ts";
import type { Handler, ServerContext } from "../server-context.ts";
import type { ServerReply } from "../server-reply.ts";

/** `POST /v1/messages`: one call of the balancer. */
export const postMessages: Handler = async (inbound, context): Promise<ServerReply> => {
  const request = await rawRequest(inbound, context);
  const call = context.balancer.open(request, callContext(inbound));
  return send(call, context.transport, { signal: inbound.signal });
};

/** `POST /v1/messages/count_tokens`: asked of a provider that can count, else estimated. */
export const postCountTokens: Handler = async (inbound, context): Promise<ServerReply> => {
  const request = await rawRequest(inbound, context);
  const { status, headers, body } = await countTokens(context.balancer, request, context.transport, {
    signal: inbound.signal,
  });
  const source = headers["x-ccpb-token-count"] ?? "provider";
  context.log.write("INFO", "token_count", `tokens counted (${source})`, { request_id: inbound.id, status, source });
  return { status, headers, body };
};

async function rawRequest(inbound: InboundRequest, context: ServerContext): Promise<RawRequest> {
  const body = await inbound.readBody();
  return { body, headers: context.access.keys.without(inbound.headers), query: inbound.query };
}

function callContext(inbound: InboundRequest): CallContext {
  const pin = inbound.headers["x-ccpb-provider"];
  return typeof pin === "string" ? { callId: inbound.id, pin } : { callId: inbound.id };
}
