import { describe, expect, it } from "vitest";
import { answer, claudeCode, responsesRefusal, startFakeUpstream, strictResponses, text, thinking } from "./index.ts";

const post = (url: string, path: string, body: object): Promise<Response> =>
  fetch(`${url}${path}`, { method: "POST", body: JSON.stringify(body) });

const hello = { model: "m", input: [{ role: "user", content: "hi" }] };

describe("an openai upstream at /responses", () => {
  it("answers in the form of Responses, and in that of Chat Completions at the other path", async () => {
    await using upstream = await startFakeUpstream({
      dialect: "openai",
      defaultBehaviour: answer([
        { type: "thinking", thinking: "Hm.", signature: "gAAAAAsecret" },
        { type: "text", text: "Hello" },
        { type: "tool", name: "f", input: { a: 1 } },
      ]),
    });
    const body = (await (await post(upstream.url, "/responses", hello)).json()) as {
      readonly output: readonly Readonly<Record<string, unknown>>[];
    };
    expect(body).toMatchObject({ object: "response", status: "completed", model: "m" });
    expect(body.output.map(({ type }) => type)).toEqual(["reasoning", "message", "function_call"]);
    expect(body.output[0]).toMatchObject({ encrypted_content: "gAAAAAsecret" });
    const chat = await (await post(upstream.url, "/chat/completions", { model: "m", messages: [] })).json();
    expect(chat).toMatchObject({ object: "chat.completion" });
    expect(upstream.requests.map(({ dialect }) => dialect)).toEqual(["responses", "openai"]);
  });

  it("streams events with an `event:` line each, numbered, the last of which is the whole answer", async () => {
    await using upstream = await startFakeUpstream({ dialect: "openai", defaultBehaviour: thinking("Hm.", "Hello") });
    const lines = (await (await post(upstream.url, "/responses", { ...hello, stream: true })).text()).split("\n");
    const names = lines.filter((line) => line.startsWith("event: ")).map((line) => line.slice(7));
    const events = lines
      .filter((line) => line.startsWith("data: "))
      .map((line) => JSON.parse(line.slice(6)) as { readonly type: string; readonly sequence_number: number });
    expect(names).toEqual(events.map(({ type }) => type));
    expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, index) => index));
    expect(names.at(0)).toBe("response.created");
    expect(events.at(-1)).toMatchObject({ type: "response.completed", response: { status: "completed" } });
  });

  it("plays a model for Claude Code", async () => {
    const turns = [[{ name: "f", input: {} }]];
    await using upstream = await startFakeUpstream({
      dialect: "openai",
      defaultBehaviour: claudeCode({ turns, text: "done" }),
    });
    const tools = [{ type: "function", name: "f", parameters: {}, strict: false }];
    const typesOf = async (input: readonly object[]): Promise<unknown> => {
      const response = await post(upstream.url, "/responses", { model: "m", input, tools });
      const { output } = (await response.json()) as { readonly output: readonly { readonly type: string }[] };
      return output.map(({ type }) => type);
    };
    const user = { role: "user", content: "q" };
    expect(await typesOf([user])).toEqual(["function_call"]);
    const call = { type: "function_call", call_id: "c", name: "f", arguments: "{}" };
    const output = { type: "function_call_output", call_id: "c", output: "ok" };
    expect(await typesOf([user, call, output])).toEqual(["message"]);
  });

  it("refuses what OpenAI refuses where it is strict", async () => {
    await using upstream = await startFakeUpstream({
      dialect: "openai",
      defaultBehaviour: strictResponses(text("Hello")),
    });
    expect((await post(upstream.url, "/responses", hello)).status).toBe(200);
    const refused = await post(upstream.url, "/responses", { ...hello, messages: [] });
    expect([refused.status, await refused.json()]).toEqual([
      400,
      {
        error: {
          message: "Unknown parameter: 'messages'.",
          type: "invalid_request_error",
          param: null,
          code: "unknown_parameter",
        },
      },
    ]);
  });
});

describe("what OpenAI refuses in a Responses request", () => {
  const call = { type: "function_call", call_id: "c", name: "f", arguments: "{}" };
  const output = { type: "function_call_output", call_id: "c", output: "ok" };
  const reasoning = { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "gAAAAA" };
  const rows: readonly (readonly [string, object, RegExp])[] = [
    ["a limit below 16", { max_output_tokens: 1 }, /integer below minimum value/],
    ["a function that does not say strict", { tools: [{ type: "function", name: "f" }] }, /tools\[0\]\.strict/],
    ["no input", { input: [] }, /Missing required parameter: 'input'/],
    ["an item of another kind", { input: [{ type: "tool_use" }] }, /Invalid value: 'tool_use'/],
    [
      "an item with a member too many",
      { input: [{ ...call, cache_control: {} }, output] },
      /input\[0\]\.cache_control/,
    ],
    ["a call_id of 65 characters", { input: [{ ...call, call_id: "x".repeat(65) }] }, /string too long/],
    ["a call without an output", { input: [call] }, /No tool output found for function call c/],
    ["an output without a call", { input: [output] }, /No tool call found/],
    ["lonely reasoning", { input: [reasoning, { role: "user", content: "q" }] }, /required following item/],
    ["reasoning that nobody kept", { input: [{ ...reasoning, encrypted_content: null }, call, output] }, /not found/],
    [
      "an assistant's input_text",
      { input: [{ role: "assistant", content: [{ type: "input_text", text: "a" }] }] },
      /'output_text'/,
    ],
  ];

  it.each(rows)("%s", (_, body, message) => {
    expect(responsesRefusal({ ...hello, ...body })?.message).toMatch(message);
  });

  it("is nothing of a sound one", () => {
    expect(responsesRefusal({ ...hello, input: "hi" })).toBeUndefined();
    expect(responsesRefusal({ ...hello, input: [reasoning, call, output] })).toBeUndefined();
  });
});
