import { HumanMessage, ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ChatAnthropic } from "@langchain/anthropic";
import { Agent } from "@mastra/core/agent";
import type { MastraModelConfig } from "@mastra/core/llm";
import { createTool } from "@mastra/core/tools";
import { createAnthropic } from "ai-anthropic-4";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { dialects, pixel, startStage } from "./model.ts";

const says = ({ city }: { city: string }): string => `it is ${city === "Graz" ? "sunny" : "raining"}`;
const input = z.object({ city: z.string() });

// Mastra would report that it is used.
beforeAll(() => void vi.stubEnv("MASTRA_TELEMETRY_DISABLED", "1"));

describe.each(dialects)("LangChain over %s", (dialect) => {
  const modelAt = (url: string): ChatAnthropic =>
    new ChatAnthropic({ model: "claude-opus-5-5", apiKey: "a-client-credential", anthropicApiUrl: url, maxRetries: 0 });

  it("invokes and streams", async () => {
    await using stage = await startStage(dialect);
    const model = modelAt(stage.url);
    expect((await model.invoke("Hi")).text).toBe("ok");
    let text = "";
    for await (const piece of await model.stream("Hi")) text += piece.text;
    expect(text).toBe("ok");
  });

  it("calls tools and takes their results", async () => {
    await using stage = await startStage(dialect);
    const weather = tool(says, { name: "get_weather", description: "The weather", schema: input });
    const model = modelAt(stage.url).bindTools([weather]);
    const question = new HumanMessage("What is the weather?");
    const asked = await model.invoke([question]);
    const calls = asked.tool_calls ?? [];
    expect(calls.map(({ args }) => args)).toEqual([{ city: "Graz" }, { city: "Linz" }]);
    const results = calls.map(
      ({ id, args }) => new ToolMessage({ content: says(input.parse(args)), tool_call_id: id ?? "" }),
    );
    expect((await model.invoke([question, asked, ...results])).text).toBe("Sunny in Graz, rain in Linz.");
    expect(stage.sent()[1]).toMatch(/it is sunny.*it is raining/);
  });

  it("gives structured output, and sends an image", async () => {
    await using stage = await startStage(dialect);
    const model = modelAt(stage.url).withStructuredOutput(input, { name: "json" });
    expect(await model.invoke("Where?")).toEqual({ city: "Graz" });
    const url = `data:image/png;base64,${pixel}`;
    const image = new HumanMessage({ content: [{ type: "image_url", image_url: { url } }] });
    expect((await modelAt(stage.url).invoke([image])).text).toBe("ok");
    expect(stage.sent()[1]).toContain(pixel);
  });
});

describe.each(dialects)("Mastra over %s", (dialect) => {
  const weather = createTool({
    id: "get_weather",
    description: "The weather",
    inputSchema: input,
    execute: (given) => Promise.resolve(says(input.parse(given))),
  });
  // Mastra takes it; of what its own type wants, a stream in whole answers, it needs nothing.
  const modelAt = (url: string) =>
    createAnthropic({ baseURL: `${url}/v1`, apiKey: "a-client-credential" })(
      "claude-opus-5-5",
    ) as unknown as MastraModelConfig;
  const agentAt = (url: string): Agent =>
    new Agent({
      id: "agent",
      name: "agent",
      instructions: "Be brief.",
      model: modelAt(url),
      tools: { get_weather: weather },
    });

  it("runs an agent through its tools, whole and streamed", async () => {
    await using stage = await startStage(dialect);
    const agent = agentAt(stage.url);
    expect((await agent.generate("What is the weather?")).text).toBe("Sunny in Graz, rain in Linz.");
    const stream = await agent.stream("What is the weather?");
    expect(await stream.text).toBe("Sunny in Graz, rain in Linz.");
    expect(stage.sent()[1]).toMatch(/it is sunny.*it is raining/);
  });

  it("gives structured output", async () => {
    await using stage = await startStage(dialect);
    const { object } = await agentAt(stage.url).generate("Where?", { structuredOutput: { schema: input } });
    expect(Object.keys(object)).toEqual(["city"]);
  });
});
