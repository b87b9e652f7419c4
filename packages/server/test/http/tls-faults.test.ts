import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createSecureServer } from "node:http2";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from "node:tls";
import type { ProviderConfig } from "@ccpb/core";
import { startFakeUpstream, text } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import type { ProvidersView } from "../../src/views/providers-view.ts";
import { askServer, expectServed, healthyWords, timeouts } from "../faults/fault-bench.ts";
import { call, provider, startTestServer, type TestServer } from "../running-server.ts";

const certPath = new URL("../fixtures/first.cert.pem", import.meta.url).pathname;
const pair = {
  cert: readFileSync(certPath),
  key: readFileSync(new URL("../fixtures/first.key.pem", import.meta.url)),
};
const trusted: Partial<ProviderConfig> = { tls: { ca: certPath } };

interface Listening extends AsyncDisposable {
  readonly port: number;
}

async function listen(server: Server, sockets: ReadonlySet<Socket>): Promise<Listening> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function kept(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket.on("error", () => undefined)));
  server.on("tlsClientError", () => undefined);
  return sockets;
}

/** A server of TLS; `onRequest` is called with each chunk that a client sends. */
async function startTls(
  onRequest: (socket: TLSSocket, raw: Socket) => void,
  options: TlsOptions = {},
): Promise<Listening> {
  // The raw socket is at hand only where the TLS socket is made around it.
  const inner = createTlsServer({ ...pair, ...options });
  inner.on("tlsClientError", () => undefined);
  const server = createTcpServer((raw) => inner.emit("connection", raw));
  const sockets = kept(server);
  const raws = new Map<number | undefined, Socket>();
  server.on("connection", (raw: Socket) => raws.set(raw.remotePort, raw));
  inner.on("secureConnection", (socket) => {
    socket.on("error", () => undefined);
    socket.on("data", () => {
      const raw = raws.get(socket.remotePort);
      if (raw !== undefined) onRequest(socket, raw);
    });
  });
  return listen(server, sockets);
}

/** A record that is no record of the session: the client's TLS fails, and the connection stays open. */
const brokenRecord = Buffer.from([21, 3, 3, 0, 2, 2, 80]);

const message = JSON.stringify({
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "m",
  content: [{ type: "text", text: healthyWords }],
  stop_reason: "end_turn",
  usage: { input_tokens: 1, output_tokens: 1 },
});
const whole = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${message.length}\r\n\r\n${message}`;

const events = [
  { type: "message_start", message: { ...JSON.parse(message), content: [], stop_reason: null } },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Half" } },
].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
const half = `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n${events.join("")}`;

async function view(server: TestServer): Promise<ProvidersView> {
  return (await call(server.url, "/providers")).json() as ProvidersView;
}

// No deadline is near: where a failure were not seen at once, the test would wait for a minute and more, and find a deadline's reason.
const patient = { ...timeouts, idleMs: 300_000, totalMs: 300_000, callMs: 400_000 };

async function withProviders(...providers: readonly ProviderConfig[]): Promise<TestServer> {
  return startTestServer({ providers, settings: { timeouts: patient } });
}

function reasons(server: TestServer): string {
  return server
    .lines("provider_request_failed")
    .map(({ reason }) => String(reason))
    .join("\n");
}

describe("TLS that fails on a connection that stands", () => {
  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    it(`before an answer is seen at once, and the next provider asked (${maxVersion})`, async () => {
      await using upstream = await startTls((_socket, raw) => void raw.write(brokenRecord), { maxVersion });
      await using second = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text(healthyWords) });
      const first = provider("first", `https://localhost:${upstream.port}`, trusted);
      await using server = await withProviders(first, provider("second", second.url));
      expectServed(await askServer(server.url, { stream: false }), "second", false);
      expect(reasons(server)).toMatch(/^connect: the connection failed \(ERR_SSL_/);
    });

    it(`on a kept connection costs nothing: a fresh one is tried (${maxVersion})`, async () => {
      let count = 0;
      const upstream = await startTls(
        (socket, raw) => {
          count += 1;
          if (count === 2) raw.write(brokenRecord);
          else socket.write(whole);
        },
        { maxVersion },
      );
      await using _closed = upstream;
      await using server = await withProviders(provider("one", `https://localhost:${upstream.port}`, trusted));
      for (let times = 0; times < 2; times += 1)
        expectServed(await askServer(server.url, { stream: false }), "one", false);
      expect(count).toBe(3);
      expect((await view(server)).providers[0]).toMatchObject({ status: "closed" });
    });

    it(`in mid-stream ends the stream at once, as broken (${maxVersion})`, async () => {
      await using upstream = await startTls(
        (socket, raw) => void socket.write(half, () => void raw.write(brokenRecord)),
        { maxVersion },
      );
      await using server = await withProviders(provider("one", `https://localhost:${upstream.port}`, trusted));
      const reply = await askServer(server.url, { stream: true });
      expect(reply).toMatchObject({ status: 200 });
      expect(reply.body).toContain("Half");
      expect(reply.body).toContain("event: error");
      expect(reply.body).not.toContain("message_stop");
      expect((await view(server)).providers[0]).toMatchObject({ status: "open" });
      expect(reasons(server)).toMatch(/^stream-broken: the connection failed \(ERR_SSL_/);
    });
  }
});

describe("a provider that cannot be spoken to over TLS", () => {
  /** What stands at the port, by which name it is asked for, and what the reason has to name. */
  const cases: readonly {
    readonly what: string;
    readonly start: () => Promise<Listening>;
    readonly config?: Partial<ProviderConfig>;
    readonly host?: string;
    readonly names: string;
    /** With every provider the same: this machine is suspected, and none is charged. */
    readonly isMachine: boolean;
  }[] = [
    {
      what: "an unknown authority",
      start: () => startTls((socket) => void socket.write(whole)),
      names: "tls.ca",
      isMachine: true,
    },
    {
      what: "another host's certificate",
      start: () => startTls((socket) => void socket.write(whole)),
      config: { tls: { ca: certPath, serverName: "other.test" } },
      names: "tls.server_name",
      isMachine: true,
    },
    {
      what: "no TLS at all",
      start: async () => {
        const server = createTcpServer((socket) => void socket.write("HTTP/1.1 200 OK\r\n\r\n"));
        return listen(server, kept(server));
      },
      names: "write http://",
      isMachine: true,
    },
    {
      what: "HTTP/2 alone, by ALPN",
      start: async () => {
        const server = createSecureServer(pair);
        server.on("sessionError", () => undefined);
        return listen(server, kept(server));
      },
      config: trusted,
      names: "HTTP/2",
      isMachine: false,
    },
    {
      what: "HTTP/2 in spite of ALPN, with SETTINGS and GOAWAY",
      start: () =>
        startTls((socket) => {
          const settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
          socket.end(Buffer.from([...settings, 0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]));
        }),
      config: trusted,
      names: "HTTP/2",
      isMachine: false,
    },
  ];

  it.each(cases)("$what: the next one serves, and the reason says what to do", async (one) => {
    await using upstream = await one.start();
    await using second = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text(healthyWords) });
    const first = provider("first", `https://localhost:${upstream.port}`, one.config);
    await using server = await withProviders(first, provider("second", second.url));
    expectServed(await askServer(server.url, { stream: false }), "second", false);
    expect(reasons(server)).toContain(one.names);
    expect((await view(server)).providers[0]).toMatchObject({ status: "open" });
  });

  it.each(cases)("$what at every provider: suspects this machine: $isMachine", async (one) => {
    await using upstream = await one.start();
    const url = `https://localhost:${upstream.port}`;
    await using server = await withProviders(provider("first", url, one.config), provider("second", url, one.config));
    const reply = await askServer(server.url, { stream: false });
    expect(reply.status).toBe(503);
    const machine = "this machine or its network may be at fault";
    expect(reply.body.includes(machine)).toBe(one.isMachine);
    const open = (await view(server)).providers.filter(({ status }) => status === "open");
    expect(open).toHaveLength(one.isMachine ? 0 : 2);
  });
});
