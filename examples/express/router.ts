// oxlint-disable oxc/no-async-endpoint-handlers -- Express 5 passes a rejected promise on to its error handlers
import { pipeline } from "node:stream/promises";
import { type Balancer, type Reply, respond, type Transport } from "@ccpb/core";
import express, { type Request, type Response, type Router } from "express";

/** What clients of the Messages, Chat Completions and Responses APIs ask, for an Express 5 application, and `GET /health` and `/providers` to see who is well. */
export function messagesRouter(balancer: Balancer, transport: Transport): Router {
  const router = express.Router();
  // raw(), not json(): an anthropic provider gets exactly the bytes that the client sent.
  router.use(express.raw({ type: "application/json", limit: "32mb" }));

  // A bad request, or nobody could serve it: that is a reply too, in Anthropic's error shape with `retry-after`.
  router.all(["/v1/*path", "/api/hello"], async (request, response) => {
    const { method, originalUrl: url, headers } = request;
    const signal = signalOf(response);
    await write(
      await respond(balancer, { method, url, headers, body: bytesOf(request) }, transport, { signal }),
      response,
    );
  });

  router.get("/health", (_request, response) => {
    const isHealthy = balancer.status().providers.some(({ healthy }) => healthy);
    response.status(isHealthy ? 200 : 503).json({ status: isHealthy ? "healthy" : "unhealthy" });
  });

  router.get("/providers", (_request, response) => {
    response.json(balancer.status());
  });

  router.use(((error, _request, response, next) => {
    // The client has left, or the stream broke half-way: there is nobody to tell.
    if (!response.destroyed) next(error);
  }) satisfies express.ErrorRequestHandler);
  return router;
}

function bytesOf({ body }: Request): Uint8Array {
  return body instanceof Uint8Array ? body : new Uint8Array();
}

/** Aborted when the client leaves; its upstream request then ends at once. */
function signalOf(response: Response): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => controller.abort());
  return controller.signal;
}

async function write(reply: Reply, response: Response): Promise<void> {
  response.status(reply.status).set(reply.headers);
  if (reply.body instanceof Uint8Array) response.end(reply.body);
  // Waits while the client is slow; hangs up if the stream breaks where only that is honest.
  else await pipeline(reply.body, response);
}
