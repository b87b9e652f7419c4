import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { AddressInfo, Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { TransportError, type TransportOptions, type UpstreamReply, type UpstreamRequest } from "@ccpb/core";
import { describe, expect, it } from "vitest";
import { createHttpTransport } from "../../src/transport/transport.ts";
import { answerRequests, startTcpPeer } from "../tcp-peer.ts";

const ok = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
const established = "HTTP/1.1 200 Connection established\r\n\r\n";

function request(origin: string): UpstreamRequest {
  const body = [Buffer.from("hello")];
  return { method: "POST", url: `${origin}/v1/messages`, headers: { "content-length": "5" }, body };
}

function options(change: Partial<TransportOptions> = {}): TransportOptions {
  return { signal: AbortSignal.timeout(60_000), connectTimeoutMs: 30_000, freshSocket: false, ...change };
}

async function textOf(reply: UpstreamReply): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of reply.body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

// What a peer may do with a connection on which nothing was asked yet.
const early: readonly (readonly [name: string, act: (socket: Socket) => void])[] = [
  ["a whole answer", (socket) => socket.write(ok)],
  ["a 408 and its end", (socket) => socket.end("HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n")],
  ["a greeting of another protocol", (socket) => socket.write("SSH-2.0-OpenSSH_9.6\r\n")],
  ["one byte", (socket) => socket.write("x")],
  ["its end", (socket) => socket.end()],
  ["a reset", (socket) => socket.resetAndDestroy()],
];

/** Some of these peers leave the client waiting for more. What matters is how often it dials. */
function impatient(change: Partial<TransportOptions> = {}): TransportOptions {
  return options({ connectTimeoutMs: 1_000, ...change });
}

describe("a plain-http upstream that does not wait to be asked", () => {
  for (const [name, act] of early) {
    it(`and sends ${name} is dialled once or twice for a request, directly`, async () => {
      await using peer = await startTcpPeer(
        () => undefined,
        (socket) => act(socket),
      );
      const transport = createHttpTransport();
      await transport.send(request(peer.origin), impatient()).then(textOf, (error: unknown) => {
        expect(error).toBeInstanceOf(TransportError);
      });
      transport.close();
      expect(peer.sockets.length).toBeLessThanOrEqual(2);
    });

    it(`and sends ${name} is dialled once or twice for a request, behind a proxy`, async () => {
      // The tunnel stands, and the upstream's bytes come with the proxy's answer or right behind it.
      for (const isTogether of [true, false]) {
        await using proxy = await startTcpPeer((socket, received) => {
          if (!received.startsWith("CONNECT") || !received.endsWith("\r\n\r\n")) return;
          if (isTogether) socket.cork();
          socket.write(established);
          act(socket);
          if (isTogether) socket.uncork();
        });
        const transport = createHttpTransport();
        const sent = transport.send(request("https://upstream.test"), impatient({ proxy: proxy.origin })).then(textOf);
        await sent.catch((error: unknown) => expect(error).toBeInstanceOf(TransportError));
        transport.close();
        expect(proxy.sockets.length).toBeLessThanOrEqual(2);
      }
    });
  }

  it("costs the following requests nothing once it behaves", async () => {
    await using peer = await startTcpPeer(
      answerRequests((socket) => socket.write(ok)),
      (socket, index) => {
        if (index < 2) socket.resetAndDestroy();
      },
    );
    const transport = createHttpTransport();
    await transport.send(request(peer.origin), options()).catch(() => undefined);
    await transport.send(request(peer.origin), options()).catch(() => undefined);
    expect(await textOf(await transport.send(request(peer.origin), options()))).toBe("{}");
    transport.close();
  });
});

describe("TLS to a provider", () => {
  const material = {
    cert: readFileSync(new URL("../fixtures/first.cert.pem", import.meta.url)),
    key: readFileSync(new URL("../fixtures/first.key.pem", import.meta.url)),
  };

  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    it(`(${maxVersion}) is resumed after every connection has gone idle and closed`, async () => {
      const sockets: TLSSocket[] = [];
      const answer = answerRequests((socket) => socket.write(ok));
      const server = createTlsServer({ ...material, maxVersion }, (socket) => {
        sockets.push(socket);
        let received = "";
        socket.on("error", () => undefined);
        socket.on("data", (chunk) => answer(socket, (received += chunk.toString("latin1"))));
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const transport = createHttpTransport({ tls: { ca: material.cert, checkServerIdentity: () => undefined } });
      const reused: boolean[] = [];
      for (let round = 0; round < 3; round += 1) {
        expect(await textOf(await transport.send(request(origin), options()))).toBe("{}");
        const socket = sockets.at(-1) as TLSSocket;
        reused.push(socket.isSessionReused());
        socket.end();
        await once(socket, "close");
      }
      transport.close();
      server.close();
      expect(sockets.length).toBe(3);
      expect(reused).toEqual([false, true, true]);
    });
  }
});
