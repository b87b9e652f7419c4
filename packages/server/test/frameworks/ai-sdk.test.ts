import * as ai5 from "ai-5";
import * as ai6 from "ai-6";
import * as ai7 from "ai-7";
import { createAnthropic as createAnthropic2 } from "ai-anthropic-2";
import { createAnthropic as createAnthropic3 } from "ai-anthropic-3";
import { createAnthropic as createAnthropic4 } from "ai-anthropic-4";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { dialects, pixel, startStage } from "./model.ts";

type Kit = typeof ai7;
type Create = typeof createAnthropic4;

// What is called here is the same in all three; their types differ in what is not.
const versions: readonly (readonly [string, Kit, Create])[] = [
  ["5", ai5 as unknown as Kit, createAnthropic2 as unknown as Create],
  ["6", ai6 as unknown as Kit, createAnthropic3 as unknown as Create],
  ["7", ai7, createAnthropic4],
];
const cases = versions.flatMap(([version, kit, create]) =>
  dialects.map((dialect) => ({ version, dialect, kit, create })),
);

describe.each(cases)("the AI SDK $version over $dialect", ({ version, dialect, kit, create }) => {
  const modelAt = (url: string, name = "claude-opus-5-5") =>
    create({ baseURL: `${url}/v1`, apiKey: "a-client-credential" })(name);
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
    };
    const result = form === "whole" ? await kit.generateText(options) : kit.streamText(options);
    const [text, steps] = [await result.text, await result.steps];
    expect(text).toBe("Sunny in Graz, rain in Linz.");
    expect(steps.flatMap(({ toolCalls }) => toolCalls.map(({ input }) => input))).toEqual([
      { city: "Graz" },
      { city: "Linz" },
    ]);
    expect(await result.reasoningText).toBe("Both are in.");
    expect(stage.sent()[1]).toMatch(/it is sunny.*it is raining/);
  });

  it.each(["claude-opus-5-5", "claude-sonnet-4-0"])("generates an object with %s", async (name) => {
    await using stage = await startStage(dialect);
    const model = modelAt(stage.url, name);
    const whole = await kit.generateObject({ model, schema, prompt: "Where?", maxRetries: 0 });
    expect(Object.keys(whole.object)).toEqual(["city"]);
    const stream = kit.streamObject({ model, schema, prompt: "Where?", maxRetries: 0 });
    for await (const partial of stream.partialObjectStream) expect(partial).toBeTypeOf("object");
    expect(await stream.object).toEqual(whole.object);
  });

  it("sends an image", async () => {
    await using stage = await startStage(dialect);
    const { text } = await kit.generateText({
      model: modelAt(stage.url),
      maxRetries: 0,
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
    });
    // From version 7 on `response` is that of the last step alone.
    const history = version === "7" ? first.responseMessages : first.response.messages;
    const messages = [
      { role: "user" as const, content: "Weather?" },
      ...history,
      { role: "user" as const, content: "Thanks" },
    ];
    const second = await kit.generateText({ model, messages, tools, maxRetries: 0 });
    expect(second.text).toBe("Sunny in Graz, rain in Linz.");
    expect(stage.server.lines("request_completed").map(({ status }) => status)).toEqual([200, 200, 200]);
  });
});
