import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createServer as createTcpServer, type AddressInfo } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { TransportError, type TransportOptions, type UpstreamRequest } from "@ccpb/core";
import { describe, expect, it } from "vitest";
import { createHttpTransport, type HttpTransportOptions } from "../../src/transport/transport.ts";
import type { NameSources } from "../../src/transport/name-lookup.ts";
import { startTcpPeer } from "../tcp-peer.ts";

interface Fault {
  readonly code: string;
  readonly error: TransportError;
}

/** What the transport says of one request that fails: the code of the first error on the chain that has one. */
async function faultOf(
  origin: string,
  {
    transport = {},
    send = {},
  }: { readonly transport?: HttpTransportOptions; readonly send?: Partial<TransportOptions> },
): Promise<Fault> {
  const http = createHttpTransport(transport);
  const request: UpstreamRequest = {
    method: "POST",
    url: `${origin}/v1/messages`,
    headers: { "content-length": "2" },
    body: [Buffer.from("{}")],
  };
  const options = { signal: AbortSignal.timeout(60_000), connectTimeoutMs: 30_000, freshSocket: false, ...send };
  const error: unknown = await http.send(request, options).then(
    () => new Error("it did not fail"),
    (cause: unknown) => cause,
  );
  http.close();
  if (!(error instanceof TransportError)) throw error;
  for (let current: unknown = error; current instanceof Error; current = current.cause) {
    if ("code" in current && typeof current.code === "string") return { code: current.code, error };
  }
  return { code: "none", error };
}

async function closedPort(): Promise<number> {
  const server = createTcpServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** A system resolver that answers each name as the table says. */
function names(table: Readonly<Record<string, readonly string[] | string>>): NameSources {
  return {
    system(hostname, done) {
      const answer = table[hostname] ?? "ENOTFOUND";
      if (typeof answer === "string") {
        setImmediate(() => done(Object.assign(new Error(`getaddrinfo ${answer}`), { code: answer }), []));
      } else {
        const addresses = answer.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
        setImmediate(() => done(null, addresses));
      }
    },
    direct: () => Promise.reject(new Error("no name server")),
  };
}

// What a peer may do instead of an answer, and the code that tells.
const answers: readonly (readonly [name: string, bytes: string | null, code: RegExp])[] = [
  ["a greeting of another protocol", "SSH-2.0-OpenSSH_9.6\r\n", /^HPE_/],
  ["a status line without a status", "HTTP/1.1 okay\r\n\r\n", /^HPE_/],
  ["a header with a control character", "HTTP/1.1 200 OK\r\nx-a: \u0000\r\n\r\n", /^HPE_/],
  [
    "two lengths",
    "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}",
    /^(HPE_|UND_ERR_RES_CONTENT_LENGTH_MISMATCH$)/,
  ],
  ["headers of 70 kB", `HTTP/1.1 200 OK\r\nx-a: ${"a".repeat(70_000)}\r\n\r\n`, /^UND_ERR_HEADERS_OVERFLOW$/],
  ["its end", "", /^UND_ERR_SOCKET$/],
  ["a reset", null, /^ECONNRESET$/],
];

describe("a failure of the network carries the code that tells whose it is", () => {
  for (const [name, bytes, code] of answers) {
    it(`where the peer answers with ${name}`, async () => {
      await using peer = await startTcpPeer((socket) => {
        if (bytes === null) socket.resetAndDestroy();
        else if (bytes === "") socket.end();
        else socket.write(bytes);
      });
      expect((await faultOf(peer.origin, {})).code).toMatch(code);
    });
  }

  it("where the peer speaks no TLS, hangs up amid the handshake, or shows a certificate that does not hold", async () => {
    await using plain = await startTcpPeer((socket) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"));
    expect((await faultOf(`https://127.0.0.1:${plain.port}`, {})).code).toBe("ERR_SSL_WRONG_VERSION_NUMBER");
    await using silent = await startTcpPeer((socket) => socket.end());
    expect((await faultOf(`https://127.0.0.1:${silent.port}`, {})).code).toBe("ECONNRESET");
    const [cert, key] = ["cert", "key"].map((part) =>
      readFileSync(new URL(`../fixtures/first.${part}.pem`, import.meta.url)),
    );
    const tls = createTlsServer({ cert, key }, (socket) => socket.on("error", () => undefined)).listen(0, "127.0.0.1");
    await once(tls, "listening");
    const { port } = tls.address() as AddressInfo;
    expect((await faultOf(`https://localhost:${port}`, {})).code).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
    const other = { nameSources: names({ "other.test": ["127.0.0.1"] }), tls: { ca: cert } };
    const fault = await faultOf(`https://other.test:${port}`, { transport: other });
    expect(fault.code).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
    tls.close();
  });

  it("where the system refuses to connect", async () => {
    const port = await closedPort();
    expect((await faultOf(`http://127.0.0.1:${port}`, {})).code).toBe("ECONNREFUSED");
    // No route, or no such address: which of them it is, is the machine's to say.
    for (const address of ["255.255.255.255", "2001:db8::1"]) {
      const socket = connect(9, address);
      const outcome = await Promise.race([
        once(socket, "error").then(([error]) => (error as NodeJS.ErrnoException).code),
        new Promise<undefined>((resolve) => setTimeout(resolve, 40)),
      ]).catch((error: unknown) => (error as NodeJS.ErrnoException).code);
      socket.destroy();
      if (outcome === undefined) continue;
      const host = address.includes(":") ? `[${address}]` : address;
      expect((await faultOf(`http://${host}:9`, {})).code).toBe(outcome);
    }
  });

  for (const code of ["ENOTFOUND", "EAI_AGAIN", "EAI_FAIL", "EMFILE"]) {
    it(`where a name is looked up in vain (${code})`, async () => {
      const transport = { nameSources: names({ "api.test": code }) };
      expect((await faultOf("http://api.test:9", { transport })).code).toBe(code);
    });
  }

  it("where a lookup hangs: a deadline for the name itself, our host's trouble for one that has no turn", async () => {
    const hanging: NameSources = { system: () => undefined, direct: () => new Promise(() => undefined) };
    const http = { nameSources: hanging };
    const alone = await faultOf("http://a.test", { transport: http, send: { connectTimeoutMs: 40 } });
    expect(alone.error.phase).toBe("connect");
    const transport = createHttpTransport(http);
    const ask = (name: string): Promise<unknown> =>
      transport
        .send(
          { method: "POST", url: `http://${name}.test/`, headers: {}, body: [] },
          { signal: AbortSignal.timeout(60_000), connectTimeoutMs: 60, freshSocket: false },
        )
        .catch((error: unknown) => error);
    // More hang than any machine has threads for lookups by default.
    const faults = await Promise.all(["a", "b", "c", "d", "e"].map(ask));
    const phases = faults.map((fault) => (fault as TransportError).phase);
    expect(phases).toEqual(["connect", "connect", undefined, undefined, undefined]);
    const last = (faults[4] as TransportError).cause as { readonly code?: string };
    expect(last.code).toBe("ERR_LOOKUP_QUEUED");
    transport.close();
  });
});

describe("a proxy that fails", () => {
  const environment = (port: number): HttpTransportOptions => ({
    environment: { https_proxy: `http://user:secret@127.0.0.1:${port}` },
  });
  const target = "https://upstream.test";

  it("is named, without its credential, as our host's trouble where all providers share it", async () => {
    const port = await closedPort();
    const { code, error } = await faultOf(target, { transport: environment(port) });
    expect(code).toBe("ERR_PROXY_CONNECT");
    expect(error.message).toContain(`the proxy 127.0.0.1:${port} cannot be reached`);
    expect(error.message).not.toContain("secret");
  });

  it("keeps the system's code where it is one provider's own", async () => {
    const proxy = `http://127.0.0.1:${await closedPort()}`;
    expect((await faultOf(target, { send: { proxy } })).code).toBe("ECONNREFUSED");
  });

  const refusals: readonly (readonly [answer: string, shared: string])[] = [
    ["HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "ERR_PROXY_CONNECT"],
    ["SSH-2.0-OpenSSH_9.6\r\n\r\n", "ERR_PROXY_CONNECT"],
    ["HTTP/1.1 403 Forbidden\r\n\r\n", "ERR_PROXY_TUNNEL"],
    ["HTTP/1.1 502 Bad Gateway\r\n\r\n", "ERR_PROXY_TUNNEL"],
    ["HTTP/1.1 503 Service Unavailable\r\n\r\n", "ERR_PROXY_TUNNEL"],
    ["", "ERR_PROXY_TUNNEL"],
  ];
  for (const [answer, shared] of refusals) {
    it(`and answers "${answer.split("\r\n", 1)[0]}" is told apart from a destination that it cannot reach`, async () => {
      await using proxy = await startTcpPeer((socket) => void (answer === "" ? socket.end() : socket.write(answer)));
      expect((await faultOf(target, { transport: environment(proxy.port) })).code).toBe(shared);
      expect((await faultOf(target, { send: { proxy: proxy.origin } })).code).toBe("ERR_PROXY_TUNNEL");
    });
  }
});
