import { body, type FakeUpstream, refuse, startFakeUpstream, text } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { call, provider, startTestServer, type TestServer } from "../running-server.ts";

const openai = { type: "openai", bigModel: "m", smallModel: "m" } as const;

const compacted = body(
  JSON.stringify({
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-opus-5-5",
    content: [{ type: "compaction", content: "SUMMARY", encrypted_content: null, signature: "c2ln" }],
    stop_reason: "compaction",
    stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 1 },
  }),
);

function compact(server: TestServer, path = "/v1/messages") {
  return call(server.url, path, {
    method: "POST",
    body: JSON.stringify({
      model: "claude-opus-5-5",
      max_tokens: 100,
      messages: [{ role: "user", content: "long" }],
      compaction: { type: "summarize" },
    }),
    headers: { "content-type": "application/json", "x-api-key": "x" },
  });
}

const asked = (...upstreams: FakeUpstream[]): number[] => upstreams.map(({ requests }) => requests.length);

describe("a request to compact the conversation", () => {
  it("goes past a provider that would answer the conversation instead", async () => {
    await using cheap = await startFakeUpstream({ dialect: "openai", defaultBehaviour: text("cheap") });
    await using native = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: compacted });
    const providers = [provider("cheap", cheap.url, openai), provider("native", native.url)];
    await using server = await startTestServer({ providers });
    const reply = await compact(server);
    expect([reply.status, reply.json().stop_reason]).toEqual([200, "compaction"]);
    expect(asked(cheap, native)).toEqual([0, 1]);
    expect(server.lines("request_completed")[0]).toMatchObject({
      passed_over: [{ provider: "cheap", lacks: ["compaction"] }],
    });
  });

  it.each(["only such providers are configured", "the other one has failed"])("is refused where %s", async (what) => {
    await using cheap = await startFakeUpstream({ dialect: "openai", defaultBehaviour: text("cheap") });
    await using native = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: refuse(500) });
    const both = [provider("native", native.url), provider("cheap", cheap.url, openai)];
    await using server = await startTestServer({ providers: what.startsWith("only") ? both.slice(1) : both });
    const reply = await compact(server);
    expect(reply.status).toBe(what.startsWith("only") ? 400 : 503);
    expect(cheap.requests).toHaveLength(0);
  });

  it("is refused where a provider of Messages would be asked without the member", async () => {
    await using vendor = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("cheap") });
    const nativeProfile = { bodyMembers: ["model", "messages", "max_tokens"] };
    await using server = await startTestServer({ providers: [provider("vendor", vendor.url, { nativeProfile })] });
    const reply = await compact(server);
    expect([reply.status, JSON.stringify(reply.json())]).toEqual([400, expect.stringContaining("compaction")]);
    expect(vendor.requests).toHaveLength(0);
  });

  it("is not asked again without the member that a relay refuses", async () => {
    const message = "compaction: Extra inputs are not permitted";
    await using relay = await startFakeUpstream({
      dialect: "anthropic",
      defaultBehaviour: ({ body: sent }) =>
        JSON.stringify(sent).includes("compaction")
          ? body(JSON.stringify({ type: "error", error: { type: "invalid_request_error", message } }), { status: 400 })
          : text("not a summary"),
    });
    await using server = await startTestServer({ providers: [provider("relay", relay.url)] });
    const reply = await compact(server);
    expect([reply.status, JSON.stringify(reply.json())]).toEqual([400, expect.stringContaining(message)]);
    expect(relay.requests).toHaveLength(1);
  });

  it("counts its tokens like any other", async () => {
    await using cheap = await startFakeUpstream({ dialect: "openai" });
    await using server = await startTestServer({ providers: [provider("cheap", cheap.url, openai)] });
    const reply = await compact(server, "/v1/messages/count_tokens");
    expect(reply.status).toBe(200);
    expect(reply.json().input_tokens).toBeGreaterThan(0);
  });
});
