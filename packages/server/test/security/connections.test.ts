import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { describe, expect, it } from "vitest";
import { maxWaitingRequests } from "../../src/http/pipelined-requests.ts";
import { call, messagesBody, openSocket, provider, rawExchange, startTestServer, until } from "../running-server.ts";

const providers = [provider("one", "http://127.0.0.1:9")];
const liveness = "GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";
const body = messagesBody();
const post = [
  "POST /v1/messages HTTP/1.1",
  "host: 127.0.0.1",
  "content-type: application/json",
  `content-length: ${body.length}`,
  "",
  body,
].join("\r\n");

/** A transport whose answers wait until `release` is called. */
function heldTransport() {
  let release: () => void = () => undefined;
  let asked = 0;
  const released = new Promise<void>((resolve) => (release = resolve));
  const transport = async () => {
    asked += 1;
    await released;
    const text = JSON.stringify({ type: "message", role: "assistant", content: [], usage: {} });
    return { status: 200, headers: {}, body: pieces(text) };
  };
  return { transport, release: () => release(), asked: () => asked };
}

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

describe("pipelined requests", () => {
  it("are all answered, in order, while no more than the limit wait", async () => {
    await using server = await startTestServer({ providers });
    const { text } = await rawExchange(server.port, liveness.repeat(1 + maxWaitingRequests));
    expect(text.match(/HTTP\/1\.1 200 /g)?.length).toBe(1 + maxWaitingRequests);
  });

  it("close their connection, and no other, when one read holds more than the limit", async () => {
    await using server = await startTestServer({ providers });
    const { text, isClosed } = await rawExchange(server.port, liveness.repeat(2 + maxWaitingRequests));
    expect(isClosed).toBe(true);
    expect(text).toBe("");
    const metrics = await call(server.url, "/metrics");
    expect(metrics.body).toMatch(/^ccpb_connections_refused_total\{reason="pipelining"\} 1$/m);
    expect(metrics.body).toMatch(/^ccpb_requests_in_flight 1$/m);
    expect(server.lines("connections_refused")).toMatchObject([{ reason: "pipelining", count: 1 }]);
  });

  it("are not read on behind an unanswered one: the client feels back-pressure", async () => {
    const held = heldTransport();
    await using server = await startTestServer({ providers }, {}, { transport: held.transport });
    const socket = await openSocket(server.port);
    socket.write(post);
    await until(() => held.asked() === 1);
    socket.write(liveness);
    // Answered only after the server has taken in the request above.
    for (let round = 0; round < 20; round += 1) await call(server.url, "/");
    const flood = Buffer.from(liveness.repeat(2_000));
    let isTaken = false;
    // More than the kernel's buffers of both ends hold together.
    for (let sent = 0; sent < 64 * 1024 * 1024; sent += flood.length) socket.write(flood);
    socket.write(liveness, () => (isTaken = true));
    for (let round = 0; round < 50; round += 1) await call(server.url, "/");
    expect(isTaken).toBe(false);
    expect(socket.destroyed).toBe(false);
    expect(socket.writableLength).toBeGreaterThan(16 * 1024 * 1024);
    socket.destroy();
    held.release();
  });

  it("go on after the pause: any number is served when each read holds few", async () => {
    const held = heldTransport();
    await using server = await startTestServer({ providers }, {}, { transport: held.transport });
    const socket = await openSocket(server.port);
    let text = "";
    socket.on("data", (chunk) => (text += chunk.toString("latin1")));
    const answers = (): number => text.match(/HTTP\/1\.1 200 /g)?.length ?? 0;
    socket.write(post + liveness.repeat(3));
    await until(() => held.asked() === 1);
    held.release();
    await until(() => answers() === 4);
    for (let round = 1; round <= 10; round += 1) {
      socket.write(liveness.repeat(5));
      await until(() => answers() === 4 + 5 * round);
    }
    socket.destroy();
  });

  it.each(["content-length: 1048576", "transfer-encoding: chunked"])(
    "that carry a body (%s) hold no more of it than Node's own buffer while they wait",
    async (framing) => {
      const held = heldTransport();
      await using server = await startTestServer({ providers }, {}, { transport: held.transport });
      const socket = await openSocket(server.port);
      socket.write(post);
      await until(() => held.asked() === 1);
      socket.write(
        `POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n${framing}\r\n\r\n`,
      );
      const piece = Buffer.alloc(1024 * 1024, framing.startsWith("c") ? " " : "100000\r\n");
      for (let sent = 0; sent < 64; sent += 1) socket.write(piece);
      for (let round = 0; round < 50; round += 1) await call(server.url, "/");
      expect(socket.destroyed).toBe(false);
      expect(socket.writableLength).toBeGreaterThan(16 * 1024 * 1024);
      socket.destroy();
      held.release();
    },
  );
});

describe("settings.max_connections", () => {
  it("answers a further connection with 503 and closes it, until one of the others ends", async () => {
    await using server = await startTestServer({ providers }, { maxConnections: 2 });
    const first = await openSocket(server.port);
    const second = await openSocket(server.port);
    // Both are known to the server once both are answered.
    for (const socket of [first, second]) {
      socket.write(liveness);
      await once(socket, "data");
    }
    const { text, isClosed } = await rawExchange(server.port, liveness);
    expect(isClosed).toBe(true);
    expect(text).toMatch(/^HTTP\/1\.1 503 /);
    expect(text).toContain("retry-after: 1");
    expect(JSON.parse(text.slice(text.indexOf("\r\n\r\n") + 4))).toMatchObject({
      type: "error",
      error: { type: "overloaded_error", message: expect.stringContaining("settings.max_connections") },
    });
    expect(server.lines("connections_refused")).toMatchObject([{ reason: "limit", count: 1 }]);
    first.destroy();
    // The server learns of the end in a later turn of its event loop.
    let status = 503;
    for (let attempt = 0; status === 503 && attempt < 1_000; attempt += 1)
      status = (await call(server.url, "/")).status;
    expect(status).toBe(200);
    second.destroy();
  });

  it("takes effect by a reload", async () => {
    await using server = await startTestServer({ providers }, { maxConnections: 1 });
    const first = await openSocket(server.port);
    first.write(liveness);
    await once(first, "data");
    expect((await call(server.url, "/")).status).toBe(503);
    await server.server.reload({ providers }, { maxConnections: 5 });
    expect((await call(server.url, "/")).status).toBe(200);
    first.destroy();
  });

  it("closes a further connection before the handshake where the server speaks TLS", async () => {
    const fixture = (name: string): string => join(import.meta.dirname, "../fixtures", name);
    const tls = { cert: fixture("first.cert.pem"), key: fixture("first.key.pem") };
    await using server = await startTestServer({ providers }, { maxConnections: 1, tls });
    const options = { port: server.port, host: "127.0.0.1", ca: readFileSync(tls.cert), servername: "localhost" };
    const first = connectTls(options);
    await once(first, "secureConnect");
    const second = connectTls(options);
    const [error] = (await once(second, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNRESET");
    first.destroy();
  });
});
