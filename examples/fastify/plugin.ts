import { Readable } from "node:stream";
import {
  type Balancer,
  CcpbError,
  countTokens,
  errorReply,
  type RawRequest,
  type Reply,
  send,
  type Transport,
} from "@ccpb/core";
import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from "fastify";

export interface MessagesOptions {
  readonly balancer: Balancer;
  readonly transport: Transport;
}

/** `POST /v1/messages` and `/v1/messages/count_tokens` as a Fastify plugin; the parsers and error handlers of the rest of the application stay as they are. */
export const messagesPlugin: FastifyPluginCallback<MessagesOptions> = (app, { balancer, transport }, done) => {
  // A buffer, not JSON: an anthropic provider gets exactly the bytes that the client sent.
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, parsed) => parsed(null, body));

  const options = { bodyLimit: 32 * 1024 * 1024 };
  app.post("/v1/messages", options, async (request, reply) => {
    const call = balancer.open(rawRequest(request), { callId: request.id });
    return write(await send(call, transport, { signal: signalOf(reply) }), reply);
  });
  app.post("/v1/messages/count_tokens", options, async (request, reply) =>
    write(await countTokens(balancer, rawRequest(request), transport, { signal: signalOf(reply) }), reply),
  );

  // A bad request, or nobody could serve it: Anthropic's error shape, with `retry-after`.
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof CcpbError) return write(errorReply(error, request.id), reply);
    throw error;
  });
  done();
};

function rawRequest(request: FastifyRequest): RawRequest {
  const body = request.body instanceof Uint8Array ? request.body : new Uint8Array();
  const query = /\?.*/.exec(request.url)?.[0] ?? "";
  return { body, headers: request.headers, query };
}

/** Aborted when the client leaves; its upstream request then ends at once. */
function signalOf(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once("close", () => controller.abort());
  return controller.signal;
}

/** Fastify pulls from the stream no faster than the client reads, and hangs up if it breaks. */
function write({ status, headers, body }: Reply, reply: FastifyReply): FastifyReply {
  return reply
    .code(status)
    .headers(headers)
    .send(body instanceof Uint8Array ? body : Readable.from(body));
}
