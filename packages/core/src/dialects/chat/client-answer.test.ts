import { describe, expect, it } from "vitest";
import type { ContentBlock, Message, MessageStreamEvent, StopReason } from "../../protocol/anthropic.ts";
import type { ChatAnswerMessage, ChatChunk } from "../../protocol/chat-answer.ts";
import { messageToEvents } from "../../conversation/answer/message-events.ts";
import type { ClientAnswerContext } from "../dialect.ts";
import { toChatCompletion, ToChatStreamWriter } from "./client-answer.ts";
import { addDelta, toAnswerMessage } from "./client-answer-message.ts";

const plain: ClientAnswerContext = {
  model: "gpt-x",
  includeUsage: false,
  request: {},
  customTools: new Map(),
  id: "chatcmpl-7",
  createdAtMs: 1_700_000_000_999,
};

const usage = { input_tokens: 3, output_tokens: 5, cache_creation_input_tokens: 7, cache_read_input_tokens: 11 };

function message(content: readonly object[], changes: Partial<Message> = {}): Message {
  return {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-x",
    content: content as ContentBlock[],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage,
    ...changes,
  };
}

const text = (words: string) => ({ type: "text", text: words });
const call = (id: string, input: object = { a: 1 }, name = "f") => ({ type: "tool_use", id, name, input });
const thinking = (words: string, signature = "s") => ({ type: "thinking", thinking: words, signature });

function datas(wire: string): readonly string[] {
  return wire
    .split("\n\n")
    .filter((frame) => frame.startsWith("data: "))
    .map((frame) => frame.slice("data: ".length));
}

function chunks(wire: string): readonly ChatChunk[] {
  return datas(wire)
    .filter((data) => data !== "[DONE]")
    .map((data) => JSON.parse(data) as ChatChunk);
}

const write = (events: readonly MessageStreamEvent[], context = plain) => new ToChatStreamWriter(context).push(events);
const stream = (one: Message, context = plain) => write(messageToEvents(one), context);
const deltas = (wire: string) => chunks(wire).flatMap(({ choices }) => choices.map(({ delta }) => delta));

function accumulated(wire: string): ChatAnswerMessage {
  const answer = toAnswerMessage();
  for (const delta of deltas(wire)) addDelta(answer, delta);
  return answer;
}

describe("a stream", () => {
  it("begins with the role, ends with one finish reason and [DONE]", () => {
    const wire = stream(message([text("Hello")]));
    expect(datas(wire).at(-1)).toBe("[DONE]");
    expect(wire.endsWith("data: [DONE]\n\n")).toBe(true);
    const head = { id: "chatcmpl-7", object: "chat.completion.chunk", created: 1_700_000_000, model: "gpt-x" };
    const choice = { index: 0, logprobs: null, finish_reason: null };
    expect(chunks(wire)).toEqual([
      { ...head, choices: [{ ...choice, delta: { role: "assistant", content: "" } }] },
      { ...head, choices: [{ ...choice, delta: { content: "Hello" } }] },
      { ...head, choices: [{ ...choice, delta: {}, finish_reason: "stop" }] },
    ]);
  });

  it("tells the usage in a chunk of its own, only where the client asked for it", () => {
    const all = chunks(stream(message([text("a")]), { ...plain, includeUsage: true }));
    expect(all.slice(0, -1).map((chunk) => chunk.usage)).toEqual([null, null, null]);
    expect(all.at(-1)).toMatchObject({
      choices: [],
      usage: {
        prompt_tokens: 21,
        completion_tokens: 5,
        total_tokens: 26,
        prompt_tokens_details: { cached_tokens: 11, cache_write_tokens: 7 },
        completion_tokens_details: { reasoning_tokens: 0 },
      },
    });
    for (const chunk of chunks(stream(message([text("a")])))) expect(chunk).not.toHaveProperty("usage");
  });

  it("numbers calls, and gives id and name first", () => {
    expect(deltas(stream(message([call("a"), call("b", {}, "g")], { stop_reason: "tool_use" })))).toEqual([
      { role: "assistant", content: null },
      { tool_calls: [{ index: 0, id: "a", type: "function", function: { name: "f", arguments: "" } }] },
      { tool_calls: [{ index: 0, function: { arguments: '{"a":1}' } }] },
      { tool_calls: [{ index: 1, id: "b", type: "function", function: { name: "g", arguments: "" } }] },
      { tool_calls: [{ index: 1, function: { arguments: "{}" } }] },
      {},
    ]);
  });

  it("gives the input of a custom tool as text", () => {
    const context = { ...plain, customTools: new Map([["patch", {}]]) };
    const one = message([call("a", { input: "*** Begin" }, "patch")], { stop_reason: "tool_use" });
    const custom = { id: "a", type: "custom", custom: { name: "patch", input: "*** Begin" } };
    expect(accumulated(stream(one, context)).tool_calls).toEqual([custom]);
    expect(toChatCompletion(one, context).choices[0]).toMatchObject({
      finish_reason: "tool_calls",
      message: { tool_calls: [custom] },
    });
  });

  it("answers a client that sent functions with function_call", () => {
    const context = { ...plain, request: { functions: [{ name: "f" }] } };
    const one = message([text("x"), call("a")], { stop_reason: "tool_use" });
    expect(accumulated(stream(one, context))).toMatchObject({ function_call: { name: "f", arguments: '{"a":1}' } });
    expect(chunks(stream(one, context)).at(-1)?.choices[0]?.finish_reason).toBe("function_call");
    expect(toChatCompletion(one, context).choices[0]?.message).not.toHaveProperty("tool_calls");
  });

  it("gives thinking with what lets it come back, whatever way a client collects the entries", () => {
    const first = { type: "reasoning.text", text: "hm", signature: "s1", format: "anthropic-claude-v1", index: 0 };
    const second = { ...first, text: "so", signature: "s2", index: 1, position: { content_length: 3, tool_calls: 0 } };
    const wire = stream(message([thinking("hm", "s1"), text("one"), thinking("so", "s2"), text("two")]));
    const details = deltas(wire).flatMap((delta) => (delta.reasoning_details ? [delta.reasoning_details] : []));
    expect(details).toEqual([[first], [second], [first, second]]);
    expect(accumulated(wire)).toEqual({
      role: "assistant",
      content: "one\n\ntwo",
      refusal: null,
      reasoning_content: "hm\n\nso",
      reasoning_details: [first, second],
    });
  });

  it("gives data of thinking that only its provider can read", () => {
    expect(accumulated(stream(message([{ type: "redacted_thinking", data: "xyz" }, text("a")])))).toMatchObject({
      reasoning_details: [{ type: "reasoning.encrypted", data: "xyz", format: "anthropic-claude-v1", index: 0 }],
    });
  });

  it("joins texts that follow each other, and sets others apart", () => {
    expect(accumulated(stream(message([text("a"), text("b")]))).content).toBe("ab");
    const search = [
      { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "q" } },
      { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [] },
    ];
    const wire = stream(message([text("a"), ...search, text("b")]));
    expect(accumulated(wire)).toEqual({ role: "assistant", content: "a\n\nb", refusal: null });
  });

  it("cites pages", () => {
    const cited = {
      type: "text",
      text: "cold",
      citations: [
        { type: "web_search_result_location", url: "https://a.test/", title: "A", cited_text: "c" },
        { type: "char_location", cited_text: "d", document_index: 0 },
      ],
    };
    expect(accumulated(stream(message([text("It is "), cited]))).annotations).toEqual([
      { type: "url_citation", url_citation: { start_index: 6, end_index: 10, url: "https://a.test/", title: "A" } },
    ]);
  });

  it("keeps the connection open with comments", () => {
    const writer = new ToChatStreamWriter(plain);
    expect(writer.keepAlive()).toBe(": ping\n\n");
    expect(writer.push([{ type: "ping" }])).toBe(": ping\n\n");
  });
});

const reasons: readonly (readonly [StopReason, string, string])[] = [
  ["end_turn", "stop", "tool_calls"],
  ["stop_sequence", "stop", "tool_calls"],
  ["pause_turn", "stop", "tool_calls"],
  ["tool_use", "stop", "tool_calls"],
  ["max_tokens", "length", "length"],
  ["model_context_window_exceeded", "length", "length"],
  ["refusal", "content_filter", "content_filter"],
];

it.each(reasons)("%s is the finish reason %s, with a call %s", (stop_reason, withText, withCall) => {
  const reasonOf = (wire: string) => chunks(wire).at(-1)?.choices[0]?.finish_reason;
  const said = message([text("a")], { stop_reason });
  const called = message([call("a")], { stop_reason });
  expect(reasonOf(stream(said))).toBe(withText);
  expect(reasonOf(stream(called))).toBe(withCall);
  expect(toChatCompletion(said, plain).choices[0]?.finish_reason).toBe(withText);
  expect(toChatCompletion(called, plain).choices[0]?.finish_reason).toBe(withCall);
});

describe("a broken stream", () => {
  const begun = messageToEvents(message([text("Hello")])).slice(0, 4);
  const error = { status: 502, error: { type: "api_error" as const, message: "it broke" } };

  it("ends with an error chunk and without [DONE]", () => {
    const writer = new ToChatStreamWriter(plain);
    const wire = writer.push(begun) + writer.fail(error);
    expect(datas(wire).at(-1)).toBe('{"error":{"message":"it broke","type":"server_error","param":null,"code":null}}');
    expect(wire).not.toContain("[DONE]");
    expect(writer.state).toBe("failed");
    expect(writer.push(messageToEvents(message([text("more")])))).toBe("");
    expect(writer.fail(error)).toBe("");
  });

  it("cannot fail after its end", () => {
    const writer = new ToChatStreamWriter(plain);
    writer.push(messageToEvents(message([text("Hello")])));
    expect(writer.state).toBe("complete");
    expect(writer.fail(error)).toBe("");
  });

  const start = { type: "message_start", message: message([]) };
  const open = (index: number, block: object) => ({ type: "content_block_start", index, content_block: block });
  const piece = (index: number, json: string) => ({
    type: "content_block_delta",
    index,
    delta: { type: "input_json_delta", partial_json: json },
  });
  const close = (index: number) => ({ type: "content_block_stop", index });
  const end = (stop_reason: string | null) => [
    { type: "message_delta", delta: { stop_reason, stop_sequence: null }, usage },
    { type: "message_stop" },
  ];
  const bare = call("a", {});

  it.each([
    [
      "an error event",
      [{ type: "error", error: { type: "overloaded_error", message: "busy" } }],
      /"code":"server_is_overloaded"/,
    ],
    ["an end without a reason", [...end(null)], /the end of a message that has none/],
    ["only an end", [{ type: "message_stop" }], /the end of a message that has none/],
    ["arguments of no call", [piece(4, "{}")], /arguments of an unknown tool call/],
    ["a call without a name", [open(0, { type: "tool_use", id: "a" })], /a tool call without an id or a name/],
    ["a call that is cut", [open(0, bare), piece(0, '{"a":'), close(0), ...end("tool_use")], /cut or no JSON/],
    ["a call without an end", [open(0, bare), piece(0, "{}"), ...end("tool_use")], /cut or no JSON/],
  ])("is one with %s", (_name, events, expected) => {
    const wire = write([start, ...events] as unknown as readonly MessageStreamEvent[]);
    expect(datas(wire).at(-1)).toMatch(expected);
    expect(wire).not.toContain("[DONE]");
  });

  it("may be cut inside a call by the limit that the client set", () => {
    const events = [start, open(0, bare), piece(0, '{"a":'), ...end("max_tokens")];
    const wire = write(events as unknown as readonly MessageStreamEvent[]);
    expect(chunks(wire).at(-1)?.choices[0]?.finish_reason).toBe("length");
  });

  it("takes a block that is whole in its start, and events that come twice", () => {
    const events = [
      start,
      start,
      open(0, text("Hi")),
      close(0),
      open(1, call("a", { b: 2 })),
      open(1, call("a", { b: 2 })),
      close(1),
      close(1),
      ...end("tool_use"),
      ...end("tool_use"),
    ];
    const wire = write(events as unknown as readonly MessageStreamEvent[]);
    expect(accumulated(wire)).toMatchObject({
      content: "Hi",
      tool_calls: [{ id: "a", function: { name: "f", arguments: '{"b":2}' } }],
    });
    expect(datas(wire).filter((data) => data === "[DONE]")).toHaveLength(1);
  });
});

it("a whole answer has OpenAI's members", () => {
  expect(toChatCompletion(message([text("Hello")]), plain)).toEqual({
    id: "chatcmpl-7",
    object: "chat.completion",
    created: 1_700_000_000,
    model: "gpt-x",
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: "Hello", refusal: null },
        logprobs: null,
        finish_reason: "stop",
      },
    ],
    usage: {
      prompt_tokens: 21,
      completion_tokens: 5,
      total_tokens: 26,
      prompt_tokens_details: { cached_tokens: 11, cache_write_tokens: 7 },
      completion_tokens_details: { reasoning_tokens: 0 },
    },
  });
});
