import { Agent as HttpAgent, type ClientRequest, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { type Transport, TransportError, type UpstreamReply } from "@ccpb/core";

/**
 * A transport is one function: it moves one request over the network and hands back the reply as soon as its headers are there. This one is node:http
 * and nothing else: it follows no redirects, decompresses nothing, and keeps connections alive.
 */
export function createNodeTransport(): Transport {
  const http = new HttpAgent({ keepAlive: true });
  const https = new HttpsAgent({ keepAlive: true });

  return (request, { signal, connectTimeoutMs, freshSocket, proxy }) =>
    new Promise<UpstreamReply>((resolve, reject) => {
      if (proxy !== undefined) throw new TransportError("this transport knows no proxies");
      const isSecure = request.url.startsWith("https:");
      const outgoing = (isSecure ? httpsRequest : httpRequest)(request.url, {
        method: request.method,
        headers: request.headers,
        // `false` is an agent of its own, and so a new connection: the pooled one has just died.
        agent: freshSocket ? false : isSecure ? https : http,
      });
      limitConnecting(outgoing, connectTimeoutMs, isSecure);
      outgoing.once("response", (response) => {
        // An iteration of the body throws its errors. This listener is for those that come after the iteration.
        response.on("error", () => undefined);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: response });
      });
      // `on`, not `once`: a second error without a listener would end the process.
      outgoing.on("error", (cause) => {
        // A kept connection that dies before it answers is no fault of the provider: the balancer tries a fresh one.
        const { reusedSocket } = outgoing;
        reject(cause instanceof TransportError ? cause : new TransportError(cause.message, { cause, reusedSocket }));
      });
      // Aborted when the attempt is over, for whatever reason. As an option of `request` it would make that an `error` of the body, which nothing reads
      // any more; destroyed without an error, the socket closes in silence.
      const abort = (): void => void outgoing.destroy();
      if (signal.aborted) abort();
      signal.addEventListener("abort", abort);
      outgoing.once("close", () => {
        signal.removeEventListener("abort", abort);
        // Some replies end in silence (101 Switching Protocols). Where a response has come, this changes nothing.
        reject(new TransportError("the connection was closed before a response"));
      });
      for (const part of request.body) outgoing.write(part);
      outgoing.end();
    });
}

/** node:http has no deadline for connecting alone. */
function limitConnecting(outgoing: ClientRequest, timeoutMs: number, isSecure: boolean): void {
  outgoing.once("socket", (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(() => {
      outgoing.destroy(new TransportError(`not connected after ${timeoutMs} ms`, { phase: "connect" }));
    }, timeoutMs);
    socket.once(isSecure ? "secureConnect" : "connect", () => clearTimeout(timer));
    outgoing.once("close", () => clearTimeout(timer));
  });
}
