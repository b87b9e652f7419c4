import type * as ai7 from "ai-7";
import type { createAnthropic } from "ai-anthropic-4";
import { expect, it } from "vitest";
import { z } from "zod";
import { type dialects, pixel, startStage } from "./model.ts";

/** The AI SDK as its version 7 has it. What is called here is the same in 5 and 6; their types differ in what is not. */
export type Kit = typeof ai7;

/** A version of the AI SDK with one way to make a model of it, in front of one kind of provider. */
export interface AiSdkCase {
  readonly version: string;
  readonly kit: Kit;
  readonly dialect: (typeof dialects)[number];
  /** Names of models to generate objects with: SDKs ask older ones by a tool. */
  readonly names: readonly [string, ...string[]];
  /** Whether the SDK hands on what the model thought; its reader of Chat Completions does not. */
  readonly hasReasoning: boolean;
  /** Options of the provider's package for every request. */
  readonly providerOptions?: Parameters<Kit["generateText"]>[0]["providerOptions"];
  modelAt(url: string, name: string): ReturnType<ReturnType<typeof createAnthropic>>;
}

/** What the AI SDK must be able to do through a running server. */
export function testAiSdk(sdk: AiSdkCase): void {
  const { version, kit, dialect, names, modelAt: make, hasReasoning } = sdk;
  const providerOptions = sdk.providerOptions ?? {};
  const modelAt = (url: string, name: string = names[0]): ReturnType<typeof make> => make(url, name);
  const weather = kit.tool({
    description: "The weather of a city",
    inputSchema: z.object({ city: z.string() }),
    execute: ({ city }: { city: string }) => `it is ${city === "Graz" ? "sunny" : "raining"}`,
  });
  const schema = z.object({ city: z.string() });

  it("generates text, whole and streamed", async () => {
    await using stage = await startStage(dialect);
    const model = modelAt(stage.url);
    const whole = await kit.generateText({ model, prompt: "Hi", maxRetries: 0 });
    expect([whole.text, whole.finishReason]).toEqual(["ok", "stop"]);
    expect(whole.usage.outputTokens).toBeGreaterThan(0);
    const stream = kit.streamText({ model, prompt: "Hi", maxRetries: 0 });
    let text = "";
    for await (const piece of stream.textStream) text += piece;
    expect([text, await stream.finishReason]).toEqual(["ok", "stop"]);
  });

  it.each(["whole", "streamed"])("walks a tool loop, %s", async (form) => {
    await using stage = await startStage(dialect);
    const options = {
      model: modelAt(stage.url),
      prompt: "What is the weather?",
      tools: { get_weather: weather },
      stopWhen: kit.stepCountIs(4),
      maxRetries: 0,
      providerOptions,
    };
    const result = form === "whole" ? await kit.generateText(options) : kit.streamText(options);
    const [text, steps] = [await result.text, await result.steps];
    expect(text).toBe("Sunny in Graz, rain in Linz.");
    expect(steps.flatMap(({ toolCalls }) => toolCalls.map(({ input }) => input))).toEqual([
      { city: "Graz" },
      { city: "Linz" },
    ]);
    expect(await result.reasoningText).toBe(hasReasoning ? "Both are in." : undefined);
    expect(stage.sent()[1]).toMatch(/it is sunny.*it is raining/);
  });

  it.each(names)("generates an object with %s", async (name) => {
    await using stage = await startStage(dialect);
    const model = modelAt(stage.url, name);
    const whole = await kit.generateObject({ model, schema, prompt: "Where?", maxRetries: 0, providerOptions });
    expect(Object.keys(whole.object)).toEqual(["city"]);
    const stream = kit.streamObject({ model, schema, prompt: "Where?", maxRetries: 0, providerOptions });
    for await (const partial of stream.partialObjectStream) expect(partial).toBeTypeOf("object");
    expect(await stream.object).toEqual(whole.object);
  });

  it("sends an image", async () => {
    await using stage = await startStage(dialect);
    const { text } = await kit.generateText({
      model: modelAt(stage.url),
      maxRetries: 0,
      providerOptions,
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "What is it?" },
            { type: "image", image: Buffer.from(pixel, "base64") },
          ],
        },
      ],
    });
    expect(text).toBe("ok");
    expect(stage.sent()[0]).toContain(pixel);
  });

  it("takes its own history back, thinking and results included", async () => {
    await using stage = await startStage(dialect);
    const model = modelAt(stage.url);
    const tools = { get_weather: weather };
    const first = await kit.generateText({
      model,
      prompt: "Weather?",
      tools,
      stopWhen: kit.stepCountIs(4),
      maxRetries: 0,
      providerOptions,
    });
    // From version 7 on `response` is that of the last step alone.
    const history = version === "7" ? first.responseMessages : first.response.messages;
    const messages = [
      { role: "user" as const, content: "Weather?" },
      ...history,
      { role: "user" as const, content: "Thanks" },
    ];
    const second = await kit.generateText({ model, messages, tools, maxRetries: 0, providerOptions });
    expect(second.text).toBe("Sunny in Graz, rain in Linz.");
    expect(stage.server.lines("request_completed").map(({ status }) => status)).toEqual([200, 200, 200]);
  });
}
