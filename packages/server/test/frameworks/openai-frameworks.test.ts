import { HumanMessage, ToolMessage } from "@langchain/core/messages";
import { tool as langchainTool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import {
  Agent,
  OpenAIChatCompletionsModel,
  OpenAIResponsesModel,
  Runner,
  setTracingDisabled,
  tool as agentTool,
} from "@openai/agents";
import OpenAI from "openai";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { dialects, pixel, startStage } from "./model.ts";

const says = ({ city }: { city: string }): string => `it is ${city === "Graz" ? "sunny" : "raining"}`;
const input = z.object({ city: z.string() });
const model = "gpt-5.6";
const apis = ["chat", "responses"] as const;
const cases = dialects.flatMap((dialect) => apis.map((api) => ({ dialect, api })));

// The SDK would report what it does to OpenAI.
beforeAll(() => setTracingDisabled(true));

describe.each(cases)("LangChain's $api over $dialect", ({ dialect, api }) => {
  const modelAt = (url: string): ChatOpenAI =>
    new ChatOpenAI({
      model,
      apiKey: "a-client-credential",
      configuration: { baseURL: `${url}/v1` },
      useResponsesApi: api === "responses",
      // What a fake provider of the Responses API does not store cannot be referred to.
      ...(api === "responses" && { zdrEnabled: true }),
      maxRetries: 0,
    });

  it("invokes and streams", async () => {
    await using stage = await startStage(dialect);
    expect((await modelAt(stage.url).invoke("Hi")).text).toBe("ok");
    let text = "";
    for await (const piece of await modelAt(stage.url).stream("Hi")) text += piece.text;
    expect(text).toBe("ok");
  });

  it("calls tools and takes their results", async () => {
    await using stage = await startStage(dialect);
    const weather = langchainTool(says, { name: "get_weather", description: "The weather", schema: input });
    const bound = modelAt(stage.url).bindTools([weather]);
    const question = new HumanMessage("What is the weather?");
    const asked = await bound.invoke([question]);
    const calls = asked.tool_calls ?? [];
    expect(calls.map(({ args }) => args)).toEqual([{ city: "Graz" }, { city: "Linz" }]);
    const results = calls.map(
      ({ id, args }) => new ToolMessage({ content: says(input.parse(args)), tool_call_id: id ?? "" }),
    );
    expect((await bound.invoke([question, asked, ...results])).text).toBe("Sunny in Graz, rain in Linz.");
    expect(stage.sent()[1]).toMatch(/it is sunny.*it is raining/);
  });

  it("gives structured output, and sends an image", async () => {
    await using stage = await startStage(dialect);
    const structured = modelAt(stage.url).withStructuredOutput(input, { name: "place", method: "jsonSchema" });
    expect(await structured.invoke("Where?")).toEqual({ city: expect.any(String) });
    const url = `data:image/png;base64,${pixel}`;
    const image = new HumanMessage({ content: [{ type: "image_url", image_url: { url } }] });
    expect((await modelAt(stage.url).invoke([image])).text).toBe("ok");
    expect(stage.sent()[1]).toContain(pixel);
  });
});

describe.each(cases)("the OpenAI Agents SDK's $api over $dialect", ({ dialect, api }) => {
  const agentAt = (url: string, isStored: boolean) => {
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: "a-client-credential", maxRetries: 0 });
    const made =
      api === "chat" ? new OpenAIChatCompletionsModel(client, model) : new OpenAIResponsesModel(client, model);
    return new Agent({
      name: "agent",
      instructions: "Be brief.",
      model: made,
      modelSettings: { store: isStored },
      tools: [agentTool({ name: "get_weather", description: "The weather", parameters: input, execute: says })],
    });
  };

  it.each([true, false])("runs an agent through its tools (store: %s)", async (isStored) => {
    await using stage = await startStage(dialect);
    const result = await new Runner().run(agentAt(stage.url, isStored), "What is the weather?");
    expect(result.finalOutput).toBe("Sunny in Graz, rain in Linz.");
    expect(stage.sent()[1]).toMatch(/it is sunny.*it is raining/);
  });

  it("streams the run of an agent", async () => {
    await using stage = await startStage(dialect);
    const run = await new Runner().run(agentAt(stage.url, false), "What is the weather?", { stream: true });
    const types = new Set<string>();
    for await (const event of run) types.add(event.type);
    await run.completed;
    expect(run.finalOutput).toBe("Sunny in Graz, rain in Linz.");
    expect(types).toContain("raw_model_stream_event");
  });
});
