import { describe, expect, it } from "vitest";
import { CcpbError } from "../../src/base/errors.ts";
import type { Message } from "../../src/protocol/anthropic.ts";
import { fromChatCompletion } from "../../src/dialects/chat/response.ts";
import { decodeToolId, readThoughtSignature } from "../../src/conversation/ids/tool-ids.ts";
import { contextOf, counted, frame } from "./stream-run.ts";

const usage = {
  prompt_tokens: 100,
  completion_tokens: 20,
  total_tokens: 120,
  prompt_tokens_details: { cached_tokens: 60 },
};
const call = (args: unknown, more: object = {}) => ({
  id: "c1",
  type: "function",
  function: { name: "f", arguments: args },
  ...more,
});

function body(message: object, more: object = {}, choice: object = {}): Record<string, unknown> {
  return {
    id: "chatcmpl-1",
    object: "chat.completion",
    choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason: "stop", ...choice }],
    usage,
    ...more,
  };
}

function translate(input: unknown, changes: Parameters<typeof contextOf>[0] = {}) {
  return fromChatCompletion(input, contextOf({ stream: false, ...changes }), { generateId: counted() });
}

const contentOf = (message: object): Message["content"] => translate(body(message)).message.content;

function failureOf(input: unknown): CcpbError {
  try {
    translate(input);
  } catch (error) {
    if (error instanceof CcpbError) return error;
  }
  throw new Error("it was translated");
}

describe("an answer that is no stream", () => {
  it("N-01 becomes a message with the requested model", () => {
    expect(translate(body({ content: "Hi" })).message).toEqual({
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "claude-test",
      content: [{ type: "text", text: "Hi" }],
      stop_reason: "end_turn",
      stop_sequence: null,
      usage: { input_tokens: 40, output_tokens: 20, cache_creation_input_tokens: 0, cache_read_input_tokens: 60 },
    });
  });

  it("N-02 holds only tool calls where the content is null", () => {
    const { message } = translate(
      body({ content: null, tool_calls: [call('{"a":1}')] }, {}, { finish_reason: "tool_calls" }),
    );
    expect(message.content).toEqual([{ type: "tool_use", id: "c1", name: "f", input: { a: 1 } }]);
    expect(message.stop_reason).toBe("tool_use");
  });

  it.each([
    ["empty", ""],
    ["white space", " \n"],
    ["null", null],
  ])("N-03 has no text block for %s content", (_title, content) => {
    expect(contentOf({ content })).toEqual([]);
  });

  it("N-04 keeps the parts of a content array in order", () => {
    const content = [
      { type: "thinking", thinking: [{ type: "text", text: "hm" }] },
      { type: "text", text: "A" },
      { type: "reference", reference_ids: [1] },
      { type: "text", text: "B" },
    ];
    expect(contentOf({ content })).toMatchObject([
      { type: "thinking", thinking: "hm" },
      { type: "text", text: "AB" },
    ]);
  });

  it.each([
    ["reasoning_content", { reasoning_content: "hm" }],
    ["reasoning", { reasoning: "hm" }],
    ["reasoning_text", { reasoning_text: "hm" }],
    ["reasoning_details", { reasoning_details: [{ type: "reasoning.text", text: "hm" }] }],
    [
      "summaries",
      {
        reasoning_details: [
          { type: "reasoning.summary", summary: "hm" },
          { type: "reasoning.encrypted", data: "x" },
        ],
      },
    ],
    ["N-06 both at once", { reasoning: "hm", reasoning_details: [{ type: "reasoning.text", text: "hm" }] }],
  ])("N-05 has one thinking block first for %s", (_title, members) => {
    const content = contentOf({ content: "A", ...members });
    expect(content).toMatchObject([
      { type: "thinking", thinking: "hm" },
      { type: "text", text: "A" },
    ]);
    expect(content[0]).toHaveProperty("signature", expect.stringMatching(/^ccpb1\./));
  });

  it.each([
    ["an object", { answer: 42 }, '{"answer":42}'],
    ["an object with a type of its own", { type: "weather", sky: "blue" }, '{"type":"weather","sky":"blue"}'],
    ["one part", { type: "text", text: "A" }, "A"],
    ["a text under its value", [{ type: "text", text: { value: "A" } }], "A"],
    ["an array of unknown parts", [{ a: 1 }, { b: 2 }], '[{"a":1},{"b":2}]'],
    ["an unknown part beside a text", [{ type: "text", text: "A" }, { b: 2 }], 'A{"b":2}'],
    ["a number", 42, "42"],
  ])("shows content that is %s, streamed or not", (_title, content, text) => {
    expect(contentOf({ content })).toEqual([{ type: "text", text }]);
    const stream = frame([
      { choices: [{ index: 0, delta: { content } }] },
      { choices: [{ index: 0, finish_reason: "stop" }] },
    ]);
    expect(translate(stream).message.content).toEqual([{ type: "text", text }]);
  });

  it("N-07 has the text before the tools", () => {
    const tools = [call("{}"), call("{}", { id: "c2" })];
    expect(contentOf({ content: "A", tool_calls: tools }).map(({ type }) => type)).toEqual([
      "text",
      "tool_use",
      "tool_use",
    ]);
  });

  it.each([
    ["N-08 an empty string", "", {}],
    ["N-08 null", null, {}],
    ["N-08 nothing", undefined, {}],
    ["N-08 {}", "{}", {}],
    ["N-08 the word null", "null", {}],
    ["N-09 an object", { a: 1 }, { a: 1 }],
    ["N-10 missing brackets", '{"a":{"b":[1]', { a: { b: [1] } }],
    ["N-10 a trailing comma", '{"a":"x,}",}', { a: "x,}" }],
    ["N-10 a fence", '```json\n{"a":1}\n```', { a: 1 }],
    ["N-10 something behind them", '{"a":1}}', { a: 1 }],
    ["N-10 no first bracket", '"a":{"b":1},"c":2}', { a: { b: 1 }, c: 2 }],
    ["N-10 JSON in a JSON string", '"{\\"a\\":1}"', { a: 1 }],
    ["N-11 a string", '"x"', { value: "x" }],
    ["N-11 an array", "[1]", { value: [1] }],
  ])("%s as arguments", (_title, args, input) => {
    expect(contentOf({ tool_calls: [call(args)] })).toEqual([{ type: "tool_use", id: "c1", name: "f", input }]);
  });

  it.each(["get weather", '{"command":"rm -rf ./build', '{"lines":[1,2', '{"force":tru', '{"a":', '{"a": foo}', "{"])(
    "fails where the arguments are cut inside a value or are no JSON, whatever the finish reason but a limit: %s",
    (args) => {
      const calls = { tool_calls: [call("{}", { id: "c0" }), call(args)] };
      for (const finish_reason of ["tool_calls", "stop", "", null, undefined, "content_filter"]) {
        expect(() => translate(body(calls, {}, { finish_reason }))).toThrow(/arguments of a tool call/);
      }
      const legacy = { content: null, function_call: { name: "f", arguments: args } };
      expect(() => translate(body(legacy, {}, { finish_reason: "function_call" }))).toThrow(/arguments of a tool call/);
    },
  );

  it("leaves out a call that a limit cut", () => {
    for (const args of ['{"command":"rm -rf ./build', '{"command":"rm -rf ./build"', "get", "{", ""]) {
      const { message, warnings } = translate(
        body({ content: "A", tool_calls: [call("{}", { id: "c0" }), call(args)] }, {}, { finish_reason: "length" }),
      );
      expect(message.stop_reason).toBe("max_tokens");
      expect(message.content).toEqual([
        { type: "text", text: "A" },
        { type: "tool_use", id: "c0", name: "f", input: {} },
      ]);
      expect(warnings.map(({ code }) => code)).toContain("tool_call_cut");
    }
  });

  it("fails where a call has no name", () => {
    for (const nameless of [
      { id: "c1", function: { arguments: "{}" } },
      { id: "c1", function: { name: "", arguments: "" } },
      { id: "", function: { name: null, arguments: '{"a":1}' } },
    ]) {
      expect(() => translate(body({ content: "A", tool_calls: [nameless] }))).toThrow(/without a name/);
    }
  });

  it("N-12 makes ids for calls that have none, each its own", () => {
    const tools = [call("{}", { id: "" }), call("{}", { id: null }), call("{}", { id: undefined })];
    const ids = contentOf({ tool_calls: tools }).map((block) => ("id" in block ? block.id : ""));
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^toolu_/);
  });

  it("N-12 keeps ids apart that the vendor used twice", () => {
    const ids = contentOf({ tool_calls: [call("{}"), call('{"a":1}')] }).map((block) =>
      "id" in block ? block.id : "",
    );
    expect(new Set(ids).size).toBe(2);
  });

  it("N-13 encodes a foreign id so that it can be restored", () => {
    const [block] = contentOf({ tool_calls: [call("{}", { id: "functions.add:0" })] });
    const id = block && "id" in block ? block.id : "";
    expect(id).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(decodeToolId(id)).toBe("functions.add:0");
  });

  it("keeps Gemini's thought signature in the id, of the call or of the message", () => {
    const google = { google: { thought_signature: "AVSo+/==" } };
    for (const message of [
      { tool_calls: [call("{}", { extra_content: google })] },
      { extra_content: google, tool_calls: [call("{}")] },
    ]) {
      const [block] = contentOf(message);
      const id = block && "id" in block ? block.id : "";
      expect(readThoughtSignature(id)).toBe("AVSo+/==");
      expect(decodeToolId(id)).toBe("c1");
    }
  });

  it("N-14 gives a shortened tool name back, and N-15 passes an unknown one", () => {
    const tools = [call("{}", { function: { name: "short", arguments: "{}" } }), call("{}", { id: "c2" })];
    const { message } = translate(body({ tool_calls: tools }), { toolNames: new Map([["short", "the.long:name"]]) });
    expect(message.content).toMatchObject([{ name: "the.long:name" }, { name: "f" }]);
  });

  it.each([
    ["N-16 stop with tools", "stop", true, "tool_use"],
    ["N-16 function_call", "function_call", true, "tool_use"],
    ["N-17 null", null, false, "end_turn"],
    ["N-17 an empty string with tools", "", true, "tool_use"],
    ["N-17 nothing", undefined, false, "end_turn"],
    ["tool_calls without tools", "tool_calls", false, "end_turn"],
    ["length with tools", "length", true, "max_tokens"],
    ["content_filter", "content_filter", false, "refusal"],
    ["Mistral's model_length", "model_length", false, "model_context_window_exceeded"],
    ["Gemini's STOP", "STOP", false, "end_turn"],
    ["Gemini's SAFETY", "SAFETY", false, "refusal"],
    ["Gemini's word behind OpenAI's", "content_filter: PROHIBITED_CONTENT", false, "refusal"],
    ["Together's eos", "eos", false, "end_turn"],
  ])("%s", (_title, finish_reason, hasTools, reason) => {
    const message = hasTools ? { tool_calls: [call("{}")] } : { content: "A" };
    expect(translate(body(message, {}, { finish_reason })).message.stop_reason).toBe(reason);
  });

  it("gives stop details with a refusal", () => {
    expect(translate(body({ content: "A" }, {}, { finish_reason: "content_filter" })).message.stop_details).toEqual({
      type: "refusal",
      category: null,
      explanation: null,
    });
  });

  it("N-18 shows a refusal, and stops with it where there is nothing else", () => {
    expect(translate(body({ content: null, refusal: "No." })).message).toMatchObject({
      content: [{ text: "No." }],
      stop_reason: "refusal",
    });
    expect(translate(body({ content: "A", refusal: "" })).message.stop_reason).toBe("end_turn");
  });

  it("N-19 reads a legacy function call, and ignores an empty stub", () => {
    expect(contentOf({ content: null, function_call: { name: "f", arguments: '{"a":1}' } })).toMatchObject([
      { type: "tool_use", id: expect.stringMatching(/^toolu_/), input: { a: 1 } },
    ]);
    expect(
      contentOf({
        content: "4",
        function_call: { name: "", arguments: "" },
        audio: { id: "", data: "", transcript: "" },
        tool_calls: null,
      }),
    ).toEqual([{ type: "text", text: "4" }]);
  });

  it("N-20 collects an event stream that came in its place", () => {
    const stream = frame([
      { id: "x", choices: [{ index: 0, delta: { content: "Hi" }, finish_reason: null }] },
      { choices: [{ index: 0, delta: {}, finish_reason: "stop" }], usage },
      "[DONE]",
    ]);
    expect(translate(stream).message).toMatchObject({
      content: [{ type: "text", text: "Hi" }],
      stop_reason: "end_turn",
      usage: { output_tokens: 20 },
    });
    expect(() => translate(frame([{ choices: [{ index: 0, delta: { content: "Hi" } }] }]))).toThrow(/ended before/);
  });

  it("N-21 accepts white space in front, N-22 an array, and bytes", () => {
    const text = JSON.stringify(body({ content: "A" }));
    for (const input of [`\n\n   ${text}`, `[${text}]`, new TextEncoder().encode(text)]) {
      expect(translate(input).message.content).toEqual([{ type: "text", text: "A" }]);
    }
  });

  it.each([
    ["N-23 no choices", { id: "x", choices: [] }, 502, /no choices/],
    ["N-23 choices missing", { id: "x" }, 502, /no choices/],
    ["N-23 {}", "{}", 502, /no choices/],
    ["N-23 null", "null", 502, /no answer/],
    ["a choice without anything", { choices: [{ index: 0 }] }, 502, /without a message/],
    ["N-22 an array with an error", '[{"error":{"code":400,"message":"bad"}}]', 400, /bad/],
    ["N-24 an error with a code", { error: { code: 429, message: "slow" } }, 429, /slow/],
    ["N-24 an error without one", { error: { message: "odd" } }, 502, /odd/],
    [
      "an overflow inside a 200",
      { error: { message: "maximum context length is 10 tokens. You requested 20" } },
      400,
      /^prompt is too long: 20 tokens > 10 maximum/,
    ],
    ["N-24 an error as a string", { error: "odd" }, 502, /odd/],
    [
      "N-24 an error beside an empty answer",
      body({ content: "" }, { error: { code: 502, message: "gone" } }),
      502,
      /gone/,
    ],
    [
      "N-24 an error in the choice",
      { choices: [{ index: 0, error: { code: 503, message: "down" }, message: { content: "" } }] },
      529,
      /down/,
    ],
    ["finish reason error", body({ content: "" }, {}, { finish_reason: "error" }), 502, /finish_reason "error"/],
    ["an error in front of a stream's end", '{"error":{"message":"busy","code":429}}\n\ndata: [DONE]\n\n', 429, /busy/],
    ["N-25 HTML", "<html><title>Hello</title></html>", 502, /Hello/],
    ["N-25 nothing", "", 502, /empty body/],
    ["N-25 cut JSON", '{"choices":[{"mess', 502, /cut or invalid/],
    ["N-25 text", "method=POST pathname=/x", 502, /no answer/],
    ["N-25 bytes that are no UTF-8", new Uint8Array([0x7b, 0xff, 0x7d]), 502, /UTF-8/],
  ])("%s is a typed error", (_title, input, status, message) => {
    const error = failureOf(input);
    expect(error.code).toBe("provider_error");
    expect(error.status).toBe(status);
    expect(error.message).toMatch(message);
    expect(error.cause).toHaveProperty("type");
  });

  it("N-24 keeps an answer that has an error beside it, as a stream does", () => {
    const error = { code: 400, message: "Token limit reached" };
    const { message } = translate(body({ content: "cut of" }, { error }, { finish_reason: "length" }));
    expect(message).toMatchObject({ content: [{ text: "cut of" }], stop_reason: "max_tokens" });
  });

  it("N-26 takes the choice numbered 0", () => {
    const choices = [
      { index: 1, message: { content: "B" }, finish_reason: "stop" },
      { index: 0, message: { content: "A" }, finish_reason: "stop" },
    ];
    expect(translate({ choices }).message.content).toEqual([{ type: "text", text: "A" }]);
  });

  it("takes the tool calls of a choice that Copilot split in two", () => {
    const choices = [
      { message: { content: "A" }, finish_reason: "tool_calls" },
      { message: { tool_calls: [call("{}")] }, finish_reason: "tool_calls" },
    ];
    expect(translate({ choices }).message.content).toMatchObject([{ text: "A" }, { type: "tool_use", name: "f" }]);
  });

  it.each([
    ["TGI's single tool call", { tool_calls: call({ a: 1 }) }, [{ type: "tool_use", input: { a: 1 } }]],
    [
      "a custom tool",
      { tool_calls: [{ id: "c1", type: "custom", custom: { name: "f", input: "x" } }] },
      [{ type: "tool_use", name: "f", input: { input: "x" } }],
    ],
    [
      "Databricks' reasoning part",
      {
        content: [
          { type: "reasoning", summary: [{ type: "summary_text", text: "hm" }] },
          { type: "text", text: "A" },
        ],
      },
      [
        { type: "thinking", thinking: "hm" },
        { type: "text", text: "A" },
      ],
    ],
    ["content as one part", { content: { type: "text", text: "A" } }, [{ type: "text", text: "A" }]],
  ])("reads %s", (_title, message, content) => {
    expect(contentOf(message)).toMatchObject(content);
  });

  it("reads an answer of the older Completions API", () => {
    expect(translate({ choices: [{ index: 0, text: "A", finish_reason: "length" }] }).message).toMatchObject({
      content: [{ text: "A" }],
      stop_reason: "max_tokens",
    });
  });

  it("N-27 leaves the text alone where there are annotations", () => {
    expect(contentOf({ content: "A[1]", annotations: [{ type: "url_citation", url_citation: { url: "u" } }] })).toEqual(
      [{ type: "text", text: "A[1]" }],
    );
  });

  it("N-28 says where images or audio were left out", () => {
    const { message, warnings } = translate(
      body({ content: "A", images: [{ type: "image_url", image_url: { url: "data:…" } }] }),
    );
    expect(message.content).toEqual([
      { type: "text", text: "A\n\n[image omitted: the Messages API has no images in answers]" },
    ]);
    expect(warnings.map(({ code }) => code)).toEqual(["media_dropped"]);
    expect(contentOf({ content: null, audio: { id: "a", data: "", transcript: "Hi" } })).toEqual([
      { type: "text", text: "Hi" },
    ]);
    expect(contentOf({ content: null, audio: { id: "a", data: "UklG" } })).toMatchObject([
      { text: expect.stringContaining("audio omitted") },
    ]);
  });

  it.each([
    ["N-29 nothing", undefined, { input_tokens: 0, output_tokens: 0 }],
    ["N-29 null", null, { input_tokens: 0, output_tokens: 0 }],
    [
      "N-30 strings and whole floats",
      { prompt_tokens: "10", completion_tokens: 5.0 },
      { input_tokens: 10, output_tokens: 5 },
    ],
    [
      "N-30 what is no count",
      { prompt_tokens: 5.2, completion_tokens: -1, prompt_tokens_details: { cached_tokens: 2 ** 53 + 2 } },
      { input_tokens: 0, output_tokens: 0, cache_read_input_tokens: 0 },
    ],
    ["N-30 the largest count", { prompt_tokens: 2 ** 53 }, { input_tokens: 2 ** 53 }],
    ["N-30 nonsense", { prompt_tokens: "many", completion_tokens: Number.NaN }, { input_tokens: 0, output_tokens: 0 }],
    [
      "DeepSeek",
      { prompt_tokens: 100, completion_tokens: 1, prompt_cache_hit_tokens: 64 },
      { input_tokens: 36, cache_read_input_tokens: 64 },
    ],
    [
      "Moonshot",
      { prompt_tokens: 100, completion_tokens: 1, cached_tokens: 10 },
      { input_tokens: 90, cache_read_input_tokens: 10 },
    ],
    [
      "Mistral",
      { prompt_tokens: 100, completion_tokens: 1, num_cached_tokens: 20 },
      { input_tokens: 80, cache_read_input_tokens: 20 },
    ],
    [
      "Alibaba",
      { prompt_tokens: 100, completion_tokens: 1, prompt_tokens_details: { cache_creation_input_tokens: 30 } },
      { input_tokens: 70, cache_creation_input_tokens: 30 },
    ],
    [
      "excluded cache",
      { prompt_tokens: 10, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 200 } },
      { input_tokens: 10, cache_read_input_tokens: 200 },
    ],
    [
      "xAI",
      {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 115,
        completion_tokens_details: { reasoning_tokens: 100 },
      },
      { output_tokens: 105, output_tokens_details: { thinking_tokens: 100 } },
    ],
    ["only a total", { prompt_tokens: 10, total_tokens: 30 }, { input_tokens: 10, output_tokens: 20 }],
  ])("usage: %s", (_title, counts, expected) => {
    expect(translate(body({ content: "A" }, { usage: counts })).message.usage).toMatchObject(expected);
  });

  it("names the stop sequence that vLLM and SGLang report", () => {
    for (const choice of [{ stop_reason: "END" }, { matched_stop: "END" }]) {
      const { message } = translate(body({ content: "A" }, {}, choice), { stopSequences: ["END"] });
      expect(message).toMatchObject({ stop_reason: "stop_sequence", stop_sequence: "END" });
    }
    expect(
      translate(body({ content: "A" }, {}, { stop_reason: 154_827 }), { stopSequences: ["END"] }).message.stop_reason,
    ).toBe("end_turn");
  });

  it("makes ids of the upstream's own where no generator is given", () => {
    const make = (id: unknown) =>
      fromChatCompletion(body({ content: "A", tool_calls: [call("{}", { id: "" })] }, { id }), contextOf()).message;
    expect(make("chatcmpl-1/x").id).toBe("msg_chatcmpl-1_x");
    expect(make("chatcmpl-1").content[1]).toHaveProperty("id", "toolu_chatcmpl-1_1");
    expect(make("").id).toMatch(/^msg_[0-9a-f]{24}$/);
    expect(make("").id).toBe(make("").id);
  });
});
