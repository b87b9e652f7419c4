import { once } from "node:events";
import { expect, it } from "vitest";
import { call, messagesBody, openSocket, provider, startTestServer, until, type TestReply } from "../running-server.ts";

const providers = [provider("one", "http://127.0.0.1:9")];
const large = messagesBody({ messages: [{ role: "user", content: "x".repeat(600_000) }] });

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

function post(url: string, body = large): Promise<TestReply> {
  return call(url, "/v1/messages", { method: "POST", headers: { "content-type": "application/json" }, body });
}

it("bodies that exceed max_body_memory together are answered with 503, until the answers before them begin", async () => {
  const waiting: (() => void)[] = [];
  const transport = async () => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    const text = JSON.stringify({ type: "message", role: "assistant", content: [], usage: {} });
    return { status: 200, headers: {}, body: pieces(text) };
  };
  await using server = await startTestServer({ providers }, { maxBodyMemoryBytes: 1_000_000 }, { transport });
  const first = post(server.url);
  await until(() => waiting.length === 1);
  const refused = await post(server.url);
  expect(refused.status).toBe(503);
  expect(refused.headers["retry-after"]).toBe("1");
  expect(refused.json()).toMatchObject({
    error: { type: "overloaded_error", message: expect.stringContaining("settings.max_body_memory") },
  });
  const small = post(server.url, messagesBody());
  await until(() => waiting.length === 2);
  for (const release of waiting.splice(0)) release();
  expect([(await first).status, (await small).status]).toEqual([200, 200]);
  const next = post(server.url);
  await until(() => waiting.length === 1);
  waiting[0]?.();
  expect((await next).status).toBe(200);
});

it("bodies that are refused, cut off or counted give their memory back", async () => {
  const transport = () => Promise.reject(new Error("down"));
  await using server = await startTestServer({ providers }, { maxBodyMemoryBytes: 1_000_000 }, { transport });
  const headers = { "content-type": "application/json" };
  for (let round = 0; round < 5; round += 1) {
    expect((await post(server.url, `{"model":"m","no":"${"x".repeat(600_000)}"}`)).status).toBe(400);
    expect((await post(server.url)).status).toBe(503); // no provider serves
    expect((await call(server.url, "/v1/messages/count_tokens", { method: "POST", headers, body: large })).status).toBe(
      200,
    );
    const socket = await openSocket(server.port);
    socket.write(
      `POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 900000\r\n\r\n`,
    );
    // The server closes its side once it has seen the end, amid the body.
    socket.resume().end("x".repeat(600_000));
    await once(socket, "close");
  }
  const last = await post(server.url);
  expect(last.json().error.message).not.toContain("max_body_memory");
});
