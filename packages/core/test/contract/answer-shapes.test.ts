import { describe, expect, it } from "vitest";
import { fromChatCompletion } from "../../src/dialects/chat/response.ts";
import { fromResponse } from "../../src/dialects/responses/response.ts";
import { contextOf, frame, runResponsesStream, runStream } from "./stream-run.ts";

const text = (words: string) => ({ type: "text", text: words });
const call = (input: object) => ({ type: "tool_use", name: "f", input });
const thought = (thinking: string) => ({ type: "thinking", thinking });
const partOf = { type: "tool_use", id: "a", name: "f", input: { a: 1 } };
const calls = (entry: object) => ({ content: "", tool_calls: [{ index: 0, id: "a", ...entry }] });

/** What gateways, relays and serialised SDK objects send, and what it means. */
const chat: readonly (readonly [string, object, readonly object[]])[] = [
  [
    "arguments as parameters",
    calls({ type: "function", function: { name: "f", parameters: { a: 1 } } }),
    [call({ a: 1 })],
  ],
  ["arguments as input", calls({ type: "tool_use", name: "f", input: { a: 1 } }), [call({ a: 1 })]],
  ["a call without its wrapper", calls({ name: "f", arguments: '{"a":1}' }), [call({ a: 1 })]],
  ["a call among the parts", { content: [text("hi"), partOf] }, [text("hi"), call({ a: 1 })]],
  ["a call alone among the parts", { content: [partOf] }, [call({ a: 1 })]],
  ["a function call among the parts", { content: [{ type: "function_call", name: "f", arguments: "{}" }] }, [call({})]],
  [
    "a call in both places",
    {
      content: [text("hi"), partOf],
      tool_calls: [{ index: 0, id: "a", function: { name: "f", arguments: '{"a":1}' } }],
    },
    [text("hi"), call({ a: 1 })],
  ],
  ["reasoning as an object", { reasoning: { content: "think" }, content: "hi" }, [thought("think"), text("hi")]],
  ["reasoning as parts", { reasoning: [text("th"), text("ink")], content: "hi" }, [thought("think"), text("hi")]],
  [
    "a Claude's blocks alone",
    { thinking_blocks: [{ type: "thinking", thinking: "think", signature: "s" }], content: "hi" },
    [thought("think"), text("hi")],
  ],
  [
    "a Claude's blocks beside the text",
    {
      reasoning_content: "think",
      thinking_blocks: [{ type: "thinking", thinking: "think", signature: "s" }],
      content: "hi",
    },
    [thought("think"), text("hi")],
  ],
  ["text as one part", { content: text("hi") }, [text("hi")]],
];
const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
const completion = (message: object) => ({
  id: "x",
  choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason: "stop" }],
  usage,
});

describe("a chat answer with", () => {
  it.each(chat)("%s is read, whole and streamed", (_what, message, content) => {
    const whole = fromChatCompletion(completion(message), contextOf()).message;
    expect(whole.content).toMatchObject(content);
    expect(whole.content).toHaveLength(content.length);
    expect(whole.stop_reason).toBe(content.some((block) => "input" in block) ? "tool_use" : "end_turn");
    const chunks = [
      { id: "x", choices: [{ index: 0, delta: message, finish_reason: null }] },
      { id: "x", choices: [{ index: 0, delta: {}, finish_reason: "stop" }], usage },
    ];
    const streamed = runStream(frame(chunks), 16_384);
    expect(streamed.problems).toEqual([]);
    expect(streamed.message?.content).toMatchObject(content);
    expect(streamed.message?.content).toHaveLength(content.length);
  });

  it.each([
    ["an array", (one: object) => [one]],
    ["data", (data: object) => ({ code: 0, message: "ok", data })],
    ["result", (result: object) => ({ result, success: true, errors: [] })],
    ["response", (response: object) => ({ response })],
  ])("%s around it is unwrapped", (_what, wrap) => {
    expect(fromChatCompletion(wrap(completion({ content: "hi" })), contextOf()).message.content).toMatchObject([
      text("hi"),
    ]);
    const chunks = [
      wrap({ id: "x", choices: [{ index: 0, delta: { content: "hi" } }] }),
      wrap({ id: "x", choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }),
    ];
    expect(runStream(frame(chunks), 16_384).message?.content).toMatchObject([text("hi")]);
    const response = {
      id: "r",
      status: "completed",
      output: [{ type: "message", content: [{ type: "output_text", text: "hi" }] }],
    };
    expect(fromResponse(wrap(response), contextOf()).message.content).toMatchObject([text("hi")]);
  });
});

const said = (content: unknown) => ({ type: "message", role: "assistant", content });
const responses: readonly (readonly [string, object, readonly object[]])[] = [
  [
    "a message without a type",
    { output: [{ role: "assistant", content: [{ type: "output_text", text: "hi" }] }] },
    [text("hi")],
  ],
  ["a message of one text", { output: [said("hi")] }, [text("hi")]],
  ["its text alone", { output: [], output_text: "hi" }, [text("hi")]],
  [
    "its text and its items",
    { output: [said([{ type: "output_text", text: "hi" }])], output_text: "hi" },
    [text("hi")],
  ],
];

describe("a Responses answer with", () => {
  it.each(responses)("%s is read, whole and at the end of a stream", (_what, members, content) => {
    const response = { id: "r", status: "completed", usage: { input_tokens: 1, output_tokens: 1 }, ...members };
    const whole = fromResponse(response, contextOf()).message;
    expect(whole.content).toMatchObject(content);
    expect(whole.content).toHaveLength(content.length);
    expect(whole.stop_reason).toBe(content.some((block) => "input" in block) ? "tool_use" : "end_turn");
    const { message, problems } = runResponsesStream(
      frame([{ type: "response.completed", response }]),
      16_384,
      contextOf(),
      {},
    );
    expect([problems, message?.content.length]).toEqual([[], content.length]);
    expect(message?.content).toMatchObject(content);
  });
});
