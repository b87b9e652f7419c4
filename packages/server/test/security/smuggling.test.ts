import { startFakeUpstream } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { call, messagesBody, provider, rawExchange, startTestServer } from "../running-server.ts";

const body = messagesBody();
const hidden = "GET /providers HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";

function post(lines: readonly string[], rest: string, version = "1.1"): string {
  return [
    `POST /v1/messages HTTP/${version}`,
    "host: 127.0.0.1",
    "content-type: application/json",
    ...lines,
    "",
    rest,
  ].join("\r\n");
}

const answerText = JSON.stringify({ type: "message", role: "assistant", content: [], usage: {} });

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
const length = `content-length: ${body.length}`;

const vectors: Readonly<Record<string, string>> = {
  "length and chunked together": post([length, "transfer-encoding: chunked"], chunked + hidden),
  "chunked and length together": post(["transfer-encoding: chunked", length], chunked + hidden),
  "two different lengths": post([length, "content-length: 3"], body + hidden),
  "two equal lengths": post([length, length], body + hidden),
  "a list of lengths": post([`${length}, ${body.length}`], body + hidden),
  "a signed length": post([`content-length: +${body.length}`], body + hidden),
  "a negative length": post(["content-length: -1"], body + hidden),
  "a hexadecimal length": post(["content-length: 0x10"], body + hidden),
  "an empty length": post(["content-length: "], body + hidden),
  "an endless length": post(["content-length: 99999999999999999999999"], body + hidden),
  "chunked twice": post(["transfer-encoding: chunked", "transfer-encoding: chunked"], chunked + hidden),
  "chunked, then identity": post(["transfer-encoding: chunked, identity"], chunked + hidden),
  "gzip, then chunked": post(["transfer-encoding: gzip, chunked"], chunked + hidden),
  "an unknown coding": post(["transfer-encoding: xchunked"], chunked + hidden),
  "a coding behind a vertical tab": post(["transfer-encoding: \x0bchunked"], chunked + hidden),
  "a space before the colon": post(["transfer-encoding : chunked"], chunked + hidden),
  "a folded header": post(["x-folded: a", " b", length], body + hidden),
  "a header without a colon": post(["content-length", length], body + hidden),
  "a NUL in a header": post([`x-nul: a\0b`, length], body + hidden),
  "a bare CR in a header": post([`x-cr: a\rb`, length], body + hidden),
  "a bare LF after the request line": `POST /v1/messages HTTP/1.1\nhost: 127.0.0.1\n${length}\n\n${body}`,
  "chunked in HTTP/1.0": post(["transfer-encoding: chunked"], chunked + hidden, "1.0"),
  "two hosts": post(["host: evil.example", length], body + hidden),
  "no host": `GET / HTTP/1.1\r\n\r\n`,
  "a bad chunk size": post(["transfer-encoding: chunked"], `zz\r\n${body}\r\n0\r\n\r\n${hidden}`),
  "a chunk size with a sign": post(["transfer-encoding: chunked"], `+5\r\nhello\r\n0\r\n\r\n${hidden}`),
  "a chunk longer than its size": post(["transfer-encoding: chunked"], `3\r\nhello\r\n0\r\n\r\n${hidden}`),
  "an endless chunk size": post(["transfer-encoding: chunked"], `fffffffffffffffff\r\n${body}\r\n0\r\n\r\n`),
  "an unknown method": `SMUGGLE / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`,
  "an unknown version": `GET / HTTP/9.9\r\nhost: 127.0.0.1\r\n\r\n`,
  "a preface of HTTP/2": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "a TLS greeting": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
  "a space in the target": `GET /a b HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`,
};

describe("request smuggling", () => {
  it.each(Object.entries(vectors))(
    "%s is refused, the connection closed, and what follows not taken for a request",
    async (_name, bytes) => {
      await using upstream = await startFakeUpstream({ dialect: "anthropic" });
      await using server = await startTestServer({ providers: [provider("one", upstream.url)] });
      const { text: answer, isClosed } = await rawExchange(server.port, Buffer.from(bytes, "latin1"));
      expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
      expect(answer.match(/HTTP\/1\.1 \d\d\d /g)?.length).toBe(1);
      expect(answer.toLowerCase()).toContain("connection: close");
      expect(answer).not.toContain("total_providers");
      expect(JSON.parse(answer.slice(answer.indexOf("{")))).toMatchObject({
        type: "error",
        error: { type: "invalid_request_error" },
      });
      expect(isClosed).toBe(true);
      expect(upstream.requests.length).toBe(0);
      expect((await call(server.url, "/")).status).toBe(200);
    },
  );

  it("finds no gap in honest pipelining: two requests, two answers, in order", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    await using server = await startTestServer({ providers: [provider("one", upstream.url)] });
    const { text: answer } = await rawExchange(
      server.port,
      post([length], body) + "GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n",
    );
    const [first, second] = [answer.indexOf('"type":"message"'), answer.indexOf('"proxy_name"')];
    expect(first).toBeGreaterThan(0);
    expect(second).toBeGreaterThan(first);
  });

  it("begins no request behind an answer that ends the connection, and leaves none of them under way", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    await using server = await startTestServer({ providers: [provider("one", upstream.url)] });
    const refused = post(["content-length: 1"], "{");
    const { text: answer, isClosed } = await rawExchange(server.port, refused + post([length], body) + hidden);
    expect(answer.match(/HTTP\/1\.1 \d\d\d /g)).toEqual(["HTTP/1.1 400 "]);
    expect(isClosed).toBe(true);
    expect(upstream.requests.length).toBe(0);
    expect((await call(server.url, "/metrics")).body).toMatch(/^ccpb_requests_in_flight 1$/m);
    expect(await server.server.close(30_000)).toBe(0);
  });

  it("works on the requests of one connection one after the other", async () => {
    let busy = 0;
    let most = 0;
    const transport = async () => {
      most = Math.max(most, (busy += 1));
      await new Promise((resolve) => setTimeout(resolve, 20));
      busy -= 1;
      return { status: 200, headers: {}, body: pieces(answerText) };
    };
    await using server = await startTestServer(
      { providers: [provider("one", "http://127.0.0.1:9")] },
      {},
      { transport },
    );
    const { text: answer } = await rawExchange(server.port, post([length], body).repeat(3));
    expect(answer.match(/HTTP\/1\.1 200 /g)?.length).toBe(3);
    expect(most).toBe(1);
  });
});
