import { once } from "node:events";
import { createServer, request as ask } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { refuse, startFakeUpstream, text } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { messagesBody, provider, startTestServer } from "../running-server.ts";

/** Posts a body in pieces, with its length or chunked; answers the status. */
async function post(port: number, body: string, pieceBytes: number, hasLength: boolean): Promise<number | undefined> {
  const headers = {
    "content-type": "application/json",
    ...(hasLength ? { "content-length": Buffer.byteLength(body) } : { "transfer-encoding": "chunked" }),
  };
  const asked = ask({ host: "127.0.0.1", port, method: "POST", path: "/v1/messages", headers });
  const answered = once(asked, "response");
  const bytes = Buffer.from(body);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    asked.write(bytes.subarray(at, at + pieceBytes));
    if (pieceBytes < 50_000 && at % 20_000 < pieceBytes) await delay(1);
  }
  asked.end();
  const [answer] = (await answered) as [NodeJS.ReadableStream & { readonly statusCode?: number }];
  await once(answer.resume(), "end");
  return answer.statusCode;
}

const large = (bytes: number): string => {
  let content = "";
  for (let line = 0; content.length < bytes; line += 1) content += `line ${line} of a large request; `;
  return messagesBody({ messages: [{ role: "user", content }] });
};

describe("a request body that is held as the chunks that arrived", () => {
  it.each([
    [150_000, 1_000_000, true],
    [150_000, 20_000, true],
    [300_000, 1_000_000, false],
    [20_000, 7, true],
    [9_000, 1, false],
    [20_000_000, 1_000_000, true],
  ])("of %i bytes in pieces of %i gets through whole, and so does what follows", async (bytes, piece, length) => {
    await using failing = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: refuse(500) });
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    const providers = [provider("one", failing.url), provider("two", upstream.url, { bigModel: "mapped-model" })];
    await using server = await startTestServer({ providers });
    const body = large(bytes);
    expect(await post(server.port, body, piece, length)).toBe(200);
    expect(await post(server.port, body, piece, length)).toBe(200);
    const mapped = body.replace("claude-opus-5-5", "mapped-model");
    expect(Buffer.from(body).equals(failing.requests[0]?.rawBody ?? Buffer.alloc(0))).toBe(true);
    expect(upstream.requests).toHaveLength(2);
    for (const { rawBody } of upstream.requests) expect(Buffer.from(mapped).equals(rawBody)).toBe(true);
  });

  it("is kept apart from those that arrive at the same time, and one that is no JSON is refused by its own fault", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    const providers = [provider("one", upstream.url, { bigModel: "mapped-model" })];
    await using server = await startTestServer({ providers });
    const sound = [40_000, 70_000, 200_000, 300_000].map((bytes) => large(bytes));
    const broken = large(100_000).replace("line 900 ", "line \u0001 ");
    const all = [...sound, broken].map((body) => {
      const headers = { "content-type": "application/json", "content-length": body.length };
      const asked = ask({ host: "127.0.0.1", port: server.port, method: "POST", path: "/v1/messages", headers });
      return { asked, bytes: Buffer.from(body), answered: once(asked, "response") };
    });
    for (let at = 0; at < 310_000; at += 10_000) {
      for (const { asked, bytes } of all) if (at < bytes.length) asked.write(bytes.subarray(at, at + 10_000));
      await delay(1);
    }
    const answers = await Promise.all(
      all.map(async ({ asked, answered }) => {
        asked.end();
        const [answer] = (await answered) as [NodeJS.ReadableStream & { readonly statusCode?: number }];
        let body = "";
        for await (const chunk of answer) body += String(chunk);
        return { status: answer.statusCode, body };
      }),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 400]);
    expect(answers[4]?.body).toContain(`at byte ${broken.indexOf("\u0001")}`);
    const expected = sound.map((body) => body.replace("claude-opus-5-5", "mapped-model")).sort();
    const sent = upstream.requests.map(({ rawBody }) => rawBody.toString()).sort();
    expect(sent.map((body) => body.length)).toEqual(expected.map((body) => body.length));
    expect(sent.every((body, index) => body === expected[index])).toBe(true);
  });

  it("stays as it is for another listener of the same request", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    await using server = await startTestServer({ providers: [provider("one", upstream.url)] });
    const seen: Buffer[] = [];
    const own = createServer((incoming, response) => {
      incoming.on("data", (chunk: Buffer) => seen.push(chunk));
      server.server.handle(incoming, response);
    }).listen(0, "127.0.0.1");
    await once(own, "listening");
    const body = large(300_000);
    expect(await post((own.address() as AddressInfo).port, body, 1_000_000, true)).toBe(200);
    own.close();
    expect(Buffer.concat(seen).equals(Buffer.from(body))).toBe(true);
  });
});
