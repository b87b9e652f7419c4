import { once } from "node:events";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { TransportError, type TransportOptions, type UpstreamReply, type UpstreamRequest } from "@ccpb/core";
import { describe, expect, it } from "vitest";
import { createHttpTransport } from "../../src/transport/transport.ts";
import { answerRequests, startTcpPeer } from "../tcp-peer.ts";

const ok = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";

function request(origin: string, change: Partial<UpstreamRequest> = {}): UpstreamRequest {
  const body = [Buffer.from("hello")];
  return {
    method: "POST",
    url: `${origin}/v1/messages?beta=true`,
    headers: { "content-length": "5" },
    body,
    ...change,
  };
}

function options(change: Partial<TransportOptions> = {}): TransportOptions {
  return { signal: new AbortController().signal, connectTimeoutMs: 30_000, freshSocket: false, ...change };
}

async function textOf(reply: UpstreamReply): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of reply.body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function failureOf(promise: Promise<unknown>): Promise<TransportError> {
  const error = await promise.then(
    () => new Error("it did not fail"),
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(TransportError);
  return error as TransportError;
}

describe("the transport", () => {
  it("sends path, headers and body as given, asks for identity and returns the reply", async () => {
    await using peer = await startTcpPeer(answerRequests((socket) => socket.write(ok)));
    const transport = createHttpTransport();
    const reply = await transport.send(
      request(peer.origin, { headers: { "x-api-key": "k", "content-length": "5", "anthropic-beta": "a,b" } }),
      options(),
    );
    expect(reply.status).toBe(200);
    expect(reply.headers["content-type"]).toBe("application/json");
    expect(await textOf(reply)).toBe("{}");
    expect(peer.received()).toMatch(/^POST \/v1\/messages\?beta=true HTTP\/1\.1\r\n/);
    expect(peer.received()).toContain("anthropic-beta: a,b\r\n");
    expect(peer.received()).toContain("accept-encoding: identity\r\n");
    expect(peer.received()).toMatch(/\r\n\r\nhello$/);
    transport.close();
  });

  it("sends a large body in parts without changing a byte", async () => {
    await using peer = await startTcpPeer(answerRequests((socket) => socket.write(ok)));
    const transport = createHttpTransport();
    const parts = [Buffer.alloc(100_000, "a"), Buffer.from("-middle-"), Buffer.alloc(200_000, "b")];
    const reply = await transport.send(
      request(peer.origin, { body: parts, headers: { "content-length": "300008" } }),
      options(),
    );
    expect(await textOf(reply)).toBe("{}");
    expect(peer.received().split("\r\n\r\n")[1]).toBe(Buffer.concat(parts).toString());
    transport.close();
  });

  it("drops header values that cannot be sent instead of failing", async () => {
    await using peer = await startTcpPeer(answerRequests((socket) => socket.write(ok)));
    const transport = createHttpTransport();
    const headers = {
      "content-length": "5",
      "x-title": "Grüße ✓",
      "x-evil": "a\r\nx: y",
      "x-fine": "é",
      expect: "100-continue",
    };
    const reply = await transport.send(request(peer.origin, { headers }), options());
    expect(reply.status).toBe(200);
    expect(peer.received()).not.toContain("x-title");
    expect(peer.received()).not.toContain("x-evil");
    expect(peer.received()).not.toContain("expect");
    expect(peer.received()).toContain("x-fine: é\r\n");
    transport.close();
  });

  it("reuses a connection, and takes a new one where a fresh socket is asked for", async () => {
    await using peer = await startTcpPeer(answerRequests((socket) => socket.write(ok)));
    const transport = createHttpTransport();
    for (const freshSocket of [false, false, true]) {
      await textOf(await transport.send(request(peer.origin), options({ freshSocket })));
    }
    expect(peer.sockets.length).toBe(2);
    transport.close();
  });

  it("says that a kept-alive socket died unused, and only then", async () => {
    await using peer = await startTcpPeer(
      answerRequests((socket, count) => (count === 0 ? socket.write(ok) : socket.destroy())),
    );
    const transport = createHttpTransport();
    await textOf(await transport.send(request(peer.origin), options()));
    expect((await failureOf(transport.send(request(peer.origin), options()))).reusedSocket).toBe(true);
    transport.close();
    await using refusing = await startTcpPeer((socket) => socket.destroy());
    expect((await failureOf(transport.send(request(refusing.origin), options()))).reusedSocket).toBe(false);
    transport.close();
  });

  it("takes no harm from an idle connection that the peer closes", async () => {
    await using peer = await startTcpPeer(answerRequests((socket) => socket.write(ok)));
    const transport = createHttpTransport();
    await textOf(await transport.send(request(peer.origin), options()));
    peer.sockets[0]?.end();
    await once(peer.sockets[0] as NodeJS.EventEmitter, "close");
    expect(await textOf(await transport.send(request(peer.origin), options()))).toBe("{}");
    transport.close();
  });

  it("fails with the reason when nobody listens", async () => {
    const peer = await startTcpPeer(() => undefined);
    await peer[Symbol.asyncDispose]();
    const error = await failureOf(createHttpTransport().send(request(peer.origin), options()));
    expect(error.message).toContain("ECONNREFUSED");
    expect(error.phase).toBeUndefined();
  });

  it("keeps the connect deadline through a proxy that never answers", async () => {
    await using proxy = await startTcpPeer(() => undefined);
    const transport = createHttpTransport();
    const error = await failureOf(
      transport.send(request("https://upstream.test"), options({ connectTimeoutMs: 40, proxy: proxy.origin })),
    );
    expect(error.phase).toBe("connect");
  });

  it("cancels at once: the upstream's socket closes when the signal is aborted, before and after the headers", async () => {
    for (const answer of ["", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n"]) {
      await using peer = await startTcpPeer(answerRequests((socket) => answer !== "" && socket.write(answer)));
      const transport = createHttpTransport();
      const controller = new AbortController();
      const pending = transport.send(request(peer.origin), options({ signal: controller.signal }));
      const outcome = pending.then(textOf).catch((error: unknown) => error);
      while (!peer.received().endsWith("hello")) await new Promise((resolve) => setTimeout(resolve, 1));
      if (answer !== "") await pending;
      const closed = once(peer.sockets[0] as NodeJS.EventEmitter, "close");
      controller.abort(new Error("gone"));
      await closed;
      expect(String(await outcome)).toContain("gone");
    }
  });

  it("closes the upstream's socket when the reader leaves the body", async () => {
    await using peer = await startTcpPeer(
      answerRequests((socket) => socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n")),
    );
    const reply = await createHttpTransport().send(request(peer.origin), options());
    const closed = once(peer.sockets[0] as NodeJS.EventEmitter, "close");
    for await (const chunk of reply.body) {
      expect(Buffer.from(chunk).toString()).toBe("a");
      break;
    }
    await closed;
  });

  it("joins what arrives together into one chunk", async () => {
    const frames = Array.from({ length: 50 }, (_, index) => `4\r\n${String(index).padStart(4, "0")}\r\n`).join("");
    await using peer = await startTcpPeer(
      answerRequests((socket) =>
        socket.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${frames}0\r\n\r\n`),
      ),
    );
    const transport = createHttpTransport();
    const reply = await transport.send(request(peer.origin), options());
    const chunks: Uint8Array[] = [];
    for await (const chunk of reply.body) chunks.push(chunk);
    expect(chunks.length).toBeLessThanOrEqual(2);
    expect(Buffer.concat(chunks).length).toBe(200);
    transport.close();
  });

  it("pauses the upstream while nobody reads, and delivers everything once somebody does", async () => {
    const size = 20_000_000;
    await using peer = await startTcpPeer(
      answerRequests((socket) => {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`);
        socket.write(Buffer.alloc(size));
      }),
    );
    const transport = createHttpTransport();
    const reply = await transport.send(request(peer.origin), options());
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(peer.sockets[0]?.writableLength).toBeGreaterThan(size / 4);
    let total = 0;
    for await (const chunk of reply.body) total += chunk.length;
    expect(total).toBe(size);
    transport.close();
  });

  it("says that a body broke off", async () => {
    await using peer = await startTcpPeer(
      answerRequests((socket) => {
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc");
        setTimeout(() => socket.destroy(), 5);
      }),
    );
    const reply = await createHttpTransport().send(request(peer.origin), options());
    expect((await failureOf(textOf(reply))).message).toContain("broke off");
  });

  it("never follows a redirect", async () => {
    await using peer = await startTcpPeer(
      answerRequests((socket) => socket.write(`HTTP/1.1 307 Go\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n`)),
    );
    const transport = createHttpTransport();
    const reply = await transport.send(request(peer.origin), options());
    expect(reply.status).toBe(307);
    await textOf(reply);
    expect(peer.received().match(/POST/g)?.length).toBe(1);
    transport.close();
  });

  it.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
    ["Identity", (bytes: Buffer) => bytes],
    ["GZIP, identity", gzipSync],
  ])("decodes one layer of %s that came unasked, and says nothing of it in the headers", async (encoding, compress) => {
    const body = compress(Buffer.from("data: x\n\n".repeat(1000)));
    await using peer = await startTcpPeer(
      answerRequests((socket) => {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: ${encoding}\r\ncontent-length: ${body.length}\r\n\r\n`);
        socket.write(body);
      }),
    );
    const transport = createHttpTransport();
    const reply = await transport.send(request(peer.origin), options());
    expect(reply.headers["content-encoding"]).toBeUndefined();
    expect(reply.headers["content-length"]).toBeUndefined();
    expect(await textOf(reply)).toBe("data: x\n\n".repeat(1000));
    transport.close();
  });

  it("stops a compression bomb at its limit, and refuses layers and codings that it does not know", async () => {
    const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024));
    for (const [encoding, body, message] of [
      ["gzip", bomb, "larger than"],
      ["gzip", bomb.subarray(0, 100), "unexpected end"],
      ["gzip, gzip", bomb, "encoded as"],
      ["secret", bomb, "encoded as"],
    ] as const) {
      await using peer = await startTcpPeer(
        answerRequests((socket) => {
          socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: ${encoding}\r\ncontent-length: ${body.length}\r\n\r\n`);
          socket.write(body);
        }),
      );
      const transport = createHttpTransport();
      const outcome = transport.send(request(peer.origin), options()).then(async (reply) => {
        let total = 0;
        for await (const chunk of reply.body) total += chunk.length;
        return total;
      });
      await expect(outcome).rejects.toThrow(message);
      transport.close();
    }
  });
});
