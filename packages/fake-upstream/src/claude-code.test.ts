import { describe, expect, it } from "vitest";
import { RawClient } from "../test/raw-client.ts";
import { claudeCode, type Dialect, sized, startFakeUpstream, type HttpBehaviour } from "./index.ts";

const model = claudeCode({
  turns: [[{ name: "Bash", input: { command: "echo hi" } }], [{ name: "Read", input: { file_path: "a" } }]],
  text: "All done.",
  change: (behaviour) => sized(behaviour as HttpBehaviour, "coalesced"),
});

async function ask(dialect: Dialect, body: object): Promise<string> {
  await using upstream = await startFakeUpstream({ dialect, defaultBehaviour: model });
  using client = new RawClient(upstream.port);
  client.post(dialect === "anthropic" ? "/v1/messages" : "/v1/chat/completions", { model: "m", ...body });
  await client.whole();
  return client.body;
}

const prompt = { role: "user", content: "Do it." };

describe("a model for Claude Code in Anthropic's dialect", () => {
  const tools = [{ name: "Bash" }, { name: "Read" }];
  const called = { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "Bash", input: {} }] };
  const result = { role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: "hi" }] };

  it("calls the tools turn by turn, then speaks", async () => {
    expect(await ask("anthropic", { tools, messages: [prompt] })).toContain('"name":"Bash"');
    expect(await ask("anthropic", { tools, messages: [prompt, called, result] })).toContain('"name":"Read"');
    const all = [prompt, called, result, called, result];
    expect(await ask("anthropic", { tools, messages: all })).toContain("All done.");
  });

  it("speaks at once where the tool is not offered", async () => {
    expect(await ask("anthropic", { tools: [{ name: "Other" }], messages: [prompt] })).toContain("All done.");
  });

  it("answers side requests in their form", async () => {
    expect(await ask("anthropic", { messages: [prompt] })).toContain('"text":"ok"');
    const schema = { type: "object", properties: { title: { type: "string" }, kind: { enum: ["a", "b"] } } };
    const titled = JSON.parse(
      await ask("anthropic", { messages: [prompt], output_config: { format: { type: "json_schema", schema } } }),
    );
    expect(JSON.parse(titled.content[0].text)).toEqual({ title: "Short title", kind: "a" });
  });
});

describe("a model for Claude Code in OpenAI's dialect", () => {
  const tools = [
    { type: "function", function: { name: "Bash" } },
    { type: "function", function: { name: "Read" } },
  ];
  const called = {
    role: "assistant",
    tool_calls: [{ id: "t1", type: "function", function: { name: "Bash", arguments: "{}" } }],
  };
  const result = { role: "tool", tool_call_id: "t1", content: "hi" };

  it("calls the tools turn by turn, then speaks", async () => {
    expect(await ask("openai", { tools, messages: [prompt] })).toContain('"name":"Bash"');
    expect(await ask("openai", { tools, messages: [prompt, called, result] })).toContain('"name":"Read"');
    expect(await ask("openai", { tools, messages: [prompt, called, result, called, result] })).toContain("All done.");
  });

  it("answers side requests in their form", async () => {
    const schema = {
      type: "object",
      properties: { ok: { type: "boolean" }, n: { type: "integer" }, list: { type: "array" } },
    };
    const response_format = { type: "json_schema", json_schema: { name: "x", schema } };
    const completion = JSON.parse(await ask("openai", { messages: [prompt], response_format }));
    expect(JSON.parse(completion.choices[0].message.content)).toEqual({ ok: false, n: 0, list: [] });
  });
});
