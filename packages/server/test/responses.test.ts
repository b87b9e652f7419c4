import Anthropic from "@anthropic-ai/sdk";
import type { BalancerSettings, ProviderConfig } from "@ccpb/core";
import {
  answer,
  body,
  type Behaviour,
  type BehaviourSource,
  cut,
  errorWithin,
  type FakeUpstream,
  refuse,
  sized,
  startFakeUpstream,
  strictResponses,
  text,
  thinking,
  tools,
} from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { provider, startTestServer, type TestServer } from "./running-server.ts";

const question = {
  model: "claude-opus-5-5",
  max_tokens: 200,
  messages: [{ role: "user" as const, content: "What is new?" }],
};
const weather: Anthropic.Tool = {
  name: "get_weather",
  description: "The weather of a city",
  input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};
const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

interface Place extends AsyncDisposable {
  readonly client: Anthropic;
  readonly server: TestServer;
}

async function placeOf(providers: readonly ProviderConfig[], settings: Partial<BalancerSettings> = {}): Promise<Place> {
  const server = await startTestServer({ providers, settings });
  const client = new Anthropic({ apiKey: "a-client-credential", baseURL: server.url, maxRetries: 0, timeout: 60_000 });
  return { client, server, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

function openai(name: string, { url }: FakeUpstream, change: Partial<ProviderConfig> = {}): ProviderConfig {
  return provider(name, url, { type: "openai", bigModel: "gpt-5.6", smallModel: "gpt-5.6-mini", ...change });
}

const responses = { dialect: "responses" } as const;

function ask(
  client: Anthropic,
  stream: boolean,
  change: Partial<Anthropic.MessageCreateParamsNonStreaming> = {},
): Promise<Anthropic.Message> {
  const request = { ...question, ...change };
  return stream ? client.messages.stream(request).finalMessage() : client.messages.create(request);
}

function bodyOf(upstream: FakeUpstream, index: number): Readonly<Record<string, unknown>> {
  return upstream.requests[index]?.body as Readonly<Record<string, unknown>>;
}

function typesOf(body: Readonly<Record<string, unknown>>): readonly unknown[] {
  return (body["input"] as readonly { readonly type: string }[]).map(({ type }) => type);
}

const paths = (upstream: FakeUpstream): readonly string[] =>
  upstream.requests.map(({ path }) => path.replace("/v1/", ""));

describe.each([true, false])("the official SDK over a Responses provider, stream %s", (stream) => {
  it("gets the message under the model's name that it asked for, with its usage", async () => {
    const words = text("Grüße 👋", { usage: { inputTokens: 11, outputTokens: 5, cacheReadTokens: 7 } });
    await using upstream = await startFakeUpstream({ dialect: "openai", defaultBehaviour: strictResponses(words) });
    await using place = await placeOf([openai("only", upstream, responses)]);
    const message = await ask(place.client, stream, { system: "S", stop_sequences: ["never"] });
    expect(message).toMatchObject({
      model: "claude-opus-5-5",
      content: [{ type: "text", text: "Grüße 👋" }],
      stop_reason: "end_turn",
      usage: { input_tokens: 11, output_tokens: 5, cache_read_input_tokens: 7 },
    });
    expect(paths(upstream)).toEqual(["responses"]);
    expect(bodyOf(upstream, 0)).toMatchObject({ model: "gpt-5.6", instructions: "S", store: false });
    expect(upstream.requests[0]?.headers["authorization"]).toMatch(/^Bearer sk-test/);
  });

  it("loops over tools, with reasoning and phase going back as they came and images in the results", async () => {
    const script: readonly Behaviour[] = [
      answer([
        { type: "thinking", thinking: "I have to look.", signature: "gAAAAAfirst" },
        { type: "text", text: "Let me look." },
        { type: "tool", id: "call_1", name: "get_weather", input: { city: "Oslo" } },
        { type: "tool", id: "call_2", name: "get_weather", input: { city: "Rome" } },
      ]),
      thinking("Now I know.", "Rain in both."),
      text("You are welcome."),
    ];
    await using upstream = await startFakeUpstream({ dialect: "openai", script: script.map(strictResponses) });
    await using place = await placeOf([openai("only", upstream, responses)]);
    const messages: Anthropic.MessageParam[] = [...question.messages];
    const effort: Partial<Anthropic.MessageCreateParamsNonStreaming> = {
      thinking: { type: "adaptive" },
      output_config: { effort: "high" },
      tools: [weather],
    };
    const first = await ask(place.client, stream, { messages, ...effort });
    expect(first.stop_reason).toBe("tool_use");
    expect(first.content.map(({ type }) => type)).toEqual(["thinking", "text", "tool_use", "tool_use"]);
    messages.push(
      { role: "assistant", content: first.content },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "call_2", content: "rain" },
          {
            type: "tool_result",
            tool_use_id: "call_1",
            content: [
              { type: "text", text: "see" },
              { type: "image", source: { type: "base64", media_type: "image/png", data: png } },
            ],
          },
        ],
      },
    );
    const second = await ask(place.client, stream, { messages, ...effort });
    expect(second.content.at(-1)).toMatchObject({ type: "text", text: "Rain in both." });
    messages.push({ role: "assistant", content: second.content }, { role: "user", content: "Thanks" });
    const third = await ask(place.client, stream, { messages, ...effort });
    expect(third.stop_reason).toBe("end_turn");

    const sent = bodyOf(upstream, 1);
    expect(sent["reasoning"]).toEqual({ effort: "high", summary: "auto" });
    expect(sent["input"]).toMatchObject([
      { role: "user" },
      { type: "reasoning", summary: [], encrypted_content: "gAAAAAfirst" },
      { role: "assistant", phase: "commentary", content: "Let me look." },
      { type: "function_call", call_id: "call_1" },
      { type: "function_call", call_id: "call_2" },
      { type: "function_call_output", call_id: "call_1", output: [{ type: "input_text" }, { type: "input_image" }] },
      { type: "function_call_output", call_id: "call_2", output: "rain" },
    ]);
    expect(typesOf(bodyOf(upstream, 2)).filter((type) => type === "reasoning")).toHaveLength(2);
    expect(bodyOf(upstream, 2)["input"]).toContainEqual(expect.objectContaining({ phase: "final_answer" }));
  });

  it("is served by the next provider when this one fails before its first content", async () => {
    const failures: readonly Behaviour[] = [
      refuse(500),
      refuse(529),
      cut(text("never said"), "before-content", "fin"),
      errorWithin(text("never said"), "before-content"),
    ];
    for (const failure of failures) {
      await using bad = await startFakeUpstream({ dialect: "openai", script: [failure] });
      await using good = await startFakeUpstream({ dialect: "openai", defaultBehaviour: text("The whole answer.") });
      await using place = await placeOf([openai("bad", bad, responses), openai("good", good, responses)]);
      const message = await ask(place.client, stream);
      expect(message.content).toMatchObject([{ type: "text", text: "The whole answer." }]);
      expect(place.server.balancer.status().providers[0]).toMatchObject({ name: "bad" });
      expect([bad.requests.length, good.requests.length]).toEqual([1, 1]);
    }
  });

  it("takes its conversation to an anthropic provider and back, and neither sees the other's reasoning", async () => {
    await using translated = await startFakeUpstream({
      dialect: "openai",
      script: [thinking("first", "One."), refuse(529), text("Three.")].map(strictResponses),
    });
    await using native = await startFakeUpstream({ dialect: "anthropic", script: [thinking("second", "Two.")] });
    await using place = await placeOf([openai("translated", translated, responses), provider("native", native.url)], {
      failureCooldownMs: 1,
    });
    const messages: Anthropic.MessageParam[] = [...question.messages];
    for (const words of ["One.", "Two.", "Three."]) {
      const message = await ask(place.client, stream, { messages, thinking: { type: "adaptive" } });
      expect(message.content.at(-1)).toMatchObject({ text: words });
      messages.push({ role: "assistant", content: message.content }, { role: "user", content: "And?" });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(JSON.stringify(native.requests[0]?.body)).not.toContain("ccpb1.");
    expect(typesOf(bodyOf(translated, 2))).toEqual([
      "message",
      "reasoning",
      "message",
      "message",
      "message",
      "message",
    ]);
  });
});

describe("a stream of Responses", () => {
  it.each([1, 7, "coalesced", "split-utf8"] as const)("is understood in reads of %s", async (size) => {
    const behaviour = sized(
      answer([
        { type: "thinking", thinking: "Hm 👋🏽", signature: "gAAAAAx" },
        { type: "text", text: "Grüße an alle 👋🏽 Freunde" },
        { type: "tool", id: "call_1", name: "get_weather", input: { city: "Tromsø" } },
      ]),
      size,
    );
    await using upstream = await startFakeUpstream({ dialect: "openai", defaultBehaviour: behaviour });
    await using place = await placeOf([openai("only", upstream, responses)]);
    const message = await ask(place.client, true, { tools: [weather] });
    expect(message.content).toMatchObject([
      { type: "thinking", thinking: "Hm 👋🏽" },
      { type: "text", text: "Grüße an alle 👋🏽 Freunde" },
      { type: "tool_use", id: "call_1", input: { city: "Tromsø" } },
    ]);
  });

  it("that breaks after its first content ends with an error event", async () => {
    const behaviour = cut(text("a long answer that is cut", { deltaLength: 2 }), "mid-content", "fin");
    await using upstream = await startFakeUpstream({ dialect: "openai", defaultBehaviour: behaviour });
    await using place = await placeOf([openai("only", upstream, responses)]);
    await expect(ask(place.client, true)).rejects.toThrow();
  });
});

describe("dialect auto", () => {
  const toChat = { responsesFor: "tools" } as const;
  const notHere = refuse(404, { message: "Not Found", code: "not_found" });
  const pointers: readonly (readonly [number, string])[] = [
    [
      400,
      "Function tools with reasoning_effort are not supported for gpt-5.4-mini in /v1/chat/completions. Please use /v1/responses instead.",
    ],
    [404, "This model is only supported in v1/responses and not in v1/chat/completions."],
    [400, "Unsupported legacy protocol: /v1/chat/completions is not supported. Please use /v1/responses."],
    [
      400,
      "The chatCompletion operation does not work with the specified model, gpt-5-codex. Please choose different model and try again.",
    ],
  ];

  it.each(pointers)("follows the %i that sends it to Responses, at once and from then on", async (status, message) => {
    await using upstream = await startFakeUpstream({
      dialect: "openai",
      defaultBehaviour: strictResponses(text("Hi")),
    });
    upstream.setRoute("/v1/chat/completions", refuse(status, { message }));
    await using place = await placeOf([openai("only", upstream)]);
    for (const stream of [false, true]) {
      const answered = await ask(place.client, stream);
      expect(answered.content).toMatchObject([{ text: "Hi" }]);
    }
    expect(paths(upstream)).toEqual(["chat/completions", "responses", "responses"]);
    expect(place.server.balancer.status().providers[0]).toMatchObject({ state: "closed", failures: 0 });
  });

  it("learns it of one model at one provider only", async () => {
    await using upstream = await startFakeUpstream({ dialect: "openai" });
    const pointer = refuse(404, { message: pointers[1]?.[1] ?? "" });
    upstream.setRoute("/v1/chat/completions", ((request) =>
      JSON.stringify(request.body).includes("gpt-5.6-mini") ? text("small") : pointer) satisfies BehaviourSource);
    await using place = await placeOf([openai("only", upstream)]);
    await ask(place.client, false);
    await ask(place.client, false, { model: "claude-haiku-5-5" });
    expect(paths(upstream)).toEqual(["chat/completions", "responses", "chat/completions"]);
  });

  it("uses Responses where the profile says so, and Chat Completions for the rest", async () => {
    await using upstream = await startFakeUpstream({ dialect: "openai" });
    await using place = await placeOf([openai("only", upstream, { profile: toChat })]);
    await ask(place.client, false, { tools: [weather] });
    await ask(place.client, false);
    expect(paths(upstream)).toEqual(["responses", "chat/completions"]);
  });

  it.each([404, 405, 501])(
    "goes back to Chat Completions where Responses answers %i, and remembers it",
    async (status) => {
      await using upstream = await startFakeUpstream({
        dialect: "openai",
        defaultBehaviour: tools({ name: "get_weather", input: {} }),
      });
      upstream.setRoute("/v1/responses", refuse(status));
      await using place = await placeOf([openai("only", upstream, { profile: toChat })]);
      for (const stream of [true, false]) {
        expect((await ask(place.client, stream, { tools: [weather] })).stop_reason).toBe("tool_use");
      }
      expect(paths(upstream)).toEqual(["responses", "chat/completions", "chat/completions"]);
      expect(place.server.balancer.status().providers[0]).toMatchObject({ state: "closed", failures: 0 });
    },
  );

  it("does not go back and forth where neither is served", async () => {
    await using upstream = await startFakeUpstream({ dialect: "openai" });
    upstream.setRoute("/v1/responses", notHere);
    upstream.setRoute("/v1/chat/completions", refuse(404, { message: pointers[1]?.[1] ?? "" }));
    await using place = await placeOf([openai("only", upstream, { profile: toChat })]);
    await expect(ask(place.client, false, { tools: [weather] })).rejects.toMatchObject({ status: 404 });
    expect(paths(upstream)).toEqual(["responses", "chat/completions"]);
  });

  it("does not take a model that nobody knows for a dialect that is not there", async () => {
    await using upstream = await startFakeUpstream({ dialect: "openai" });
    upstream.setRoute("/v1/responses", refuse(404, { message: "The model does not exist", code: "model_not_found" }));
    await using place = await placeOf([openai("only", upstream, { profile: { responsesFor: "all" } })]);
    await expect(ask(place.client, false)).rejects.toMatchObject({ status: 404 });
    expect(paths(upstream)).toEqual(["responses"]);
  });

  it("stays where the configuration puts it", async () => {
    await using upstream = await startFakeUpstream({ dialect: "openai" });
    upstream.setRoute("/v1/chat/completions", refuse(400, { message: pointers[0]?.[1] ?? "" }));
    await using place = await placeOf([openai("only", upstream, { dialect: "chat" })]);
    await expect(ask(place.client, false)).rejects.toMatchObject({ status: 400 });
    expect(paths(upstream)).toEqual(["chat/completions"]);
  });
});

describe("encrypted reasoning that the provider refuses", () => {
  const refusals: readonly (readonly [number, string, string | undefined])[] = [
    [400, "The encrypted content gAAA...DQ== could not be verified.", "invalid_encrypted_content"],
    [400, "Item 'rs_1' of type 'reasoning' was provided without its required following item.", undefined],
    [404, "Item with id 'rs_1' not found. Items are not persisted when `store` is set to false.", undefined],
  ];

  it.each(refusals)("with %i is left out at once, and from then on", async (status, message, code) => {
    const picky: BehaviourSource = ({ body }) =>
      JSON.stringify(body).includes("gAAAAAold")
        ? refuse(status, { message, ...(code !== undefined && { code }) })
        : text("Hi");
    await using upstream = await startFakeUpstream({
      dialect: "openai",
      script: [
        answer([
          { type: "thinking", thinking: "old", signature: "gAAAAAold" },
          { type: "text", text: "One." },
        ]),
      ],
      defaultBehaviour: picky,
    });
    await using place = await placeOf([openai("only", upstream, responses)]);
    const first = await ask(place.client, false);
    const messages: Anthropic.MessageParam[] = [
      ...question.messages,
      { role: "assistant", content: first.content },
      { role: "user", content: "And?" },
    ];
    const effort = { messages, thinking: { type: "adaptive" }, output_config: { effort: "high" } } as const;
    expect((await ask(place.client, false, effort)).content).toMatchObject([{ text: "Hi" }]);
    expect((await ask(place.client, true, effort)).content).toMatchObject([{ text: "Hi" }]);
    expect(upstream.requests).toHaveLength(4);
    expect(bodyOf(upstream, 2)["reasoning"]).toEqual({ effort: "high", summary: "auto" });
    expect(place.server.balancer.status().providers[0]).toMatchObject({ state: "closed", failures: 0 });
  });
});

describe("the tokens of a request", () => {
  const count = { model: question.model, messages: question.messages, tools: [weather], system: "S" };

  it("are counted by the provider where it is asked over Responses and can count", async () => {
    await using upstream = await startFakeUpstream({ dialect: "openai" });
    upstream.setRoute("/v1/responses/input_tokens", ((request) =>
      body(
        JSON.stringify({ object: "response.input_tokens", input_tokens: request.rawBody.length }),
      )) satisfies BehaviourSource);
    await using place = await placeOf([openai("only", upstream, { ...responses, profile: { inputTokens: true } })]);
    const answered = await place.client.messages.countTokens(count);
    expect(paths(upstream)).toEqual(["responses/input_tokens"]);
    expect(answered).toEqual({ input_tokens: upstream.requests[0]?.rawBody.length });
    expect(bodyOf(upstream, 0)).toEqual({
      model: "gpt-5.6",
      instructions: "S",
      input: [{ type: "message", role: "user", content: [{ type: "input_text", text: "What is new?" }] }],
      tools: [expect.objectContaining({ type: "function", name: "get_weather", strict: false })],
    });
  });

  it.each([404, 500])("are estimated where counting is answered with %i, and nobody is cooled", async (status) => {
    await using upstream = await startFakeUpstream({ dialect: "openai" });
    upstream.setRoute("/v1/responses/input_tokens", refuse(status));
    await using place = await placeOf([openai("only", upstream, { ...responses, profile: { inputTokens: true } })]);
    expect((await place.client.messages.countTokens(count)).input_tokens).toBeGreaterThan(1);
    expect(place.server.balancer.status().providers[0]).toMatchObject({ state: "closed", failures: 0 });
  });

  it("are not asked of a provider that would be asked over Chat Completions", async () => {
    await using upstream = await startFakeUpstream({ dialect: "openai" });
    await using place = await placeOf([openai("only", upstream, { profile: { inputTokens: true } })]);
    expect((await place.client.messages.countTokens(count)).input_tokens).toBeGreaterThan(1);
    expect(upstream.requests).toEqual([]);
  });
});
