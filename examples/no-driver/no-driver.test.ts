import { Balancer, CcpbError, type ProviderConfig } from "@ccpb/core";
import { body, drop, type FakeUpstream, refuse, startFakeUpstream, text } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { testEveryFault, wordsOf } from "../node-http/fault-suite.ts";
import { ask, type Question } from "./ask.ts";

const question: Question = {
  model: "claude-opus-5",
  max_tokens: 100,
  messages: [{ role: "user", content: "Who are you?" }],
};

function balancerOver(first: FakeUpstream, second: FakeUpstream): Balancer {
  const provider = (name: string, upstream: FakeUpstream): ProviderConfig => ({
    name,
    type: upstream.dialect,
    baseUrl: upstream.url,
    auth: { type: "api_key", keys: ["key"] },
    bigModel: "passthrough",
    smallModel: "passthrough",
  });
  return new Balancer({ providers: [provider("first", first), provider("second", second)] });
}

const parse = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

describe("the balancer without its driver", () => {
  it("gives the preferred provider's answer", async () => {
    await using first = await startFakeUpstream({ dialect: "anthropic", script: [text("I am the first.")] });
    await using second = await startFakeUpstream({ dialect: "openai" });
    const answer = await ask(balancerOver(first, second), question);
    expect(parse(answer)).toMatchObject({ type: "message", content: [{ type: "text", text: "I am the first." }] });
    expect(second.requests).toHaveLength(0);
  });

  it.each([
    ["is overloaded", refuse(529)],
    ["drops the connection", drop("reset")],
    ["sends a web page with status 200", body("<html></html>", { contentType: "text/html" })],
  ])("gives the second provider's, translated, when the first %s", async (_how, fault) => {
    await using first = await startFakeUpstream({ dialect: "anthropic", script: [fault] });
    await using second = await startFakeUpstream({ dialect: "openai", script: [text("I am the second.")] });
    const balancer = balancerOver(first, second);
    const answer = await ask(balancer, question);
    expect(parse(answer)).toMatchObject({ type: "message", content: [{ type: "text", text: "I am the second." }] });
    expect(balancer.status().providers[0]?.state).toBe("open");
  });

  it("gives a provider's own word on a bad request, and asks nobody else", async () => {
    const wrong = refuse(400, { message: "max_tokens: must be at least 1" });
    await using first = await startFakeUpstream({ dialect: "anthropic", script: [wrong] });
    await using second = await startFakeUpstream({ dialect: "openai" });
    const answer = await ask(balancerOver(first, second), question);
    expect(parse(answer)).toMatchObject({ type: "error", error: { message: "max_tokens: must be at least 1" } });
    expect(second.requests).toHaveLength(0);
  });

  it("throws when nobody could serve", async () => {
    await using first = await startFakeUpstream({ dialect: "anthropic", script: [refuse(500)] });
    await using second = await startFakeUpstream({ dialect: "openai", script: [refuse(500)] });
    const error = await ask(balancerOver(first, second), question).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CcpbError);
    expect(error).toMatchObject({
      code: "providers_unavailable",
      attempts: [{ provider: "first" }, { provider: "second" }],
    });
  });

  testEveryFault(async (balancer) => wordsOf(new TextDecoder().decode(await ask(balancer, question))), {
    forms: ["whole"],
  });
});
