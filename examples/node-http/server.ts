import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { type Balancer, CcpbError, respond, type Transport } from "@ccpb/core";

const maxBodyBytes = 32 * 1024 * 1024;

/** A server for clients of the Messages, Chat Completions and Responses APIs, with `GET /health` for probes: give clients its address as `ANTHROPIC_BASE_URL`. */
export function createMessagesServer(balancer: Balancer, transport: Transport): Server {
  return createServer((request, response) => {
    serve(balancer, transport, { request, response }).catch((error: unknown) => {
      // A stream that broke after its first content, or a client that left: all that is left to do is to hang up.
      response.destroy();
      if (!(error instanceof CcpbError) && !isClientGone(error)) console.error(error);
    });
  });
}

async function serve(
  balancer: Balancer,
  transport: Transport,
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
): Promise<void> {
  // A client that leaves takes its upstream request with it, at whatever stage that is.
  const client = new AbortController();
  response.once("close", () => client.abort(clientGone));

  const { method = "GET", url = "/", headers } = request;
  if (url === "/health") return writeHealth(balancer, response);
  // Raw bytes: an anthropic provider gets exactly what the client sent.
  const body = (): Promise<Uint8Array> => readBody(request);
  const reply = await respond(balancer, { method, url, headers, body }, transport, { signal: client.signal });
  response.writeHead(reply.status, reply.headers);
  if (reply.body instanceof Uint8Array) response.end(reply.body);
  // `pipeline` waits while the client is slow, and so does the upstream.
  else await pipeline(reply.body, response);
}

function writeHealth(balancer: Balancer, response: ServerResponse): void {
  const isHealthy = balancer.status().providers.some(({ healthy }) => healthy);
  response.writeHead(isHealthy ? 200 : 503, { "content-type": "application/json" });
  response.end(JSON.stringify({ status: isHealthy ? "healthy" : "unhealthy" }));
}

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > maxBodyBytes) {
      throw new CcpbError("invalid_request", "The body is larger than 32 MiB", {
        status: 413,
        type: "request_too_large",
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const clientGone = new Error("the client left");

function isClientGone(error: unknown): boolean {
  return error === clientGone || (error as NodeJS.ErrnoException).code === "ERR_STREAM_PREMATURE_CLOSE";
}
