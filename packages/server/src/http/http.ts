import { createServer as createPlainServer, STATUS_CODES, type Server, type ServerOptions } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer as createTlsServer, type ServerOptions as TlsServerOptions } from "node:https";
import type { Duplex } from "node:stream";
import { limitHandshakes } from "./handshake-deadline.ts";

/** A certificate chain and its key, in PEM. */
export interface TlsMaterial {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Takes one request; `expectsContinue` when the client waits for `100 Continue` before it sends the body. */
export type RequestListener = (incoming: IncomingMessage, response: ServerResponse, expectsContinue: boolean) => void;

/** Options of every connection of a client. */
export const socketOptions: {
  readonly noDelay: true;
  readonly keepAlive: true;
  readonly keepAliveInitialDelay: number;
} = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };

const options: ServerOptions & TlsServerOptions = {
  // Slow heads and slow bodies (slowloris); looked for every two seconds, since Node's own thirty would make 15 s up to 45.
  headersTimeout: 15_000,
  requestTimeout: 120_000,
  connectionsCheckingInterval: 2_000,
  // Clients reuse sockets for a minute; a server that closes first races with their next request.
  keepAliveTimeout: 75_000,
  maxHeaderSize: 32 * 1024,
  ...socketOptions,
  insecureHTTPParser: false,
  // The guard refuses a missing Host itself, in the shape of our errors.
  requireHostHeader: false,
};

/** Makes the HTTP or, with `tls`, HTTPS server, with its limits; what its parser refuses is answered in the shape of our errors. */
export function createHttpServer(listener: RequestListener, tls: TlsMaterial | undefined): Server {
  const onRequest = (incoming: IncomingMessage, response: ServerResponse): void => listener(incoming, response, false);
  const server: Server =
    tls === undefined ? createPlainServer(options, onRequest) : createTlsServer({ ...options, ...tls }, onRequest);
  if (tls !== undefined) limitHandshakes(server);
  server.on("checkContinue", (incoming: IncomingMessage, response: ServerResponse) =>
    listener(incoming, response, true),
  );
  server.on("checkExpectation", onRequest);
  server.on("clientError", onClientError);
  return server;
}

interface ParserRefusal {
  readonly status: number;
  readonly message: string;
}

const parserRefusals: Readonly<Record<string, ParserRefusal>> = {
  HPE_HEADER_OVERFLOW: { status: 431, message: "The request's headers are too large." },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, message: "The request took too long to arrive." },
};
const notHttp: ParserRefusal = { status: 400, message: "The request is not valid HTTP/1.1." };

function onClientError(
  error: Error & { readonly code?: string },
  socket: Duplex & { readonly bytesWritten?: number },
): void {
  // An answer that has begun must not get another one in its middle.
  if (error.code === "ECONNRESET" || !socket.writable || isAnswering(socket)) {
    socket.destroy();
    return;
  }
  const { status, message } = parserRefusals[error.code ?? ""] ?? notHttp;
  const body = JSON.stringify({ type: "error", error: { type: "invalid_request_error", message } });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Error"}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}

// Node keeps the answer under way on the socket; there is no public name for it.
function isAnswering(socket: Duplex): boolean {
  const { _httpMessage: message } = socket as { _httpMessage?: ServerResponse | null };
  return message !== undefined && message !== null && message.headersSent;
}

/** Decides whether a server serves HTTPS, so that its certificates can be replaced. */
export function isSecure(server: Server): server is Server & { setSecureContext(material: TlsMaterial): void } {
  return "setSecureContext" in server;
}
