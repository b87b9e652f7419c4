import { describe, expect, it } from "vitest";
import { Balancer, createFetch, type ProviderConfig } from "../../src/index.ts";
import { scriptedTransport } from "../../src/testing/scripted-transport.ts";
import { VirtualClock } from "../../src/testing/virtual-clock.ts";

const messages = [{ role: "user", content: "Look." }];
const tools = [{ name: "look", input_schema: { type: "object", properties: {} } }];

/** The first provider answers with an error; the second serves. */
function scene(error: string, names: readonly string[] = ["first", "second"]) {
  const { transport, requests } = scriptedTransport(new VirtualClock(), ({ url }) => {
    const headers = { "content-type": "application/json" };
    if (url.includes("first")) return { status: 400, headers, body: JSON.stringify({ error: { message: error } }) };
    const body = JSON.stringify({ choices: [{ message: { content: "ok" }, finish_reason: "stop" }] });
    return { headers, body };
  });
  const providers = names.map((name): ProviderConfig => {
    const auth = { type: "api_key", keys: ["key-0000000000"] } as const;
    return { name, type: "openai", baseUrl: `https://${name}.test/v1`, auth, bigModel: "m", smallModel: "m" };
  });
  const balancer = new Balancer({ providers, settings: { lastResort: true } }, { clock: new VirtualClock() });
  const fetch = createFetch(balancer, transport);
  const ask = async (request: object) => {
    const body = JSON.stringify({ model: "claude-opus-5", max_tokens: 10, messages, ...request });
    const response = await fetch("https://api.test/v1/messages", { method: "POST", body });
    return { status: response.status, text: await response.text() };
  };
  return { ask, balancer, requests };
}

describe.each([
  "registry.ollama.ai/library/gemma3:4b does not support tools",
  "Function call is not supported for this model.",
  '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
  "Model m does not support function calling",
])("a model without tools: %s", (error) => {
  it("passes a request with tools on to the next provider, and stays in service for others", async () => {
    const { ask, balancer, requests } = scene(error);
    expect(await ask({ tools })).toMatchObject({ status: 200 });
    expect(requests.map(({ url }) => new URL(url).host)).toEqual(["first.test", "second.test"]);
    expect(balancer.status().providers[0]).toMatchObject({ state: "closed", healthy: true });
  });

  it("answers the client where no other provider can", async () => {
    const answer = await scene(error, ["first"]).ask({ tools });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain(JSON.stringify(error).slice(1, -1));
  });

  it("is no reason to ask another provider where the request has no tools", async () => {
    const { ask, requests } = scene(error);
    expect(await ask({})).toMatchObject({ status: 400 });
    expect(requests).toHaveLength(1);
  });
});
