import Anthropic from "@anthropic-ai/sdk";
import { Balancer, createFetch, fetchTransport, type ProviderConfig } from "@ccpb/core";
import { type ScriptedReply, scriptedTransport, VirtualClock } from "@ccpb/core/testing";
import { describe, expect, it } from "vitest";
import { event } from "../message-events.ts";

const provider = (name: string, type: "anthropic" | "openai" = "anthropic"): ProviderConfig => ({
  name,
  type,
  baseUrl: `https://${name}.test/v1`,
  auth: { type: "api_key", keys: [`${name}-key-0000000000`] },
  bigModel: type === "openai" ? "gpt-4.1" : "passthrough",
  smallModel: type === "openai" ? "gpt-4.1-mini" : "passthrough",
  enabled: true,
});

const native = [
  event({
    type: "message_start",
    message: {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "claude-opus-5",
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 7, output_tokens: 1 },
    },
  }),
  event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
  event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hello" } }),
  event({ type: "content_block_stop", index: 0 }),
  event({
    type: "message_delta",
    delta: { stop_reason: "end_turn", stop_sequence: null },
    usage: { output_tokens: 5 },
  }),
  event({ type: "message_stop" }),
];
const chunk = (choice: object, more: object = {}) =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", model: "m", choices: [{ index: 0, ...choice }], ...more })}\n\n`;
const chat = [
  chunk({ delta: { role: "assistant", content: "" } }),
  chunk({ delta: { content: "Hel" } }),
  chunk({ delta: { content: "lo" } }),
  chunk({ delta: {}, finish_reason: "stop" }, { usage: { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 } }),
  "data: [DONE]\n\n",
];

function clientOf(providers: readonly ProviderConfig[], answer: (host: string, url: string) => ScriptedReply) {
  const clock = new VirtualClock();
  const balancer = new Balancer({ providers }, { clock });
  const scripted = scriptedTransport(clock, ({ url }) => answer(new URL(url).hostname, url));
  const client = new Anthropic({ apiKey: "unused", maxRetries: 0, fetch: createFetch(balancer, scripted.transport) });
  return { client, scripted };
}

const ask = { model: "claude-opus-5", max_tokens: 64, messages: [{ role: "user" as const, content: "hi" }] };

describe("createFetch inside the official SDK", () => {
  it.each([
    ["anthropic", native],
    ["openai", chat],
  ] as const)("streams from an %s provider after the first one failed", async (type, body) => {
    const { client, scripted } = clientOf([provider("down"), provider("up", type)], (host) =>
      host === "down.test" ? { status: 529, body: "{}" } : { body },
    );
    const message = await client.messages.stream(ask).finalMessage();
    expect(message).toMatchObject({
      role: "assistant",
      model: "claude-opus-5",
      content: [{ type: "text", text: "Hello" }],
      stop_reason: "end_turn",
    });
    expect(message.usage).toMatchObject({ output_tokens: 5 });
    expect(scripted.requests.map(({ url }) => new URL(url).hostname)).toEqual(["down.test", "up.test"]);
  });

  it("raises the SDK's own error classes", async () => {
    const { client } = clientOf([provider("down")], () => ({ status: 500 }));
    await expect(client.messages.create(ask)).rejects.toMatchObject({
      status: 503,
      error: { type: "error", error: { type: "api_error" } },
    });
    const refused = clientOf([provider("a")], () => ({
      status: 400,
      body: '{"type":"error","error":{"type":"invalid_request_error","message":"no"}}',
    }));
    await expect(refused.client.messages.create(ask)).rejects.toBeInstanceOf(Anthropic.BadRequestError);
  });

  it("counts tokens at an anthropic provider, and estimates without one", async () => {
    const counted = clientOf([provider("a")], (_host, url) =>
      url.includes("count_tokens") ? { body: '{"input_tokens":42}' } : { status: 500 },
    );
    expect(await counted.client.messages.countTokens(ask)).toMatchObject({ input_tokens: 42 });
    const estimated = clientOf([provider("a", "openai")], () => ({ status: 500 }));
    expect((await estimated.client.messages.countTokens(ask)).input_tokens).toBeGreaterThan(0);
  });

  it("cancels the upstream when the SDK aborts", async () => {
    const { client, scripted } = clientOf([provider("a")], () => ({ body: [...native.slice(0, 3), { hang: true }] }));
    const stream = client.messages.stream(ask);
    for await (const event of stream) if (event.type === "content_block_delta") break;
    expect(scripted.requests[0]?.signal.aborted).toBe(true);
  });

  it("answers anything else with a 404 in Anthropic's shape", async () => {
    const { client } = clientOf([provider("a")], () => ({}));
    await expect(client.beta.files.list()).rejects.toBeInstanceOf(Anthropic.NotFoundError);
  });
});

describe("fetchTransport", () => {
  it("moves a request over a fetch and never follows a redirect", async () => {
    const seen: Request[] = [];
    const transport = fetchTransport(async (input, init) => {
      seen.push(new Request(input, init));
      return new Response("moved", { status: 307, headers: { location: "https://elsewhere.test/" } });
    });
    const balancer = new Balancer({ providers: [provider("a")] });
    const client = new Anthropic({ apiKey: "unused", maxRetries: 0, fetch: createFetch(balancer, transport) });
    await expect(client.messages.create(ask)).rejects.toMatchObject({ status: 503 });
    expect(seen.map(({ url, redirect }) => [url, redirect])).toEqual([["https://a.test/v1/messages", "manual"]]);
    expect(seen[0]?.headers.get("x-api-key")).toBe("a-key-0000000000");
  });
});
