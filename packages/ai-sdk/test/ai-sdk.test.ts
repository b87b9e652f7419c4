import * as ai5 from "ai-5";
import * as ai6 from "ai-6";
import * as ai7 from "ai-7";
import { createAnthropic as createAnthropic2 } from "ai-anthropic-2";
import { createAnthropic as createAnthropic3 } from "ai-anthropic-3";
import { createAnthropic as createAnthropic4 } from "ai-anthropic-4";
import {
  type BehaviourSource,
  cut,
  drop,
  errorWithin,
  refuse,
  startFakeUpstream,
  text,
  tools,
} from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { failover } from "../src/index.ts";

type Kit = typeof ai7;
type Create = typeof createAnthropic4;

// What is called here is the same in all three; their types differ in what is not.
const versions: readonly (readonly [string, Kit, Create])[] = [
  ["5", ai5 as unknown as Kit, createAnthropic2 as unknown as Create],
  ["6", ai6 as unknown as Kit, createAnthropic3 as unknown as Create],
  ["7", ai7, createAnthropic4],
];

const words = text("All is well.");
const failures: readonly (readonly [string, BehaviourSource])[] = [
  ["HTTP 500", refuse(500, { message: "broken" })],
  ["HTTP 529", refuse(529, { message: "Overloaded" })],
  ["HTTP 401", refuse(401, { message: "invalid x-api-key" })],
  ["a reset", drop("reset")],
  ["an error event before content", errorWithin(words, "before-content", { message: "Overloaded" })],
  ["a cut before content", cut(words, "before-content")],
];

/** The same model name at two addresses: the first behaves as told, the second is well. */
async function startStage(create: Create, first: BehaviourSource, second: BehaviourSource = words) {
  const [one, two] = [
    await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: first }),
    await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: second }),
  ];
  const at = (url: string) => create({ baseURL: `${url}/v1`, apiKey: "a-key" })("claude-opus-5-5");
  return {
    one,
    two,
    model: failover([at(one.url), at(two.url)]),
    [Symbol.asyncDispose]: async () => {
      await one[Symbol.asyncDispose]();
      await two[Symbol.asyncDispose]();
    },
  };
}

describe.each(versions)("the AI SDK %s", (_version, kit, create) => {
  it.each(failures)("hears nothing of %s of the first model", async (_name, failure) => {
    await using stage = await startStage(create, failure);
    const whole = await kit.generateText({ model: stage.model, prompt: "Hi", maxRetries: 0 });
    expect([whole.text, whole.finishReason]).toEqual(["All is well.", "stop"]);
    const stream = kit.streamText({ model: stage.model, prompt: "Hi", maxRetries: 0 });
    let streamed = "";
    for await (const piece of stream.textStream) streamed += piece;
    expect([streamed, await stream.finishReason]).toEqual(["All is well.", "stop"]);
    expect((await stream.providerMetadata)?.["ccpb"]).toMatchObject({ model: expect.stringContaining("(2)") });
  });

  it("gets one error and no second text after a cut", async () => {
    await using stage = await startStage(create, cut(words, "after-content"));
    const errors: unknown[] = [];
    const stream = kit.streamText({
      model: stage.model,
      prompt: "Hi",
      maxRetries: 2,
      onError: ({ error }) => void errors.push(error),
    });
    let streamed = "";
    for await (const part of stream.fullStream) if (part.type === "text-delta") streamed += part.text;
    expect("All is well.".startsWith(streamed)).toBe(true);
    expect(errors).toHaveLength(1);
    expect(stage.two.requests).toHaveLength(0);
  });

  it("walks a tool loop and generates an object over the second model", async () => {
    const behaviour: BehaviourSource = ({ body }) => {
      const asked = JSON.stringify(body);
      if (asked.includes('"name":"json"')) return tools({ name: "json", input: { city: "Graz" } });
      if (asked.includes("output_config")) return text('{"city":"Graz"}');
      return asked.includes("tool_result") ? text("Sunny.") : tools({ name: "weather", input: { city: "Graz" } });
    };
    await using stage = await startStage(create, refuse(500, { message: "broken" }), behaviour);
    const weather = kit.tool({
      description: "The weather of a city",
      inputSchema: z.object({ city: z.string() }),
      execute: ({ city }: { city: string }) => `${city} is sunny`,
    });
    const looped = await kit.generateText({
      model: stage.model,
      prompt: "Weather?",
      tools: { weather },
      stopWhen: kit.stepCountIs(3),
      maxRetries: 0,
    });
    expect([looped.text, looped.steps.length]).toEqual(["Sunny.", 2]);
    const made = await kit.generateObject({
      model: stage.model,
      schema: z.object({ city: z.string() }),
      prompt: "Where?",
      maxRetries: 0,
    });
    expect(made.object).toEqual({ city: "Graz" });
  });

  it("aborts the model when its caller aborts", async () => {
    await using stage = await startStage(create, drop("stall"));
    const controller = new AbortController();
    const calling = kit.generateText({ model: stage.model, prompt: "Hi", abortSignal: controller.signal });
    await expect.poll(() => stage.one.requests.length).toBe(1);
    controller.abort();
    await expect(calling).rejects.toMatchObject({ name: "AbortError" });
    expect(stage.two.requests).toHaveLength(0);
  });

  it("rejects none of 200 concurrent calls in front of a dead first model", async () => {
    await using stage = await startStage(create, drop("reset"));
    const texts = await Promise.all(
      Array.from({ length: 200 }, async () => (await kit.generateText({ model: stage.model, prompt: "Hi" })).text),
    );
    expect(new Set(texts)).toEqual(new Set(["All is well."]));
  });
});

it("is a language model by the types of each version", () => {
  const options = { baseURL: "https://model.invalid", apiKey: "a-key" };
  const model5 = failover([createAnthropic2(options)("a"), createAnthropic2(options)("b")]);
  const model6 = failover([createAnthropic3(options)("a")]);
  const model7 = failover([createAnthropic4(options)("a")]);
  const calls = [
    () => ai5.generateText({ model: model5, prompt: "" }),
    () => ai6.generateText({ model: model6, prompt: "" }),
    () => ai7.generateText({ model: model7, prompt: "" }),
    // @ts-expect-error A model of the AI SDK 7 is none of the AI SDK 5.
    () => ai5.generateText({ model: model7, prompt: "" }),
  ];
  expect(calls).toHaveLength(4);
  expect([model5, model6, model7].map(({ specificationVersion }) => specificationVersion)).toEqual(["v2", "v3", "v4"]);
});
