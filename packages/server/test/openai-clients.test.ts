import { connect } from "node:net";
import { once } from "node:events";
import { refuse, startFakeUpstream, text, type FakeUpstream } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { createServer, type Server } from "node:http";
import { call, provider, startTestServer, type TestReply } from "./running-server.ts";

const key = "server-key-0123456789";
const chat = { model: "gpt-5.6", messages: [{ role: "user", content: "Hello" }] };
const responses = { model: "gpt-5.6", input: "Hello" };
const paths = [
  ["/v1/chat/completions", chat],
  ["/v1/responses", responses],
] as const;

const post = (
  url: string,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<TestReply> =>
  call(url, path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

/** A server with one provider of Anthropic's API behind it. */
async function startOne(
  behaviour = text("Hello there."),
): Promise<AsyncDisposable & { readonly url: string; readonly upstream: FakeUpstream; readonly text: () => string }> {
  const upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: behaviour });
  const server = await startTestServer(
    { providers: [provider("one", upstream.url)] },
    { auth: { apiKeys: [key], exemptPaths: [] } },
  );
  return {
    url: server.url,
    upstream,
    text: server.text,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

describe("clients of OpenAI's APIs over HTTP", () => {
  it.each(
    paths.flatMap(([path, body]) =>
      [{ authorization: `Bearer ${key}` }, { "api-key": key }, { "x-api-key": key }].map(
        (headers) => [path, Object.keys(headers)[0] as string, body, headers] as const,
      ),
    ),
  )("%s is opened by a key in %s, which no provider and no log sees", async (path, _name, body, headers) => {
    await using bench = await startOne();
    const reply = await post(bench.url, path, body, headers);
    expect(reply.status).toBe(200);
    expect(reply.headers).toMatchObject({ "x-ccpb-provider": "one", "x-ccpb-attempts": "1" });
    expect(reply.headers["x-request-id"]).toMatch(/./);
    expect(JSON.stringify(bench.upstream.requests[0]?.headers)).not.toContain(key);
    expect(bench.text()).not.toContain(key);
  });

  it.each(paths)("%s answers errors in the shape of OpenAI's, also those of the head", async (path, body) => {
    await using bench = await startOne();
    const authorization = `Bearer ${key}`;
    const refused = [
      [await post(bench.url, path, body), 401, "invalid_api_key"],
      [await post(bench.url, path, "{", { authorization }), 400, null],
      [await post(bench.url, path, { ...body, model: "" }, { authorization }), 400, null],
      [await post(bench.url, path, JSON.stringify(body), { authorization, "content-type": "text/plain" }), 415, null],
      [await call(bench.url, path, { headers: { authorization } }), 405, null],
    ] as const;
    for (const [reply, status, code] of refused) {
      expect(reply.status).toBe(status);
      const { error } = reply.json();
      expect(Object.keys(error)).toEqual(expect.arrayContaining(["message", "type", "param", "code"]));
      expect(error.message).toMatch(/./);
      expect(error.type).toMatch(/^[a-z_]+_error$/);
      if (code !== null) expect(error.code).toBe(code);
    }
  });

  it.each(paths)("%s: what no provider serves is an error of the server's, with the wait", async (path, body) => {
    await using bench = await startOne(refuse(429, {}, { "retry-after": "7" }));
    const reply = await post(bench.url, path, body, { authorization: `Bearer ${key}` });
    expect(reply.status).toBe(503);
    expect(Number(reply.headers["retry-after"])).toBeGreaterThan(0);
    expect(reply.json().error).toMatchObject({
      message: expect.stringContaining("one") as unknown,
      type: "server_error",
      param: null,
    });
  });

  it.each(["/chat/completions", "/responses"])("%s is served without /v1, too", async (path) => {
    await using bench = await startOne();
    const body = path === "/responses" ? responses : chat;
    expect((await post(bench.url, path, body, { authorization: `Bearer ${key}` })).status).toBe(200);
  });

  it("a WebSocket is answered 426 at once, and the connection is good for a request afterwards", async () => {
    await using bench = await startOne();
    const socket = connect(Number(new URL(bench.url).port), "127.0.0.1");
    await once(socket, "connect");
    socket.write(
      `GET /v1/responses HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${key}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    );
    const [chunk] = (await once(socket, "data")) as [Buffer];
    expect(chunk.toString()).toMatch(/^HTTP\/1\.1 426 /);
    expect(chunk.toString()).toContain('"error"');
    socket.destroy();
  });

  it("input_tokens are counted in the words of Responses", async () => {
    await using bench = await startOne();
    const reply = await post(bench.url, "/v1/responses/input_tokens", responses, { authorization: `Bearer ${key}` });
    expect(reply.status).toBe(200);
    expect(reply.json()).toMatchObject({ object: "response.input_tokens" });
    expect(reply.json().input_tokens).toBeGreaterThan(0);
  });

  it.each([
    ["GET", "/v1/responses/resp_unknown"],
    ["DELETE", "/v1/responses/resp_unknown"],
    ["POST", "/v1/responses/resp_unknown/cancel"],
    ["GET", "/v1/responses/resp_unknown/input_items"],
    ["GET", "/v1/responses/..%2f..%2fmodels"],
  ])("%s %s: 404 in the shape of OpenAI's", async (method, path) => {
    await using bench = await startOne();
    const reply = await call(bench.url, path, { method, headers: { authorization: `Bearer ${key}` } });
    expect(reply.status).toBe(404);
    expect(reply.json().error.message).toMatch(/./);
    expect(bench.upstream.requests.length).toBe(0);
  });

  it("compact is 404 where no provider speaks Responses", async () => {
    await using bench = await startOne();
    const reply = await post(bench.url, "/v1/responses/compact", responses, { authorization: `Bearer ${key}` });
    expect(reply.status).toBe(404);
    expect(reply.json().error).toMatchObject({ type: "invalid_request_error" });
  });
});

it("a tool turn without its thinking goes to a model that thinks by budget at the first attempt", async () => {
  await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("ok") });
  await using server = await startTestServer({
    providers: [provider("one", upstream.url, { bigModel: "claude-sonnet-4-5" })],
  });
  const called = { id: "call_1", type: "function", function: { name: "f", arguments: "{}" } };
  const parameters = { type: "object", properties: {} };
  const reply = await post(server.url, "/v1/chat/completions", {
    model: "gpt-5.6",
    reasoning_effort: "low",
    tools: [{ type: "function", function: { name: "f", parameters } }],
    messages: [
      ...chat.messages,
      { role: "assistant", content: null, tool_calls: [called] },
      { role: "tool", tool_call_id: "call_1", content: "1" },
    ],
  });
  expect(reply.status).toBe(200);
  // Claude refuses a tool turn that does not begin with thinking where thinking is enabled.
  expect(upstream.requests.map(({ body }) => body)).toMatchObject([{ thinking: { type: "disabled" } }]);
});

interface Held extends AsyncDisposable {
  readonly url: string;
  readonly seen: string[];
}

/** A provider of Responses that keeps what it made. */
async function startHolder(name: string): Promise<Held> {
  const seen: string[] = [];
  let made = 0;
  const server: Server = createServer((request, answer) => {
    seen.push(`${request.method} ${request.url}`);
    request.resume();
    request.on("end", () => {
      made += request.method === "POST" ? 1 : 0;
      const output = [
        {
          type: "message",
          id: "msg_1",
          role: "assistant",
          status: "completed",
          content: [{ type: "output_text", text: name, annotations: [] }],
        },
      ];
      const body = {
        id: `resp_${name}${made}`,
        object: "response",
        created_at: 1,
        status: "completed",
        model: "m",
        output,
      };
      answer.setHeader("content-type", "application/json").end(JSON.stringify(body));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

describe("responses that a provider holds", () => {
  it("are asked of the provider that made them, and a conversation goes on there", async () => {
    await using first = await startHolder("first");
    await using second = await startHolder("second");
    const type = { type: "openai", dialect: "responses" } as const;
    await using server = await startTestServer({
      providers: [provider("first", first.url, type), provider("second", second.url, type)],
      settings: { selectionStrategy: "round_robin" },
    });
    const made = [
      await post(server.url, "/v1/responses", responses),
      await post(server.url, "/v1/responses", responses),
    ];
    const owners = new Map(made.map((reply) => [String(reply.headers["x-ccpb-provider"]), String(reply.json().id)]));
    expect([...owners.keys()].toSorted()).toEqual(["first", "second"]);
    for (const [owner, id] of owners) {
      for (let round = 0; round < 3; round += 1) {
        const next = await post(server.url, "/v1/responses", { ...responses, previous_response_id: id });
        expect(next.headers["x-ccpb-provider"]).toBe(owner);
      }
      const holder = owner === "first" ? first : second;
      expect((await call(server.url, `/v1/responses/${id}?include=x`)).headers["x-ccpb-provider"]).toBe(owner);
      await call(server.url, `/v1/responses/${id}/input_items`);
      await call(server.url, `/v1/responses/${id}/cancel`, { method: "POST" });
      await call(server.url, `/v1/responses/${id}`, { method: "DELETE" });
      expect(holder.seen.slice(-4)).toEqual([
        `GET /v1/responses/${id}?include=x`,
        `GET /v1/responses/${id}/input_items`,
        `POST /v1/responses/${id}/cancel`,
        `DELETE /v1/responses/${id}`,
      ]);
      expect((await call(server.url, `/v1/responses/${id}`)).status).toBe(404);
    }
    const lost = await post(server.url, "/v1/responses", { ...responses, previous_response_id: "resp_unknown" });
    expect(lost.status).toBe(400);
    expect(lost.json().error).toMatchObject({ code: "previous_response_not_found", param: "previous_response_id" });
  });

  it("compact is passed on to a provider that speaks Responses", async () => {
    await using only = await startHolder("only");
    await using server = await startTestServer({
      providers: [provider("only", only.url, { type: "openai", dialect: "responses" })],
    });
    expect((await post(server.url, "/v1/responses/compact", responses)).status).toBe(200);
    expect(only.seen).toEqual(["POST /v1/responses/compact"]);
  });

  it("are not shown to a client that may not use their provider", async () => {
    await using only = await startHolder("only");
    const usual = { role: "client", models: ["*"], limits: {}, budgets: [], priority: 0 } as const;
    const clients = [
      { ...usual, name: "all", key: "key-of-all-0123456789", providers: ["*"] },
      { ...usual, name: "none", key: "key-of-none-0123456789", providers: ["other"] },
    ];
    await using server = await startTestServer(
      {
        providers: [provider("only", only.url, { type: "openai", dialect: "responses" }), provider("other", only.url)],
      },
      { auth: { apiKeys: [], exemptPaths: [], clients } },
    );
    const made = await post(server.url, "/v1/responses", responses, { "api-key": "key-of-all-0123456789" });
    expect(made.status).toBe(200);
    const path = `/v1/responses/${String(made.json().id)}`;
    const asked = only.seen.length;
    expect((await call(server.url, path, { headers: { "api-key": "key-of-none-0123456789" } })).status).toBe(404);
    expect(only.seen.length).toBe(asked);
    expect((await call(server.url, path, { headers: { "api-key": "key-of-all-0123456789" } })).status).toBe(200);
  });
});
