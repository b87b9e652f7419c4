import { describe, expect, it } from "vitest";
import { eventData, RawClient } from "../test/raw-client.ts";
import {
  answer,
  type BehaviourSource,
  type Dialect,
  emptyAnswer,
  startFakeUpstream,
  text,
  thinking,
  tools,
} from "./index.ts";

async function ask(dialect: Dialect, behaviour: BehaviourSource, fields: object): Promise<RawClient> {
  await using upstream = await startFakeUpstream({ dialect, script: [behaviour] });
  using client = new RawClient(upstream.port);
  client.post(dialect === "anthropic" ? "/v1/messages" : "/v1/chat/completions", { model: "m-1", ...fields });
  await client.whole();
  return client;
}

const everything = answer([
  { type: "thinking", thinking: "Let me see, längere Gedanken 🤔", signature: "sig" },
  { type: "redacted_thinking", data: "hidden" },
  { type: "text", text: "Grüße an alle Freunde 👋🏽 dieser Welt" },
  { type: "tool", name: "Read", input: { path: "a.txt" } },
  { type: "tool", id: "given", name: "Bash", input: { command: "ls -la" } },
]);

describe("an anthropic answer", () => {
  it("is a message when no stream is asked for", async () => {
    const client = await ask("anthropic", everything, {});
    expect(client.header("content-type")).toBe("application/json");
    expect(client.header("request-id")).toMatch(/^req_/);
    expect(JSON.parse(client.body)).toMatchObject({
      id: expect.stringMatching(/^msg_/),
      type: "message",
      role: "assistant",
      model: "m-1",
      content: [
        { type: "thinking", thinking: "Let me see, längere Gedanken 🤔", signature: "sig" },
        { type: "redacted_thinking", data: "hidden" },
        { type: "text", text: "Grüße an alle Freunde 👋🏽 dieser Welt" },
        { type: "tool_use", id: expect.stringMatching(/^toolu_/), name: "Read", input: { path: "a.txt" } },
        { type: "tool_use", id: "given", name: "Bash", input: { command: "ls -la" } },
      ],
      stop_reason: "tool_use",
      stop_sequence: null,
      usage: { input_tokens: expect.any(Number), output_tokens: expect.any(Number) },
    });
  });

  it("is a stream of whole blocks in order when one is asked for", async () => {
    const client = await ask("anthropic", everything, { stream: true });
    expect(client.header("content-type")).toMatch(/^text\/event-stream/);
    const events = eventData(client.body);
    const names = events.map((event) => event["type"]);
    expect(names.filter((name, index) => name !== names[index - 1])).toEqual([
      "message_start",
      "content_block_start",
      "ping",
      ...[1, 2, 3, 4, 5].flatMap((block) => [
        ...(block === 1 ? [] : ["content_block_start"]),
        ...(block === 2 ? [] : ["content_block_delta"]),
        "content_block_stop",
      ]),
      "message_delta",
      "message_stop",
    ]);
    const parts = (key: string): string =>
      events.map((event) => (event["delta"] as Record<string, string> | undefined)?.[key] ?? "").join("");
    expect(parts("text")).toBe("Grüße an alle Freunde 👋🏽 dieser Welt");
    expect(parts("thinking")).toBe("Let me see, längere Gedanken 🤔");
    expect(parts("signature")).toBe("sig");
    expect(parts("partial_json")).toBe('{"path":"a.txt"}{"command":"ls -la"}');
    expect(client.body.match(/^event: (\S+)\ndata: \{"type":"\1"/gm)).toHaveLength(events.length);
  });

  it("may say nothing and still be whole", async () => {
    const events = eventData((await ask("anthropic", emptyAnswer(), { stream: true })).body);
    expect(events.map((event) => event["type"])).toEqual(["message_start", "ping", "message_delta", "message_stop"]);
    expect(JSON.parse((await ask("anthropic", emptyAnswer(), {})).body)).toMatchObject({
      content: [],
      stop_reason: "end_turn",
    });
  });

  it("has the model, the usage and the stop reason that it is given", async () => {
    const behaviour = text("x", {
      model: "other",
      stopReason: "max_tokens",
      usage: { inputTokens: 7, outputTokens: 3, cacheReadTokens: 5, cacheCreationTokens: 2 },
    });
    expect(JSON.parse((await ask("anthropic", behaviour, {})).body)).toMatchObject({
      model: "other",
      stop_reason: "max_tokens",
      usage: { input_tokens: 7, output_tokens: 3, cache_read_input_tokens: 5, cache_creation_input_tokens: 2 },
    });
  });
});

describe("an openai answer", () => {
  it("is a completion when no stream is asked for", async () => {
    expect(JSON.parse((await ask("openai", everything, {})).body)).toMatchObject({
      id: expect.stringMatching(/^chatcmpl-/),
      object: "chat.completion",
      model: "m-1",
      choices: [
        {
          index: 0,
          message: {
            role: "assistant",
            content: "Grüße an alle Freunde 👋🏽 dieser Welt",
            reasoning_content: "Let me see, längere Gedanken 🤔",
            tool_calls: [
              {
                id: expect.stringMatching(/^call_/),
                type: "function",
                function: { name: "Read", arguments: '{"path":"a.txt"}' },
              },
              { id: "given", type: "function", function: { name: "Bash", arguments: '{"command":"ls -la"}' } },
            ],
          },
          finish_reason: "tool_calls",
        },
      ],
      usage: { prompt_tokens: expect.any(Number), completion_tokens: expect.any(Number) },
    });
  });

  it("is a stream of deltas with a finish reason and [DONE] when one is asked for", async () => {
    const events = eventData((await ask("openai", everything, { stream: true })).body);
    expect(events.at(-1)).toEqual({ done: true });
    const deltas = events.flatMap(
      (event) => (event["choices"] as { delta: Record<string, unknown> }[] | undefined) ?? [],
    );
    expect(deltas[0]?.delta).toEqual({ role: "assistant", content: "", refusal: null });
    expect(deltas.at(-1)).toMatchObject({ delta: {}, finish_reason: "tool_calls" });
    const parts = (key: string): string => deltas.map(({ delta }) => (delta[key] as string | undefined) ?? "").join("");
    expect(parts("content")).toBe("Grüße an alle Freunde 👋🏽 dieser Welt");
    expect(parts("reasoning_content")).toBe("Let me see, längere Gedanken 🤔");
    const calls = deltas.flatMap(
      ({ delta }) =>
        (delta["tool_calls"] as { index: number; id?: string; function: { arguments: string } }[] | undefined) ?? [],
    );
    expect(calls.filter((call) => call.id).map((call) => call.index)).toEqual([0, 1]);
    expect(
      calls
        .filter((call) => call.index === 1)
        .map((call) => call.function.arguments)
        .join(""),
    ).toBe('{"command":"ls -la"}');
    expect(events.some((event) => "usage" in event)).toBe(false);
  });

  it("reports usage in a chunk of its own where the request asks for it", async () => {
    const behaviour = text("hi", { usage: { inputTokens: 10, outputTokens: 4, cacheReadTokens: 6 } });
    const client = await ask("openai", behaviour, { stream: true, stream_options: { include_usage: true } });
    const events = eventData(client.body);
    expect(events.at(-2)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 16, completion_tokens: 4, total_tokens: 20, prompt_tokens_details: { cached_tokens: 6 } },
    });
    expect(events.slice(0, -2).every((event) => event["usage"] === null)).toBe(true);
  });

  it("can interleave parallel tool calls, and name its reasoning otherwise", async () => {
    const calls = answer(
      [
        { type: "thinking", thinking: "hm" },
        { type: "tool", name: "a", input: { some: "long argument" } },
        { type: "tool", name: "b", input: { another: "long argument" } },
      ],
      { interleaveTools: true, reasoningField: "reasoning" },
    );
    const { body } = await ask("openai", calls, { stream: true });
    const indexes = [...body.matchAll(/"tool_calls":\[\{"index":(\d)/g)].map((match) => match[1]);
    expect(indexes.slice(0, 4)).toEqual(["0", "1", "0", "1"]);
    expect(body).toContain('"delta":{"reasoning":"hm"}');
  });

  it.each([
    ["end_turn", "stop"],
    ["stop_sequence", "stop"],
    ["max_tokens", "length"],
    ["tool_use", "tool_calls"],
    ["refusal", "content_filter"],
  ] as const)("ends %s with the finish reason %s", async (stopReason, finish) => {
    const client = await ask("openai", text("x", { stopReason }), {});
    expect(JSON.parse(client.body)).toMatchObject({ choices: [{ finish_reason: finish }] });
  });

  it("leaves the content null beside tool calls, and empty in an empty answer", async () => {
    const called = JSON.parse((await ask("openai", tools({ name: "a", input: {} }), {})).body);
    expect(called.choices[0].message.content).toBeNull();
    expect(JSON.parse((await ask("openai", emptyAnswer(), {})).body).choices[0]).toMatchObject({
      message: { content: "" },
      finish_reason: "stop",
    });
  });
});

it("gives no two answers of two upstreams the same ids", async () => {
  await using one = await startFakeUpstream({
    dialect: "anthropic",
    defaultBehaviour: tools({ name: "a", input: {} }),
  });
  await using two = await startFakeUpstream({
    dialect: "anthropic",
    defaultBehaviour: tools({ name: "a", input: {} }),
  });
  const ids = new Set<string>();
  for (const upstream of [one, one, two]) {
    using client = new RawClient(upstream.port);
    client.post("/v1/messages", { model: "m" });
    await client.whole();
    for (const [id] of client.body.matchAll(/(?:msg|toolu)_\w+/g)) ids.add(id);
  }
  expect(ids.size).toBe(6);
});

it("thinking comes before the text", async () => {
  const message = JSON.parse((await ask("anthropic", thinking("why", "because"), {})).body);
  expect(message.content.map((block: { type: string }) => block.type)).toEqual(["thinking", "text"]);
});
