import Anthropic from "@anthropic-ai/sdk";
import { refuse, startFakeUpstream, text } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { call, provider, startTestServer } from "../running-server.ts";

const search = { type: "web_search_20250305", name: "web_search", max_uses: 8 } as const;
const custom = { name: "f", input_schema: { type: "object" } } as const;
const openai = { type: "openai", bigModel: "m", smallModel: "m" } as const;

function ask(url: string, tools: Anthropic.ToolUnion[], stream: boolean): Promise<Anthropic.Message> {
  const client = new Anthropic({ baseURL: url, apiKey: "x", maxRetries: 0 });
  const body = {
    model: "claude-opus-5-5",
    max_tokens: 100,
    messages: [{ role: "user", content: "Perform a web search for the query: x" }],
    tools,
  } satisfies Anthropic.MessageCreateParams;
  return stream ? client.messages.stream(body).finalMessage() : client.messages.create(body);
}

describe("a request for a web search", () => {
  it.each([true, false])(
    "is answered with the tool's error where no provider searches (stream: %s)",
    async (stream) => {
      await using upstream = await startFakeUpstream({ dialect: "openai" });
      await using server = await startTestServer({ providers: [provider("up", upstream.url, openai)] });
      const message = await ask(server.url, [search], stream);
      expect(message.content.map(({ type }) => type)).toEqual(["server_tool_use", "web_search_tool_result", "text"]);
      expect(message.content[1]).toMatchObject({
        content: { type: "web_search_tool_result_error", error_code: "unavailable" },
      });
      expect(message.stop_reason).toBe("end_turn");
      expect(upstream.requests).toHaveLength(0);
      const warnings = server.lines("provider_request").filter(({ level }) => level === "WARNING");
      expect(JSON.stringify(warnings)).toContain("server tool web_search dropped");
    },
  );

  it("leaves the health of a provider alone that was not asked", async () => {
    await using upstream = await startFakeUpstream({ dialect: "openai", defaultBehaviour: refuse(529) });
    await using server = await startTestServer({ providers: [provider("up", upstream.url, openai)] });
    await expect(ask(server.url, [custom], false)).rejects.toThrow();
    const health = async () => (await call(server.url, "/health")).status;
    const before = await health();
    await ask(server.url, [search], false);
    expect([before, await health()]).toEqual([503, 503]);
  });

  it("goes past a provider that cannot search, and the log and the explanation say so", async () => {
    await using cheap = await startFakeUpstream({ dialect: "openai", defaultBehaviour: text("cheap") });
    await using native = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("native") });
    const providers = [provider("cheap", cheap.url, openai), provider("native", native.url)];
    await using server = await startTestServer({ providers });
    await ask(server.url, [search, custom], false);
    await ask(server.url, [custom], false);
    expect([cheap.requests.length, native.requests.length]).toEqual([1, 1]);
    const [moved, plain] = server.lines("request_completed");
    expect(moved).toMatchObject({ passed_over: [{ provider: "cheap", lacks: ["server tools"] }] });
    expect(moved?.["message"]).toContain("cheap was passed over: no server tools");
    expect(plain).not.toHaveProperty("passed_over");
    const explained = (await call(server.url, "/providers/explain?model=claude-opus-5-5")).json();
    expect(explained.candidates[0].why).toContain("a request that offers web search goes first to native");
    expect(explained.candidates[1].why).not.toContain("web search");
  });

  it("keeps to the order where that is asked for", async () => {
    await using cheap = await startFakeUpstream({ dialect: "openai", defaultBehaviour: text("cheap") });
    await using native = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("native") });
    const providers = [provider("cheap", cheap.url, openai), provider("native", native.url)];
    await using server = await startTestServer({ providers, settings: { prefersServerTools: false } });
    await ask(server.url, [search, custom], false);
    expect([cheap.requests.length, native.requests.length]).toEqual([1, 0]);
    const explained = (await call(server.url, "/providers/explain?model=claude-opus-5-5")).json();
    expect(explained.candidates[0].why).not.toContain("web search");
  });
});

describe("headers of the client's", () => {
  const body = JSON.stringify({ model: "m", max_tokens: 9, messages: [{ role: "user", content: "x" }] });
  const headers = {
    "content-type": "application/json",
    "x-tenant": "acme",
    "x-trace": "abc",
    "anthropic-beta": "b",
    cookie: "a=1",
  };

  it("reach a provider that is configured to be sent them, of either type, and no other", async () => {
    await using named = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: refuse(529) });
    await using chat = await startFakeUpstream({ dialect: "openai", defaultBehaviour: refuse(529) });
    await using other = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    const providers = [
      provider("named", named.url, { forwardHeaders: ["x-tenant", "x-absent"] }),
      provider("chat", chat.url, { ...openai, forwardHeaders: ["x-trace"] }),
      provider("other", other.url),
    ];
    await using server = await startTestServer({ providers });
    expect((await call(server.url, "/v1/messages", { method: "POST", headers, body })).status).toBe(200);
    const sent = [named, chat, other].map(({ requests }) =>
      ["x-tenant", "x-trace", "x-absent", "anthropic-beta", "cookie"].map((name) => requests[0]?.headers[name]),
    );
    expect(sent).toEqual([
      ["acme", undefined, undefined, "b", undefined],
      [undefined, "abc", undefined, undefined, undefined],
      [undefined, undefined, undefined, "b", undefined],
    ]);
  });
});
