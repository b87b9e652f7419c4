import { startFakeUpstream, text } from "@ccpb/fake-upstream";
import { CcpbError } from "@ccpb/core";
import { describe, expect, it } from "vitest";
import { createServer } from "../../src/app/create-server.ts";
import { createHttpServer } from "../../src/http/http.ts";
import { assertSafeBinding, isLoopback } from "../../src/app/safe-binding.ts";
import {
  call,
  messagesBody,
  openSocket,
  postMessages,
  provider,
  rawExchange,
  startTestServer,
  testKey,
} from "../running-server.ts";

const key = "ccpb-key-0123456789abcdef";
const other = "ccpb-key-fedcba9876543210";
const guarded = (keys: readonly string[] = [key, other]) => ({
  auth: {
    apiKeys: keys,
    exemptPaths: [
      { methods: ["GET", "HEAD"], path: "/" },
      { path: "/health" },
      { methods: ["HEAD"], path: "/api/hello" },
    ],
  },
});

describe("who may come in", () => {
  it("is decided by Host and Origin on all routes, before anything else is done", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    await using server = await startTestServer(
      { providers: [provider("one", upstream.url)] },
      { allowedHosts: ["mine.example"] },
    );
    for (const [method, path] of [
      ["GET", "/"],
      ["GET", "/health"],
      ["GET", "/providers"],
      ["GET", "/metrics"],
      ["GET", "/v1/models"],
      ["POST", "/v1/messages"],
      ["POST", "/v1/messages/count_tokens"],
      ["POST", "/providers/reload"],
      ["GET", "/nowhere"],
    ] as const) {
      const options = { method, ...(path.startsWith("/v1/mess") && { body: messagesBody() }) };
      const json = { "content-type": "application/json" };
      const rebound = await call(server.url, path, { ...options, headers: { ...json, host: "evil.example" } });
      expect([path, rebound.status]).toEqual([path, 403]);
      expect(rebound.json()).toMatchObject({
        type: "error",
        error: { type: "permission_error", message: expect.stringContaining("allowed_hosts") },
      });
      const page = await call(server.url, path, { ...options, headers: { ...json, origin: "https://evil.example" } });
      expect([path, page.status]).toEqual([path, 403]);
      const image = await call(server.url, path, { ...options, headers: { ...json, "sec-fetch-site": "cross-site" } });
      expect([path, image.status]).toEqual([path, 403]);
      const mine = await call(server.url, path, { ...options, headers: { ...json, host: "mine.example:1234" } });
      expect([path, mine.status]).not.toEqual([path, 403]);
    }
    // The list of models is asked of the provider as well.
    expect(upstream.requests.filter(({ method }) => method === "POST").length).toBe(2);
  });

  it("needs one valid key, in any of three headers, on every route but the exempt ones", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    await using server = await startTestServer({ providers: [provider("one", upstream.url)] }, guarded());
    const ways = [
      [{}, 401],
      [{ "x-api-key": "wrong" }, 401],
      [{ "x-api-key": "" }, 401],
      [{ "x-api-key": key.slice(0, -1) }, 401],
      [{ "x-api-key": `${key}x` }, 401],
      [{ authorization: `Basic ${key}` }, 401],
      [{ authorization: key }, 401],
      [{ "x-api-key": key }, 200],
      [{ "x-api-key": other }, 200],
      [{ "api-key": "wrong" }, 401],
      [{ "api-key": key }, 200],
      [{ "api-key": other, "x-api-key": "wrong", authorization: "Bearer wrong" }, 200],
      [{ authorization: `Bearer ${key}` }, 200],
      [{ authorization: `bearer ${other}` }, 200],
      [{ "x-api-key": "wrong", authorization: `Bearer ${key}` }, 200],
      [{ "x-api-key": key, authorization: "Bearer wrong" }, 200],
    ] as const;
    for (const [headers, status] of ways) {
      const reply = await call(server.url, "/providers", { headers });
      expect([headers, reply.status]).toEqual([headers, status]);
      expect((await postMessages(server.url, {}, headers)).status).toBe(status);
      if (status === 401)
        expect(reply.json()).toMatchObject({ type: "error", error: { type: "authentication_error" } });
      if (status === 401)
        expect(reply.headers).toMatchObject({ "x-should-retry": "false", "www-authenticate": "Bearer" });
    }
    for (const [method, path, status] of [
      ["GET", "/", 200],
      ["HEAD", "/", 200],
      ["GET", "/health", 200],
      ["HEAD", "/api/hello", 200],
      ["GET", "/metrics", 401],
      ["GET", "/v1/models", 401],
      ["POST", "/providers/reload", 401],
      ["POST", "/", 401],
      ["GET", "/nowhere", 401],
    ] as const) {
      expect([method, path, (await call(server.url, path, { method })).status]).toEqual([method, path, status]);
    }
  });

  it("never passes our own keys on, not even to a passthrough provider, and passes the client's credential to that one alone", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    await using paid = await startFakeUpstream({ dialect: "anthropic" });
    const own = provider("passing", upstream.url, { auth: { type: "passthrough" } });
    await using server = await startTestServer({ providers: [own] }, guarded());
    await postMessages(
      server.url,
      {},
      { "x-api-key": key, authorization: "Bearer sk-client-own", "anthropic-note": other, cookie: "c=1" },
    );
    await postMessages(
      server.url,
      {},
      { "x-api-key": "sk-client-own", authorization: `Bearer ${key}`, "x-forwarded-for": "1.2.3.4" },
    );
    const [first, second] = upstream.requests;
    expect(first?.headers).toMatchObject({ authorization: "Bearer sk-client-own" });
    expect(first?.headers).not.toHaveProperty("x-api-key");
    expect(second?.headers).toMatchObject({ "x-api-key": "sk-client-own" });
    expect(second?.headers).not.toHaveProperty("authorization");
    expect(JSON.stringify(upstream.requests.map(({ rawHeaders }) => rawHeaders))).not.toMatch(
      /ccpb-key|cookie|forwarded/,
    );
    await using plain = await startTestServer({ providers: [provider("paid", paid.url)] });
    await postMessages(
      plain.url,
      {},
      { "x-api-key": "sk-client-own", authorization: "Bearer sk-client-own", cookie: "c=1" },
    );
    expect(JSON.stringify(paid.requests[0]?.rawHeaders)).not.toMatch(/sk-client-own|cookie/);
    expect(paid.requests[0]?.headers["x-api-key"]).toBe(testKey);
  });

  it("is nobody but this machine without keys", () => {
    const settings = (host: string, apiKeys: readonly string[]) => ({ host, auth: { apiKeys, exemptPaths: [] } });
    for (const host of ["127.0.0.1", "127.9.9.9", "localhost", "::1", "[::1]"]) expect(isLoopback(host)).toBe(true);
    for (const host of ["0.0.0.0", "::", "", "192.168.0.1", "example.org", "127.0.0.1.evil.example"]) {
      expect(isLoopback(host)).toBe(false);
      expect(() => assertSafeBinding(settings(host, []))).toThrow(/api_keys/);
      expect(() => assertSafeBinding(settings(host, ["short"]))).toThrow(/16 characters/);
      expect(() => assertSafeBinding(settings(host, [key]))).not.toThrow();
    }
    expect(() => assertSafeBinding(settings("127.0.0.1", [""]))).toThrow(/empty key/);
    expect(() =>
      createServer({
        config: {
          providers: [provider("one", "https://one.test", { enabled: false })],
        },
        settings: { host: "0.0.0.0" },
      }),
    ).toThrow(CcpbError);
  });

  it("sends no CORS headers, no cookies and nothing else of an upstream's but the allow-list", async () => {
    const headers = {
      "set-cookie": "s=1",
      "access-control-allow-origin": "*",
      "x-powered-by": "php",
      "anthropic-ratelimit-requests-remaining": "5",
      connection: "x-hop",
      "x-hop": "1",
    };
    await using upstream = await startFakeUpstream({
      dialect: "anthropic",
      defaultBehaviour: { ...text("Hi"), headers },
    });
    await using server = await startTestServer({ providers: [provider("one", upstream.url)] });
    const reply = await postMessages(server.url);
    expect(reply.status).toBe(200);
    expect(reply.headers["anthropic-ratelimit-requests-remaining"]).toBe("5");
    for (const name of ["set-cookie", "access-control-allow-origin", "x-powered-by", "x-hop"])
      expect(reply.headers).not.toHaveProperty(name);
  });

  it("cannot choose where requests go: absolute targets, foreign hosts and odd paths reach no upstream", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    await using server = await startTestServer({ providers: [provider("one", upstream.url)] });
    const body = messagesBody();
    const tail = `host: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    for (const target of [
      "http://169.254.169.254/v1/messages",
      "//evil.example/v1/messages",
      "/v1/messages/../../x",
      "/V1/MESSAGES",
      "*",
      "/v1/messages%00",
    ]) {
      const { text: answer } = await rawExchange(server.port, `POST ${target} HTTP/1.1\r\n${tail}`);
      expect([target, answer.slice(9, 12)]).toEqual([target, "404"]);
    }
    const { text: tunnel } = await rawExchange(
      server.port,
      `CONNECT ${new URL(upstream.url).host} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`,
    );
    expect(tunnel).toBe("");
    expect(upstream.requests.length).toBe(0);
  });
});

describe("a target with scheme and host", () => {
  it("is served as its path where Host names the same, under the same rules as any other", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    await using server = await startTestServer({ providers: [provider("one", upstream.url)] });
    const body = messagesBody();
    const ask = async (target: string, host: string): Promise<string> => {
      const head = `POST ${target} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
      return (await rawExchange(server.port, head + body)).text.slice(9, 12);
    };
    expect(await ask("http://localhost:8080/v1/messages?beta=true", "localhost:8080")).toBe("200");
    expect(await ask("HTTP://LocalHost/v1/messages", "localhost")).toBe("200");
    expect(upstream.requests.map(({ path, query }) => path + query)).toEqual([
      "/v1/messages?beta=true",
      "/v1/messages",
    ]);
    expect(await ask("http://evil.example/v1/messages", "evil.example")).toBe("403");
    expect(await ask("http://localhost.evil.example/v1/messages", "localhost")).toBe("404");
    expect(await ask("http://localhost@evil.example/v1/messages", "localhost")).toBe("404");
    expect(await ask("ftp://localhost/v1/messages", "localhost")).toBe("404");
    const { text: root } = await rawExchange(server.port, "GET http://localhost HTTP/1.1\r\nhost: localhost\r\n\r\n");
    expect(root).toContain("proxy_name");
  });
});

describe("slow and greedy clients", () => {
  it("meet limits: head in 15 s, body in two minutes, 32 kB of headers, idle connections kept for over a minute", () => {
    const server = createHttpServer(() => undefined, undefined);
    expect(server).toMatchObject({ headersTimeout: 15_000, requestTimeout: 120_000, keepAliveTimeout: 75_000 });
  });

  it("get a 431 for a flood of headers, in the shape of our errors, and lose the connection", async () => {
    await using server = await startTestServer({ providers: [provider("one", "http://127.0.0.1:9")] });
    for (const flood of [
      `x-big: ${"a".repeat(70_000)}\r\n`,
      Array.from({ length: 20_000 }, (_, index) => `x-${index}: y\r\n`).join(""),
    ]) {
      const { text: answer, isClosed } = await rawExchange(
        server.port,
        `GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n${flood}\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 431 /);
      expect(JSON.parse(answer.slice(answer.indexOf("{")))).toMatchObject({
        type: "error",
        error: { type: "invalid_request_error" },
      });
      expect(isClosed).toBe(true);
    }
    expect((await call(server.url, "/")).status).toBe(200);
  });

  it("do not take anything from the others: two hundred half-open requests, and an answer comes at once", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    await using server = await startTestServer({ providers: [provider("one", upstream.url)] });
    const sockets = await Promise.all(Array.from({ length: 200 }, () => openSocket(server.port)));
    for (const [index, socket] of sockets.entries()) {
      socket.write(
        index % 2 === 0
          ? "POST /v1/messages HT"
          : "POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{",
      );
    }
    expect((await postMessages(server.url)).status).toBe(200);
    for (const socket of sockets) socket.destroy();
  });
});
