import type { Server } from "node:http";
import type { Socket } from "node:net";

/**
 * Largest number of refused connections that stay open while their 503 is sent; further ones are closed without an
 * answer.
 */
const maxLingering = 64;
// Time in which a refused client may read its 503 and close.
const lingerMs = 1_000;

const message = "Too many connections are open (settings.max_connections); try again later.";
const body = JSON.stringify({ type: "error", error: { type: "overloaded_error", message } });
const refusal = [
  "HTTP/1.1 503 Service Unavailable",
  "content-type: application/json",
  `content-length: ${Buffer.byteLength(body)}`,
  "retry-after: 1",
  "connection: close",
  "",
  body,
].join("\r\n");

/** Options of `limitConnections`. */
export interface ConnectionLimitOptions {
  /** The largest number of open connections; asked at each new one, so that a reload takes effect. */
  readonly limit: () => number;
  /**
   * True if the server speaks TLS. A refused connection is then closed without an answer, because no handshake has
   * been made.
   */
  readonly isTls: boolean;
  /** Called for each refused connection. */
  readonly onRefused: () => void;
}

/**
 * Bounds the open connections of `server`, accepted by it or handed over by `server.emit("connection", socket)`. A connection above the limit is
 * answered with 503 (`overloaded_error`, `retry-after: 1`) and closed before its request is read; over TLS it is only closed.
 */
export function limitConnections(server: Server, { limit, isTls, onRefused }: ConnectionLimitOptions): void {
  // Stands in front of the listeners of node:http and node:tls: no other hook runs before they attach a parser to the socket.
  const serve = server.listeners("connection") as ((socket: Socket) => void)[];
  server.removeAllListeners("connection");
  let open = 0;
  let lingering = 0;
  server.on("connection", (socket: Socket) => {
    if (open < limit()) {
      open += 1;
      socket.once("close", () => (open -= 1));
      for (const listener of serve) listener.call(server, socket);
      return;
    }
    onRefused();
    socket.on("error", () => undefined);
    if (isTls || lingering >= maxLingering) {
      socket.destroy();
      return;
    }
    lingering += 1;
    socket.once("close", () => (lingering -= 1));
    answerAndClose(socket);
  });
}

function answerAndClose(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once("close", () => clearTimeout(timer));
  // The client's bytes are read and dropped: closing a socket with unread bytes would reset it, and the client might lose the answer.
  socket.resume();
  socket.end(refusal);
}
