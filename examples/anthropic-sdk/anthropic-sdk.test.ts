import Anthropic from "@anthropic-ai/sdk";
import { Balancer, type ProviderConfig } from "@ccpb/core";
import { cut, type FakeUpstream, refuse, startFakeUpstream, text, tools } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { testEveryFault } from "../node-http/fault-suite.ts";
import { ask, createClient } from "./client.ts";

function provider(name: string, upstream: FakeUpstream): ProviderConfig {
  return {
    name,
    type: upstream.dialect,
    baseUrl: upstream.url,
    auth: { type: "api_key", keys: [`key-of-${name}`] },
    bigModel: "passthrough",
    smallModel: "passthrough",
  };
}

describe("the SDK with a balancer inside", () => {
  it("streams from the second provider when the first breaks off before its first word", async () => {
    await using first = await startFakeUpstream({ dialect: "anthropic", script: [cut(text("never heard"), "start")] });
    await using second = await startFakeUpstream({ dialect: "openai", script: [text("I am the second.")] });
    const balancer = new Balancer({ providers: [provider("first", first), provider("second", second)] });
    let said = "";
    for await (const words of ask(createClient(balancer), "Who are you?")) said += words;
    expect(said).toBe("I am the second.");
    expect(first.requests[0]?.headers["x-api-key"]).toBe("key-of-first");
  });

  it("gives tool calls of an OpenAI provider as Anthropic's", async () => {
    const weather = { name: "weather", input: { city: "Bergen" } };
    await using only = await startFakeUpstream({ dialect: "openai", script: [tools(weather)] });
    const client = createClient(new Balancer({ providers: [provider("only", only)] }));
    const message = await client.messages.create({
      model: "claude-opus-5",
      max_tokens: 100,
      messages: [{ role: "user", content: "Will it rain in Bergen?" }],
      tools: [{ name: "weather", input_schema: { type: "object", properties: { city: { type: "string" } } } }],
    });
    expect(message.stop_reason).toBe("tool_use");
    expect(message.content).toMatchObject([{ type: "tool_use", ...weather }]);
  });

  it("throws the SDK's own error when nobody can serve, after one round", async () => {
    await using only = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: refuse(529) });
    const client = createClient(new Balancer({ providers: [provider("only", only)] }));
    const asking = client.messages.create({
      model: "claude-opus-5",
      max_tokens: 100,
      messages: [{ role: "user", content: "Who are you?" }],
    });
    const error = await asking.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(Anthropic.InternalServerError);
    expect(error).toMatchObject({ status: 503 });
    expect(only.requests).toHaveLength(1);
  });

  testEveryFault(
    async (balancer) => {
      let said = "";
      for await (const words of ask(createClient(balancer), "Who are you?")) said += words;
      return said;
    },
    { forms: ["stream"] },
  );
});
