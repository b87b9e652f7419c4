import { once } from "node:events";
import { startFakeUpstream, text } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { call, messagesBody, openSocket, provider, rawExchange, startTestServer } from "../running-server.ts";

const head = (lines: readonly string[]): string =>
  ["POST /v1/messages HTTP/1.1", "host: 127.0.0.1", "content-type: application/json", ...lines, "", ""].join("\r\n");
const limit = 32 * 1024 * 1024;

describe("request bodies", () => {
  it("come in whole: with a length, chunked, in tiny pieces, behind 100-continue", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    await using server = await startTestServer({ providers: [provider("one", upstream.url)] });
    const body = messagesBody();
    const cases: readonly (readonly [string, readonly string[]])[] = [
      [head([`content-length: ${body.length}`]), [body]],
      [head([`content-length: ${body.length}`]), [...body]],
      [head(["transfer-encoding: chunked"]), [...body].map((char) => `1\r\n${char}\r\n`).concat("0\r\n\r\n")],
    ];
    for (const [start, pieces] of cases) {
      const socket = await openSocket(server.port);
      socket.setNoDelay(true);
      socket.write(start);
      for (const piece of pieces) socket.write(piece);
      const [answer] = (await once(socket, "data")) as [Buffer];
      expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      socket.destroy();
    }
    for (const request of upstream.requests) expect(request.rawBody.toString()).toBe(body);
    expect(upstream.requests.length).toBe(3);
    const waiting = await openSocket(server.port);
    waiting.write(head([`content-length: ${body.length}`, "expect: 100-continue"]));
    const [first] = (await once(waiting, "data")) as [Buffer];
    expect(first.toString()).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    waiting.write(body);
    const [second] = (await once(waiting, "data")) as [Buffer];
    expect(second.toString()).toMatch(/^HTTP\/1\.1 200 OK/);
    waiting.destroy();
  });

  it("of 32 MiB get through; one byte more is 413 by its length, before it is read, and closes the connection", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    await using server = await startTestServer({ providers: [provider("one", upstream.url)] });
    const start = messagesBody().slice(0, -1);
    const body = `${start},"x":"${"a".repeat(limit - start.length - 8)}"}`;
    expect(body.length).toBe(limit);
    const reply = await call(server.url, "/v1/messages", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    expect(reply.status).toBe(200);
    expect(upstream.requests[0]?.rawBody.length).toBe(limit);
    const refused = await rawExchange(server.port, head([`content-length: ${limit + 1}`]));
    expect(refused.text).toMatch(/^HTTP\/1\.1 413 /);
    expect(refused.text).toContain("connection: close\r\n");
    expect(refused.text).toContain('"type":"request_too_large"');
    const waiting = await rawExchange(server.port, head([`content-length: ${limit + 1}`, "expect: 100-continue"]));
    expect(waiting.text).toMatch(/^HTTP\/1\.1 413 /);
    expect(upstream.requests.length).toBe(1);
  });

  it("that are chunked are cut at 32 MiB too, and the client gets to see the 413", async () => {
    await using server = await startTestServer({ providers: [provider("one", "http://127.0.0.1:9")] });
    const socket = await openSocket(server.port);
    let answer = "";
    socket.on("data", (chunk) => (answer += chunk.toString()));
    socket.write(head(["transfer-encoding: chunked"]));
    const piece = Buffer.concat([Buffer.from("100000\r\n"), Buffer.alloc(0x100000, "a"), Buffer.from("\r\n")]);
    for (let sent = 0; sent < 40 && !socket.destroyed; sent += 1) socket.write(piece);
    socket.write("0\r\n\r\n");
    await once(socket, "close");
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  it("with content-encoding or another type than JSON are 415", async () => {
    await using server = await startTestServer({ providers: [provider("one", "http://127.0.0.1:9")] });
    for (const headers of [
      { "content-type": "application/json", "content-encoding": "gzip" },
      { "content-type": "text/plain" },
      { "content-type": "application/jsonx" },
      { "content-type": "application/x-www-form-urlencoded" },
      { "content-type": "multipart/form-data; boundary=application/json" },
      {},
    ]) {
      for (const path of ["/v1/messages", "/v1/messages/count_tokens"]) {
        const reply = await call(server.url, path, { method: "POST", headers, body: messagesBody() });
        expect([headers, reply.status]).toEqual([headers, 415]);
        expect(reply.json()).toMatchObject({ type: "error", error: { type: "invalid_request_error" } });
      }
    }
  });

  it("take parameters and capitals in the content type", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    await using server = await startTestServer({ providers: [provider("one", upstream.url)] });
    for (const type of ["application/json; charset=utf-8", "Application/JSON", "application/json ;x=y"]) {
      const reply = await call(server.url, "/v1/messages", {
        method: "POST",
        headers: { "content-type": type },
        body: messagesBody(),
      });
      expect([type, reply.status]).toEqual([type, 200]);
    }
  });

  it("that are no Messages request are a 400 before any upstream, and close the connection", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    await using server = await startTestServer({ providers: [provider("one", upstream.url)] });
    const hostile = [
      "",
      "null",
      "[]",
      '"text"',
      "{",
      `${messagesBody()}x`,
      `${messagesBody()}${messagesBody()}`,
      '{"model":"","messages":[]}',
      '{"model":1,"messages":[]}',
      '{"model":"m","messages":{}}',
      '{"model":"m"}',
      "{'model':'m','messages':[]}",
      '{"model":"m","messages":[],}',
      '{"model":"m","messages":[NaN]}',
      Buffer.from([0x7b, 0xff, 0xfe, 0x7d]),
      Buffer.from(messagesBody(), "utf16le"),
    ];
    for (const body of hostile) {
      for (const path of ["/v1/messages", "/v1/messages/count_tokens"]) {
        const reply = await call(server.url, path, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body,
        });
        expect([String(body), reply.status]).toEqual([String(body), 400]);
        expect(reply.json()).toMatchObject({ type: "error", error: { type: "invalid_request_error" } });
        expect(reply.headers.connection).toBe("close");
      }
    }
    expect(upstream.requests.length).toBe(0);
  });

  it("of hostile JSON do no harm: 400 or forwarded, and the server lives", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    await using other = await startFakeUpstream({ dialect: "openai" });
    const providers = [provider("one", upstream.url), provider("two", other.url, { type: "openai" })];
    for (const order of [providers, providers.toReversed()]) {
      await using server = await startTestServer({ providers: order });
      const wrap = (inner: string): string =>
        `{"model":"claude-opus-5","max_tokens":1,"messages":[{"role":"user","content":"x"}],"metadata":${inner}}`;
      for (const body of [
        wrap("[".repeat(200_000) + "]".repeat(200_000)),
        wrap('{"a":'.repeat(100_000) + "1" + "}".repeat(100_000)),
        wrap('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
        wrap(String.raw`"\u0000\ud800\udfff"`),
        wrap("1e999999"),
        wrap(`"${"\\u0041".repeat(100_000)}"`),
        wrap(`{${Array.from({ length: 50_000 }, (_, index) => `"k${index}":${index}`).join(",")}}`),
        wrap('{"a":1,"a":2}'),
      ]) {
        const reply = await call(server.url, "/v1/messages", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body,
        });
        expect([200, 400]).toContain(reply.status);
      }
      expect((Object.prototype as Record<string, unknown>)["polluted"]).toBeUndefined();
      expect((await call(server.url, "/")).status).toBe(200);
    }
  });
});
