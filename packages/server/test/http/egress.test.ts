import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import type { ProviderConfig } from "@ccpb/core";
import { startFakeUpstream, text } from "@ccpb/fake-upstream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askServer, expectServed, healthyWords } from "../faults/fault-bench.ts";
import { provider, startTestServer, type TestServer } from "../running-server.ts";
import { TemporaryFolder } from "../temporary-folder.ts";

/** A SOCKS5 proxy (RFC 1928, 1929) that notes what it is asked for; `login` makes it ask for a user and password. */
async function startSocks(login?: {
  readonly user: string;
  readonly password: string;
}): Promise<AsyncDisposable & { readonly port: number; readonly asked: string[] }> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    void serve(socket, asked, login);
  });
  const port = await listen(server);
  return {
    port,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

async function serve(
  socket: Socket,
  asked: string[],
  login?: { readonly user: string; readonly password: string },
): Promise<void> {
  const next = async (): Promise<Buffer> => ((await once(socket, "data")) as [Buffer])[0];
  const greeting = await next();
  const wants = login === undefined ? 0 : 2;
  if (!greeting.subarray(2).includes(wants)) return void socket.end(Buffer.from([5, 0xff]));
  socket.write(Buffer.from([5, wants]));
  let request = await next();
  if (login !== undefined) {
    const user = request.subarray(2, 2 + (request[1] ?? 0)).toString();
    const password = request.subarray(3 + user.length).toString();
    const isRight = user === login.user && password === login.password;
    socket.write(Buffer.from([1, isRight ? 0 : 1]));
    if (!isRight) return void socket.end();
    request = await next();
  }
  const isName = request[3] === 3;
  const host = isName ? request.subarray(5, 5 + (request[4] ?? 0)).toString() : request.subarray(4, 8).join(".");
  const port = request.readUInt16BE(request.length - 2);
  asked.push(`${isName ? "name" : "address"} ${host}:${port}`);
  if (host === "refused.example") return void socket.end(Buffer.from([5, 5, 0, 1, 0, 0, 0, 0, 0, 0]));
  const upstream = connect(port, "127.0.0.1", () => {
    socket.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
    socket.pipe(upstream).pipe(socket);
  });
  upstream.on("error", () => socket.destroy());
  socket.on("close", () => upstream.destroy());
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function withProvider(url: string, change: Partial<ProviderConfig>): Promise<TestServer> {
  return startTestServer({ providers: [provider("one", url, change)] });
}

describe("a SOCKS5 proxy", () => {
  it("carries requests, and resolves the provider's name itself", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text(healthyWords) });
    await using socks = await startSocks();
    const url = `http://inside.example:${upstream.port}`;
    await using server = await withProvider(url, { proxy: `socks5://127.0.0.1:${socks.port}` });
    for (const stream of [true, false, true]) expectServed(await askServer(server.url, { stream }), "one", stream);
    // One tunnel, kept alive.
    expect(socks.asked).toEqual([`name inside.example:${upstream.port}`]);
  });

  it("is told user and password, percent-decoded", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text(healthyWords) });
    await using socks = await startSocks({ user: "me", password: "p@ss word" });
    await using server = await withProvider(upstream.url, {
      proxy: `socks5h://me:p%40ss%20word@127.0.0.1:${socks.port}`,
    });
    expectServed(await askServer(server.url, { stream: true }), "one", true);
  });

  it.each([
    ["refuses the password", { user: "me", password: "right" }, "127.0.0.1", "socks5://me:wrongsecret@"],
    ["wants a password", { user: "me", password: "right" }, "127.0.0.1", "socks5://"],
    ["cannot reach the provider", undefined, "refused.example", "socks5://"],
  ] as const)("that %s is a failure that names the proxy, and no password", async (_what, login, host, prefix) => {
    await using socks = await startSocks(login);
    await using server = await withProvider(`http://${host}:9`, { proxy: `${prefix}127.0.0.1:${socks.port}` });
    expect((await askServer(server.url, { stream: true })).status).toBe(503);
    expect(server.text()).toContain("ERR_PROXY_TUNNEL");
    expect(server.text()).not.toContain("wrongsecret");
  });

  it("that hangs meets the connect deadline, and one that nobody runs is told", async () => {
    await using hole = await startSocksHole();
    const timeouts = { connectMs: 200 };
    await using server = await withProvider("http://127.0.0.1:9", {
      proxy: `socks5://127.0.0.1:${hole.port}`,
      timeouts,
    });
    const reply = await askServer(server.url, { stream: true });
    expect([reply.status, reply.ms < 20_000]).toEqual([503, true]);
  });
});

/** Takes connections and says nothing. */
async function startSocksHole(): Promise<AsyncDisposable & { readonly port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => void sockets.add(socket.on("error", () => undefined)));
  const port = await listen(server);
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

describe("TLS of a provider's own", () => {
  const folder = new TemporaryFolder();
  const path = (name: string): string => join(folder.path, name);
  beforeAll(() => {
    authority("ca");
    authority("other");
    certificate("server", "ca", "gateway.internal");
    certificate("client", "ca", "ccpb");
  });
  afterAll(() => folder[Symbol.dispose]());

  function openssl(...parameters: string[]): void {
    execFileSync("openssl", parameters, { cwd: folder.path, stdio: "pipe" });
  }

  function authority(name: string): void {
    openssl(
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-days",
      "2",
      "-subj",
      `/CN=${name}`,
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.pem`,
    );
  }

  function certificate(name: string, by: string, host: string): void {
    writeFileSync(path(`${name}.ext`), `subjectAltName=DNS:${host}\n`);
    openssl(
      "req",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-subj",
      `/CN=${host}`,
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.csr`,
    );
    openssl(
      "x509",
      "-req",
      "-in",
      `${name}.csr`,
      "-CA",
      `${by}.pem`,
      "-CAkey",
      `${by}.key`,
      "-CAcreateserial",
      "-days",
      "2",
      "-extfile",
      `${name}.ext`,
      "-out",
      `${name}.pem`,
    );
  }

  /** A gateway with a private certificate; `mutual` asks for the client's. */
  async function startGateway(
    mutual: boolean,
    maxVersion?: "TLSv1.2",
  ): Promise<AsyncDisposable & { readonly url: string; readonly clients: string[] }> {
    const clients: string[] = [];
    const server = createHttpsServer(
      {
        cert: readFileSync(path("server.pem")),
        key: readFileSync(path("server.key")),
        ca: readFileSync(path("ca.pem")),
        requestCert: mutual,
        rejectUnauthorized: mutual,
        ...(maxVersion !== undefined && { maxVersion }),
      },
      (request, response) => {
        const subject = mutual ? (request.socket as TLSSocket).getPeerCertificate().subject.CN : "nobody";
        clients.push(String(subject));
        const message = {
          id: "m",
          type: "message",
          role: "assistant",
          model: "m",
          content: [{ type: "text", text: healthyWords }],
          stop_reason: "end_turn",
          usage: { input_tokens: 1, output_tokens: 1 },
        };
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(message));
      },
    );
    server.on("tlsClientError", () => undefined);
    const port = await listen(server);
    return {
      url: `https://127.0.0.1:${port}`,
      clients,
      async [Symbol.asyncDispose]() {
        server.closeAllConnections();
        server.close();
        await once(server, "close");
      },
    };
  }

  const named = { serverName: "gateway.internal" };

  it("trusts a private authority, and takes the name that the certificate is for", async () => {
    await using gateway = await startGateway(false);
    await using server = await withProvider(gateway.url, { tls: { ca: path("ca.pem"), ...named } });
    expectServed(await askServer(server.url, { stream: false }), "one", false);
  });

  it("shows a client certificate", async () => {
    await using gateway = await startGateway(true);
    const tls = { ca: path("ca.pem"), cert: path("client.pem"), key: path("client.key"), ...named };
    await using server = await withProvider(gateway.url, { tls });
    expectServed(await askServer(server.url, { stream: false }), "one", false);
    expect(gateway.clients).toEqual(["ccpb"]);
  });

  it("goes through a SOCKS5 proxy as well", async () => {
    await using gateway = await startGateway(true);
    await using socks = await startSocks();
    const tls = { ca: path("ca.pem"), cert: path("client.pem"), key: path("client.key"), ...named };
    await using server = await withProvider(gateway.url, { tls, proxy: `socks5://127.0.0.1:${socks.port}` });
    expectServed(await askServer(server.url, { stream: false }), "one", false);
  });

  it.each([
    ["without ca", {}, false, "tls.ca"],
    ["with another ca", { ca: "other.pem", ...named }, false, "tls.ca"],
    ["without server_name", { ca: "ca.pem" }, false, "tls.server_name"],
    ["without a client certificate", { ca: "ca.pem", ...named }, true, "tls.cert"],
  ] as const)("%s the failure names the setting", async (_what, tls, mutual, setting) => {
    // With TLS 1.3 a client hears of it after the handshake, as a connection that is closed.
    await using gateway = await startGateway(mutual, "TLSv1.2");
    const absolute = "ca" in tls ? { ...tls, ca: path(tls.ca) } : tls;
    await using server = await withProvider(gateway.url, { tls: absolute });
    expect((await askServer(server.url, { stream: false })).status).toBe(503);
    expect(
      server
        .lines("provider_request_failed")
        .map(({ reason }) => String(reason))
        .join(),
    ).toContain(setting);
  });

  it("reads a file again when it changes", async () => {
    await using gateway = await startGateway(false);
    writeFileSync(path("current.pem"), readFileSync(path("other.pem")));
    await using server = await withProvider(gateway.url, { tls: { ca: path("current.pem"), ...named } });
    expect((await askServer(server.url, { stream: false })).status).toBe(503);
    writeFileSync(path("current.pem"), readFileSync(path("ca.pem")));
    server.balancer.reset();
    expectServed(await askServer(server.url, { stream: false }), "one", false);
  });

  it("is refused at the start where a file is missing or is no certificate", async () => {
    writeFileSync(path("junk.pem"), "junk");
    for (const [tls, message] of [
      [{ ca: path("absent.pem") }, /provider "one": tls\.ca: .*absent\.pem does not exist; write the path/],
      [{ ca: path("junk.pem") }, /tls\.ca: .*junk\.pem holds no certificate in PEM/],
      [
        { cert: path("client.pem"), key: path("server.key") },
        /tls\.cert and tls\.key: .* are no certificate with its key/,
      ],
    ] as const) {
      await expect(withProvider("https://127.0.0.1:9", { tls })).rejects.toThrow(message);
    }
  });
});
