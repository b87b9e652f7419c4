import { cut, refuse, startFakeUpstream, text } from "@ccpb/fake-upstream";
import OpenAI from "openai";
import { zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { provider, startTestServer } from "../running-server.ts";
import { dialects, pixel, startStage } from "./model.ts";

const model = "gpt-5.6";
const place = z.object({ city: z.string() });
const image = `data:image/png;base64,${pixel}`;
const weather = (city: string): string => `it is ${city === "Graz" ? "sunny" : "raining"}`;
const parameters = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};

function clientAt(url: string): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: "a-client-credential", maxRetries: 0 });
}

describe.each(dialects)("the openai SDK's chat.completions over %s", (dialect) => {
  it("creates, whole and streamed", async () => {
    await using stage = await startStage(dialect);
    const { chat } = clientAt(stage.url);
    const messages = [{ role: "user" as const, content: "Hi" }];
    const whole = await chat.completions.create({ model, messages });
    expect(whole.choices[0]).toMatchObject({ message: { role: "assistant", content: "ok" }, finish_reason: "stop" });
    expect(whole.model).toBe(model);
    expect(whole.usage?.completion_tokens).toBeGreaterThan(0);
    const stream = chat.completions.stream({ model, messages, stream_options: { include_usage: true } });
    expect(await stream.finalContent()).toBe("ok");
    expect(await stream.totalUsage()).toMatchObject({ completion_tokens: expect.any(Number) });
  });

  it.each([false, true])("runs tools (stream: %s)", async (stream) => {
    await using stage = await startStage(dialect);
    const runner = clientAt(stage.url).chat.completions.runTools({
      model,
      stream: stream as false,
      messages: [
        { role: "developer", content: "Be brief." },
        { role: "user", content: "What is the weather?" },
      ],
      tools: [
        {
          type: "function",
          function: {
            name: "get_weather",
            description: "The weather of a city",
            parameters,
            parse: JSON.parse,
            function: ({ city }: { city: string }) => weather(city),
          },
        },
      ],
    });
    expect(await runner.finalContent()).toBe("Sunny in Graz, rain in Linz.");
    expect(stage.sent()[1]).toMatch(/it is sunny.*it is raining/);
  });

  it("parses structured output", async () => {
    await using stage = await startStage(dialect);
    const { chat } = clientAt(stage.url);
    const request = {
      model,
      messages: [{ role: "user" as const, content: "Where?" }],
      response_format: zodResponseFormat(place, "place"),
    };
    const whole = await chat.completions.parse(request);
    expect(whole.choices[0]?.message.parsed).toEqual({ city: expect.any(String) });
    const stream = chat.completions.stream(request);
    expect((await stream.finalChatCompletion()).choices[0]?.message.parsed).toEqual({ city: expect.any(String) });
  });

  it("sends an image", async () => {
    await using stage = await startStage(dialect);
    await clientAt(stage.url).chat.completions.create({
      model,
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "What is this?" },
            { type: "image_url", image_url: { url: image } },
          ],
        },
      ],
    });
    expect(stage.sent()[0]).toContain(pixel);
  });
});

describe.each(dialects)("the openai SDK's responses over %s", (dialect) => {
  it("creates, whole and streamed", async () => {
    await using stage = await startStage(dialect);
    const { responses } = clientAt(stage.url);
    const whole = await responses.create({ model, input: "Hi", store: false });
    expect([whole.output_text, whole.status, whole.model]).toEqual(["ok", "completed", model]);
    expect(whole.usage?.output_tokens).toBeGreaterThan(0);
    const stream = responses.stream({ model, input: "Hi", store: false });
    let words = "";
    for await (const event of stream) if (event.type === "response.output_text.delta") words += event.delta;
    expect(words).toBe("ok");
    expect((await stream.finalResponse()).output_text).toBe("ok");
  });

  it("walks a tool loop with reasoning in between", async () => {
    await using stage = await startStage(dialect);
    const { responses } = clientAt(stage.url);
    const input: OpenAI.Responses.ResponseInput = [{ role: "user", content: "What is the weather?" }];
    const ask = async (): Promise<OpenAI.Responses.Response> =>
      responses.create({
        model,
        input,
        store: false,
        include: ["reasoning.encrypted_content"],
        reasoning: { effort: "medium" },
        tools: [{ type: "function", name: "get_weather", parameters, strict: true }],
      });
    const first = await ask();
    const calls = first.output.filter((item) => item.type === "function_call");
    expect(calls.map(({ arguments: args }) => JSON.parse(args) as unknown)).toEqual([
      { city: "Graz" },
      { city: "Linz" },
    ]);
    // What a client sends back is what it was given.
    input.push(...(first.output as OpenAI.Responses.ResponseInput));
    for (const { call_id, arguments: args } of calls) {
      const { city } = place.parse(JSON.parse(args));
      input.push({ type: "function_call_output", call_id, output: weather(city) });
    }
    const second = await ask();
    expect(second.output_text).toBe("Sunny in Graz, rain in Linz.");
    expect(JSON.stringify(second.output)).toContain("Both are in.");
    expect(stage.sent()[1]).toMatch(/it is sunny.*it is raining/);
  });

  it("parses structured output", async () => {
    await using stage = await startStage(dialect);
    const { responses } = clientAt(stage.url);
    const request = { model, input: "Where?", store: false, text: { format: zodTextFormat(place, "place") } };
    expect((await responses.parse(request)).output_parsed).toEqual({ city: expect.any(String) });
    const stream = responses.stream(request);
    expect((await stream.finalResponse()).output_parsed).toEqual({ city: expect.any(String) });
  });

  it("sends an image", async () => {
    await using stage = await startStage(dialect);
    await clientAt(stage.url).responses.create({
      model,
      store: false,
      input: [
        {
          role: "user",
          content: [
            { type: "input_text", text: "What is this?" },
            { type: "input_image", image_url: image, detail: "auto" },
          ],
        },
      ],
    });
    expect(stage.sent()[0]).toContain(pixel);
  });
});

describe.each(dialects)("the openai SDK in front of two %s providers", (dialect) => {
  const type = dialect === "messages" ? "anthropic" : "openai";
  const options = { type, bigModel: "m", smallModel: "m", ...(dialect !== "messages" && { dialect }) } as const;

  it("hears nothing of a first provider that is down", async () => {
    await using down = await startFakeUpstream({ dialect: type, defaultBehaviour: refuse(500, { message: "broken" }) });
    await using well = await startFakeUpstream({ dialect: type, defaultBehaviour: text("All is well.") });
    await using server = await startTestServer({
      providers: [provider("down", down.url, options), provider("well", well.url, options)],
    });
    const { chat, responses } = clientAt(server.url);
    const completion = chat.completions.stream({ model, messages: [{ role: "user", content: "Hi" }] });
    expect(await completion.finalContent()).toBe("All is well.");
    const response = await responses.create({ model, input: "Hi", store: false });
    expect(response.output_text).toBe("All is well.");
    expect(down.requests.length).toBeGreaterThan(0);
  });

  it.each(["chat", "responses"])(
    "sees an error, and no second answer, after a cut behind content of %s",
    async (api) => {
      const begun = cut(text("All is well. ".repeat(20)), "mid-content");
      await using breaking = await startFakeUpstream({ dialect: type, defaultBehaviour: begun });
      await using well = await startFakeUpstream({ dialect: type, defaultBehaviour: text("Second.") });
      await using server = await startTestServer({
        providers: [provider("breaking", breaking.url, options), provider("well", well.url, options)],
      });
      const { chat, responses } = clientAt(server.url);
      if (api === "chat") {
        const completion = chat.completions.stream({ model, messages: [{ role: "user", content: "Hi" }] });
        await expect(completion.finalContent()).rejects.toThrow();
      } else {
        const types: string[] = [];
        // The SDK throws for the `error` event that comes before `response.failed`, where there is one.
        const read = async (): Promise<void> => {
          for await (const { type: name } of responses.stream({ model, input: "Hi", store: false })) types.push(name);
        };
        await read().catch((error: unknown) => types.push((error as Error).name));
        expect(types.at(-1)).toMatch(/^(?:response\.failed|Error)$/);
        expect(types).toContain("response.output_text.delta");
        expect(types).not.toContain("response.completed");
      }
      expect(well.requests).toHaveLength(0);
    },
  );

  it.each([
    [400, "invalid_request_error", OpenAI.BadRequestError],
    [429, "rate_limit_error", OpenAI.APIError],
    [401, "authentication_error", OpenAI.APIError],
  ])("gets an error of its own API where everybody says %i", async (status, errorType, ErrorClass) => {
    await using upstream = await startFakeUpstream({
      dialect: type,
      defaultBehaviour: refuse(status, { errorType, message: "Not like this." }),
    });
    await using server = await startTestServer({ providers: [provider("one", upstream.url, options)] });
    const { chat, responses } = clientAt(server.url);
    for (const ask of [
      chat.completions.create({ model, messages: [{ role: "user", content: "Hi" }] }),
      responses.create({ model, input: "Hi", store: false }),
    ]) {
      const error: unknown = await ask.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ErrorClass);
      expect(error).toMatchObject({ error: { message: expect.any(String), type: expect.any(String) } });
      expect((error as InstanceType<typeof OpenAI.APIError>).requestID).toBeTruthy();
    }
  });
});

it("lists the models that both kinds of client can ask for", async () => {
  await using stage = await startStage("messages");
  const names: string[] = [];
  for await (const { id, object } of clientAt(stage.url).models.list()) names.push(`${object} ${id}`);
  expect(names.length).toBeGreaterThan(0);
  expect(names.every((name) => name.startsWith("model "))).toBe(true);
});
