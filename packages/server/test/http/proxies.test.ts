import { readFileSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:https";
import { connect, type AddressInfo } from "node:net";
import { TransportError, type TransportOptions, type UpstreamReply, type UpstreamRequest } from "@ccpb/core";
import { describe, expect, it } from "vitest";
import { createHttpTransport } from "../../src/transport/transport.ts";
import { answerRequests, startTcpPeer } from "../tcp-peer.ts";

const ok = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
const fixture = (name: string): string => readFileSync(new URL(`../fixtures/${name}`, import.meta.url), "utf8");
const basic = `proxy-authorization: Basic ${Buffer.from("user:pa:ss").toString("base64")}\r\n`;

function request(origin: string): UpstreamRequest {
  const headers = { "content-length": "5", "x-api-key": "k" };
  return { method: "POST", url: `${origin}/v1/messages?beta=true`, headers, body: [Buffer.from("hello")] };
}

function options(change: Partial<TransportOptions> = {}): TransportOptions {
  return { signal: AbortSignal.timeout(60_000), connectTimeoutMs: 30_000, freshSocket: false, ...change };
}

async function textOf(reply: UpstreamReply): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of reply.body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function failureOf(
  promise: Promise<unknown>,
): Promise<{ readonly error: TransportError; readonly code: unknown }> {
  const error = await promise.then(
    () => new Error("it did not fail"),
    (cause: unknown) => cause,
  );
  if (!(error instanceof TransportError)) throw error;
  const { cause } = error;
  return { error, code: cause instanceof Error && "code" in cause ? cause.code : undefined };
}

describe("a proxy on the way to an https provider", () => {
  it("is asked for a tunnel, with its credential, which is in no error", async () => {
    const upstream = createServer(
      { cert: fixture("first.cert.pem"), key: fixture("first.key.pem") },
      (incoming, answer) => {
        answer.setHeader("x-saw", JSON.stringify(incoming.headers));
        answer.end(`${incoming.method} ${incoming.url}`);
      },
    ).listen(0, "127.0.0.1");
    await once(upstream, "listening");
    await using proxy = await startTcpPeer((socket, received) => {
      if (!received.endsWith("\r\n\r\n") || !received.startsWith("CONNECT")) return;
      const onward = connect((upstream.address() as AddressInfo).port, "127.0.0.1");
      socket.removeAllListeners("data");
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      socket.pipe(onward).pipe(socket);
    });
    const transport = createHttpTransport({ tls: { ca: fixture("first.cert.pem") } });
    const withUser = `http://user:pa%3Ass@127.0.0.1:${proxy.port}`;
    const reply = await transport.send(request("https://localhost:81"), options({ proxy: withUser }));
    expect(await textOf(reply)).toBe("POST /v1/messages?beta=true");
    expect(proxy.received()).toContain("CONNECT localhost:81 HTTP/1.1\r\n");
    expect(proxy.received()).toContain(basic);
    // The upstream never sees what is the proxy's.
    expect(String(reply.headers["x-saw"])).not.toContain("proxy-authorization");
    transport.close();
    upstream.close();
    await using refusing = await startTcpPeer((socket) => socket.end("HTTP/1.1 407 No\r\n\r\n"));
    const refused = options({ proxy: `http://user:pass@127.0.0.1:${refusing.port}` });
    const { error } = await failureOf(createHttpTransport().send(request("https://upstream.test"), refused));
    expect(error.message).toBe("the proxy answered 407 when asked for a tunnel");
    expect(refusing.sockets.length).toBe(1);
  });
});

describe("a proxy on the way to an http provider", () => {
  it("is sent the request with its whole URL, as RFC 9112 has it, and keeps its connection", async () => {
    await using proxy = await startTcpPeer(answerRequests((socket) => socket.write(ok)));
    const transport = createHttpTransport();
    const own = options({ proxy: `http://user:pa%3Ass@127.0.0.1:${proxy.port}` });
    for (let round = 0; round < 2; round += 1) {
      const reply = await transport.send(request("http://upstream.test:8081"), own);
      expect([reply.status, await textOf(reply)]).toEqual([200, "{}"]);
    }
    expect(proxy.sockets.length).toBe(1);
    const [first = "", second = ""] = proxy.received().split(/(?<=hello)/);
    for (const sent of [first, second]) {
      expect(sent).toMatch(/^POST http:\/\/upstream\.test:8081\/v1\/messages\?beta=true HTTP\/1\.1\r\n/);
      expect(sent).toContain("host: upstream.test:8081\r\n");
      expect(sent).toContain("x-api-key: k\r\n");
      expect(sent.split(basic)).toHaveLength(2);
    }
    transport.close();
  });

  it("is told from the provider where it wants a credential, and passes the provider's own answers on", async () => {
    for (const isShared of [true, false]) {
      await using refusing = await startTcpPeer(
        answerRequests((socket) => socket.write("HTTP/1.1 407 Credential\r\ncontent-length: 0\r\n\r\n")),
      );
      const environment = isShared ? { HTTP_PROXY: refusing.origin } : {};
      const transport = createHttpTransport({ environment });
      const own = options(isShared ? {} : { proxy: refusing.origin });
      const { error, code } = await failureOf(transport.send(request("http://upstream.test"), own));
      expect(error.message).toContain("the proxy answered 407");
      expect(code).toBe(isShared ? "ERR_PROXY_CONNECT" : "ERR_PROXY_TUNNEL");
      transport.close();
    }
    await using proxy = await startTcpPeer(
      answerRequests((socket) => socket.write("HTTP/1.1 429 Slow\r\ncontent-length: 0\r\n\r\n")),
    );
    const transport = createHttpTransport({ environment: { http_proxy: proxy.origin } });
    expect((await transport.send(request("http://upstream.test"), options())).status).toBe(429);
    transport.close();
  });

  it("keeps the connect deadline where it cannot be reached, and is named", async () => {
    await using gone = await startTcpPeer(() => undefined);
    const { port } = gone;
    await gone[Symbol.asyncDispose]();
    const transport = createHttpTransport({ environment: { http_proxy: `http://user:secret@127.0.0.1:${port}` } });
    const { error, code } = await failureOf(transport.send(request("http://upstream.test"), options()));
    expect(code).toBe("ERR_PROXY_CONNECT");
    expect(error.message).toContain(`the proxy 127.0.0.1:${port} cannot be reached`);
    expect(error.message).not.toContain("secret");
    transport.close();
  });
});

describe("the proxy variables", () => {
  // Where a request went: `tunnel` and `forward` by the proxy, `direct` without one.
  const ways: readonly (readonly [
    name: string,
    origin: string,
    way: string,
    environment: (proxy: string) => Record<string, string>,
  ])[] = [
    ["HTTPS_PROXY", "https://outside.test", "tunnel", (proxy) => ({ HTTPS_PROXY: proxy })],
    ["https_proxy", "https://outside.test", "tunnel", (proxy) => ({ https_proxy: proxy })],
    ["HTTP_PROXY for http", "http://outside.test", "forward", (proxy) => ({ HTTP_PROXY: proxy })],
    ["HTTP_PROXY for https", "https://outside.test", "direct", (proxy) => ({ HTTP_PROXY: proxy })],
    ["HTTPS_PROXY for http", "http://outside.test", "direct", (proxy) => ({ HTTPS_PROXY: proxy })],
    ["ALL_PROXY for https", "https://outside.test", "tunnel", (proxy) => ({ ALL_PROXY: proxy })],
    ["all_proxy for http", "http://outside.test", "forward", (proxy) => ({ all_proxy: proxy })],
    [
      "ALL_PROXY behind HTTPS_PROXY",
      "https://outside.test",
      "tunnel",
      (proxy) => ({ ALL_PROXY: "socks5://127.0.0.1:1", HTTPS_PROXY: proxy }),
    ],
    ["ALL_PROXY and NO_PROXY", "https://outside.test", "direct", (proxy) => ({ ALL_PROXY: proxy, NO_PROXY: ".test" })],
    [
      "NO_PROXY with a port",
      "http://outside.test",
      "direct",
      (proxy) => ({ HTTP_PROXY: proxy, no_proxy: "outside.test:80" }),
    ],
    [
      "NO_PROXY with another port",
      "http://outside.test",
      "forward",
      (proxy) => ({ HTTP_PROXY: proxy, no_proxy: "outside.test:81" }),
    ],
    [
      "NO_PROXY with a network",
      "http://192.0.2.7",
      "direct",
      (proxy) => ({ HTTP_PROXY: proxy, NO_PROXY: "192.0.2.0/24" }),
    ],
    [
      "NO_PROXY with another network",
      "http://192.0.2.7",
      "forward",
      (proxy) => ({ HTTP_PROXY: proxy, NO_PROXY: "198.51.100.0/24" }),
    ],
    [
      "NO_PROXY with an IPv6 network",
      "http://[2001:db8::7]",
      "direct",
      (proxy) => ({ HTTP_PROXY: proxy, NO_PROXY: "2001:db8::/32" }),
    ],
    ["NO_PROXY=*", "https://outside.test", "direct", (proxy) => ({ HTTPS_PROXY: proxy, NO_PROXY: "*" })],
    ["this machine", "http://127.0.0.1:9", "direct", (proxy) => ({ HTTP_PROXY: proxy, ALL_PROXY: proxy })],
    ["an empty variable", "http://outside.test", "direct", () => ({ HTTP_PROXY: "", ALL_PROXY: "" })],
  ];
  it.each(ways)("%s leads to %s by: %s", async (_name, origin, way, environment) => {
    await using proxy = await startTcpPeer((socket) => socket.end("HTTP/1.1 502 No\r\ncontent-length: 0\r\n\r\n"));
    const transport = createHttpTransport({ environment: environment(proxy.origin) });
    // Whether the direct way leads anywhere does not matter here.
    await transport
      .send(request(origin), options({ connectTimeoutMs: way === "direct" ? 300 : 30_000 }))
      .catch(() => undefined);
    transport.close();
    const [word] = proxy.received().split(" ");
    expect(proxy.sockets.length === 0 ? "direct" : word === "CONNECT" ? "tunnel" : "forward").toBe(way);
  });
});
