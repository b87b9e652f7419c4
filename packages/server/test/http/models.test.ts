import { createServer, type IncomingHttpHeaders } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import Anthropic from "@anthropic-ai/sdk";
import { startFakeUpstream, text } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { call, provider, startTestServer } from "../running-server.ts";

interface Lister extends AsyncDisposable {
  readonly url: string;
  readonly asked: { readonly url: string; readonly headers: IncomingHttpHeaders }[];
}

/** A provider that answers `GET` with a body, after `ready` is resolved. */
async function startLister(body: unknown, { status = 200, ready = Promise.resolve() } = {}): Promise<Lister> {
  const asked: { url: string; headers: IncomingHttpHeaders }[] = [];
  const server = createServer((request, response) => {
    asked.push({ url: request.url ?? "", headers: request.headers });
    void ready.then(() => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body)));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const anthropicList = {
  data: [
    {
      type: "model",
      id: "claude-opus-6",
      display_name: "Claude Opus 6",
      created_at: "2026-10-01T00:00:00Z",
      max_input_tokens: 1_000_000,
      max_tokens: 128_000,
    },
    { id: "claude-haiku-6" },
    { id: 7 },
    "nothing",
  ],
  has_more: false,
};
const ids = async (url: string, headers: Record<string, string> = {}): Promise<string[]> =>
  (await call(url, "/v1/models?limit=1000", { headers })).json().data.map(({ id }: { id: string }) => id);

describe("GET /v1/models", () => {
  it("lists what a passthrough provider lists itself, with the members that it tells, and asks once in ten minutes", async () => {
    await using lister = await startLister(anthropicList);
    await using server = await startTestServer({ providers: [provider("own", lister.url)] });
    const client = new Anthropic({ baseURL: server.url, apiKey: "x" });
    const models = [];
    for await (const model of client.models.list()) models.push(model);
    expect(models).toMatchObject([
      {
        id: "claude-opus-6",
        type: "model",
        display_name: "Claude Opus 6",
        created_at: "2026-10-01T00:00:00Z",
        max_input_tokens: 1_000_000,
        max_tokens: 128_000,
        lifecycle: "active",
      },
      { id: "claude-haiku-6", display_name: "claude-haiku-6", max_tokens: null },
    ]);
    expect((await client.models.retrieve("claude-opus-6")).display_name).toBe("Claude Opus 6");
    await ids(server.url);
    expect(lister.asked.map(({ url }) => url)).toEqual(["/v1/models?limit=1000"]);
    expect(lister.asked[0]?.headers).toMatchObject({ "x-api-key": "sk-test-provider-key-0001" });
  });

  it("asks with the client's own login where that pays, for each of them, and not without one", async () => {
    await using lister = await startLister(anthropicList);
    const own = provider("own", lister.url, { auth: { type: "passthrough" } });
    await using server = await startTestServer({ providers: [own] });
    expect(await ids(server.url)).toEqual([]);
    for (const login of ["one", "other", "one"])
      expect(await ids(server.url, { authorization: `Bearer ${login}` })).toHaveLength(2);
    expect(lister.asked.map(({ headers }) => headers.authorization)).toEqual(["Bearer one", "Bearer other"]);
  });

  it("lists the names of an openai provider too, only those that reach it, each once", async () => {
    await using lister = await startLister({
      object: "list",
      data: [{ id: "gpt-6" }, { id: "gpt-6-haiku" }, { id: "claude-opus-6" }],
    });
    await using native = await startLister(anthropicList);
    const chat = provider("chat", lister.url, { type: "openai", smallModel: "gpt-mini" });
    await using server = await startTestServer({ providers: [provider("native", native.url), chat] });
    // `gpt-6-haiku` would be answered by gpt-mini.
    expect(await ids(server.url)).toEqual(["gpt-mini", "claude-opus-6", "claude-haiku-6", "gpt-6"]);
    expect(lister.asked.map(({ url }) => url)).toEqual(["/models"]);
  });

  it("does without a list that fails, is none, or does not come in time", async () => {
    let release = (): void => undefined;
    const ready = new Promise<void>((resolve) => (release = resolve));
    await using failing = await startLister({ error: { message: "no" } }, { status: 404 });
    await using odd = await startLister("<html>");
    await using slow = await startLister(anthropicList, { ready });
    const providers = [
      provider("failing", failing.url),
      provider("odd", odd.url),
      provider("gone", "http://127.0.0.1:9"),
      provider("slow", slow.url, { models: [{ pattern: "mine", model: "theirs" }] }),
    ];
    await using server = await startTestServer({ providers });
    expect(await ids(server.url)).toEqual(["mine", "theirs"]);
    release();
    await expect.poll(() => ids(server.url)).toContain("claude-opus-6");
  });

  it("gives Claude Code's discovery names that are served, also where no provider has any of Anthropic's", async () => {
    await using upstream = await startFakeUpstream({ dialect: "openai", defaultBehaviour: text("Hi") });
    const mapped = { type: "openai", bigModel: "gpt-6", smallModel: "gpt-6-mini" } as const;
    await using server = await startTestServer({ providers: [provider("up", upstream.url, mapped)] });
    const discovered = (await ids(server.url)).filter((id) => /claude|anthropic/i.test(id));
    expect(discovered).toEqual(["claude-opus", "claude-sonnet", "claude-haiku"]);
    const client = new Anthropic({ baseURL: server.url, apiKey: "x" });
    for (const model of discovered)
      await client.messages.create({ model, max_tokens: 9, messages: [{ role: "user", content: "x" }] });
    const sent = upstream.requests.map(({ body }) => (body as { model: string }).model);
    expect(sent).toEqual(["gpt-6", "gpt-6", "gpt-6-mini"]);
  });
});
