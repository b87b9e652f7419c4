import { Readable } from "node:stream";
import { type Balancer, type Reply, respond, type Transport } from "@ccpb/core";
import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from "fastify";

export interface MessagesOptions {
  readonly balancer: Balancer;
  readonly transport: Transport;
}

/** What clients of the Messages, Chat Completions and Responses APIs ask, as a Fastify plugin, and `GET /health`; the parsers of the rest of the application stay as they are. */
export const messagesPlugin: FastifyPluginCallback<MessagesOptions> = (app, { balancer, transport }, done) => {
  // A buffer, not JSON: an anthropic provider gets exactly the bytes that the client sent.
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, parsed) => parsed(null, body));

  const serve = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { id: callId, method, url, headers } = request;
    const body = request.body instanceof Uint8Array ? request.body : new Uint8Array();
    const signal = signalOf(reply);
    // A bad request, or nobody could serve it: that is a reply too, in Anthropic's error shape with `retry-after`.
    return write(await respond(balancer, { method, url, headers, body }, transport, { signal, callId }), reply);
  };
  for (const path of ["/v1/*", "/api/hello"]) app.all(path, { bodyLimit: 32 * 1024 * 1024 }, serve);
  app.get("/health", (_request, reply) => {
    const isHealthy = balancer.status().providers.some(({ healthy }) => healthy);
    return reply.code(isHealthy ? 200 : 503).send({ status: isHealthy ? "healthy" : "unhealthy" });
  });
  done();
};

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
