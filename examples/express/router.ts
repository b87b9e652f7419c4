// oxlint-disable oxc/no-async-endpoint-handlers -- Express 5 passes a rejected promise on to its error handlers
import { randomUUID } from "node:crypto";
import { pipeline } from "node:stream/promises";
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
import express, { type ErrorRequestHandler, type Request, type Response, type Router } from "express";

/** `POST /v1/messages` and `/v1/messages/count_tokens` for an Express 5 application, and `GET /providers` to see who is well. */
export function messagesRouter(balancer: Balancer, transport: Transport): Router {
  const router = express.Router();
  // raw(), not json(): an anthropic provider gets exactly the bytes that the client sent.
  router.use(express.raw({ type: "application/json", limit: "32mb" }));

  router.post("/v1/messages", async (request, response) => {
    const signal = signalOf(response);
    const callId = callIdOf(response);
    await write(await send(balancer.open(rawRequest(request), { callId }), transport, { signal }), response);
  });

  router.post("/v1/messages/count_tokens", async (request, response) => {
    const signal = signalOf(response);
    await write(await countTokens(balancer, rawRequest(request), transport, { signal }), response);
  });

  router.get("/providers", (_request, response) => {
    response.json(balancer.status());
  });

  router.use(answerError);
  return router;
}

function rawRequest(request: Request): RawRequest {
  const body = request.body instanceof Uint8Array ? request.body : new Uint8Array();
  const query = /\?.*/.exec(request.url)?.[0] ?? "";
  return { body, headers: request.headers, query };
}

/** Aborted when the client leaves; its upstream request then ends at once. */
function signalOf(response: Response): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => controller.abort());
  return controller.signal;
}

function callIdOf(response: Response): string {
  response.locals["callId"] ??= `req_${randomUUID()}`;
  return String(response.locals["callId"]);
}

async function write(reply: Reply, response: Response): Promise<void> {
  response.status(reply.status).set(reply.headers);
  if (reply.body instanceof Uint8Array) response.end(reply.body);
  // Waits while the client is slow; hangs up if the stream breaks where only that is honest.
  else await pipeline(reply.body, response);
}

const answerError: ErrorRequestHandler = (error: unknown, _request, response: Response, next) => {
  // The client has left, or the stream broke half-way: there is nobody to tell.
  if (response.destroyed) return;
  if (!(error instanceof CcpbError)) return next(error);
  // A bad request, or nobody could serve it: Anthropic's error shape, with `retry-after`.
  void write(errorReply(error, callIdOf(response)), response);
};
