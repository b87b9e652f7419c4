import { describe, expect, it } from "vitest";
import type { Message } from "../../src/protocol/anthropic.ts";
import { fromChatCompletion } from "../../src/dialects/chat/response.ts";
import { toChatRequest } from "../../src/dialects/chat/request.ts";
import { fromResponse } from "../../src/dialects/responses/response.ts";
import { messagesToResponses } from "../../src/dialects/responses/request.ts";
import { contextOf, frame, runResponsesStream, runStream } from "./stream-run.ts";

const piece = (delta: object, reason: string | null = null) => ({
  id: "chatcmpl-1",
  choices: [{ index: 0, delta, finish_reason: reason }],
});
const stop = (reason = "stop") => piece({}, reason);

describe("a call's id is unique in the conversation", () => {
  const ids = [
    "call_0",
    "list_dir:0",
    "functions.add:0",
    "x".repeat(80),
    "srvtoolu_x",
    "ccpbid_",
    "ccpbid2_Y2FsbF8w",
    "",
  ];

  interface Turn {
    readonly role: string;
    readonly content: unknown;
  }

  /** Three turns of a conversation whose upstream gives each call the same id. */
  function converse(upstreamId: string, answer: (messages: readonly Turn[]) => Message): string[] {
    const messages: Turn[] = [{ role: "user", content: "go" }];
    for (let turn = 0; turn < 3; turn += 1) {
      const { content } = answer(messages);
      const call = content.find((block) => block.type === "tool_use");
      if (call?.type !== "tool_use") throw new Error(`no call for ${upstreamId}`);
      messages.push({ role: "assistant", content });
      messages.push({ role: "user", content: [{ type: "tool_result", tool_use_id: call.id, content: `r${turn}` }] });
    }
    return messages.flatMap(({ content }) =>
      Array.isArray(content) ? content.flatMap((block: { id?: string }) => block.id ?? []) : [],
    );
  }

  const requestOf = (messages: readonly Turn[]) => ({ model: "m", max_tokens: 10, messages, tools: [{ name: "f" }] });

  it.each(ids)("in chat, where the upstream says %j each time", (id) => {
    const chat = (messages: readonly Turn[], isStream: boolean): Message => {
      const { context, body } = toChatRequest(requestOf(messages) as never, { model: "m" });
      const called = body.messages.flatMap((one) => ("tool_calls" in one ? (one.tool_calls ?? []) : []));
      const answered = body.messages.flatMap((one) => (one.role === "tool" ? [one.tool_call_id] : []));
      expect(answered).toEqual(called.map((call) => call.id));
      expect(new Set(answered).size).toBe(answered.length);
      const call = { index: 0, id, type: "function", function: { name: "f", arguments: "{}" } };
      if (!isStream) return fromChatCompletion({ choices: [{ message: { tool_calls: [call] } }] }, context).message;
      const { message } = runStream(frame([piece({ tool_calls: [call] }), stop("tool_calls")]), 7, context, {});
      if (message === undefined) throw new Error("no message");
      return message;
    };
    for (const isStream of [true, false]) {
      const given = converse(id, (messages) => chat(messages, isStream));
      expect(new Set(given).size).toBe(3);
      for (const one of given) expect(one).toMatch(/^[A-Za-z0-9_-]+$/);
    }
  });

  it.each(ids)("in Responses, where the upstream says %j each time", (id) => {
    const respond = (messages: readonly Turn[], isStream: boolean): Message => {
      const { context, body } = messagesToResponses(requestOf(messages) as never, { model: "m" });
      const input = body.input as readonly { type?: string; call_id?: string }[];
      const of = (type: string) => input.flatMap((item) => (item.type === type ? [item.call_id] : []));
      expect(of("function_call_output")).toEqual(of("function_call"));
      expect(new Set(of("function_call")).size).toBe(of("function_call").length);
      const item = { type: "function_call", id: "fc_1", call_id: id, name: "f", arguments: "{}" };
      const response = { id: "resp_1", status: "completed", output: [item] };
      if (!isStream) return fromResponse(response, context).message;
      const done = { type: "response.output_item.done", output_index: 0, item };
      const { message } = runResponsesStream(frame([done, { type: "response.completed", response }]), 7, context, {});
      if (message === undefined) throw new Error("no message");
      return message;
    };
    for (const isStream of [true, false]) {
      const given = converse(id, (messages) => respond(messages, isStream));
      expect(new Set(given).size).toBe(3);
    }
  });

  it("also where a server's own search is said to have one id each time, and stays known as forged", () => {
    const used = new Set(["srvtoolu_ccpb1_ws_1", "srvtoolu_ccpb1_ws_1_2"]);
    const item = { type: "web_search_call", id: "ws_1", status: "completed", action: { type: "search", query: "q" } };
    const context = contextOf({ serverTools: new Set(["web_search"]), usedToolIds: used });
    const { content } = fromResponse({ status: "completed", output: [item] }, context).message;
    expect(content[0]).toMatchObject({ type: "server_tool_use", id: "srvtoolu_ccpb1_ws_1_3" });
    expect(content[1]).toMatchObject({ tool_use_id: "srvtoolu_ccpb1_ws_1_3" });
  });
});

describe("the last block is the answer", () => {
  const run = (...deltas: readonly object[]) =>
    runStream(frame([...deltas.map((delta) => piece(delta)), stop()]), 16_384);

  it.each(["reasoning_content", "reasoning", "reasoning_text", "thinking"])(
    "white space as %s between two pieces of text opens no block",
    (key) => {
      for (const blank of ["\n", " ", "\n\n", "\t", "\u00a0"]) {
        const { message, problems } = run({ content: "The answer" }, { [key]: blank }, { content: " is 42." });
        expect(problems).toEqual([]);
        expect(message?.content).toEqual([{ type: "text", text: "The answer is 42." }]);
        const first = run({ [key]: blank }, { content: "42" }, { [key]: blank });
        expect(first.message?.content).toEqual([{ type: "text", text: "42" }]);
      }
    },
  );

  it("reasoning behind the text is held until more of the answer comes", () => {
    const before = [piece({ content: "A" }), piece({ reasoning: "b" })];
    const held = runStream(frame(before), 16_384);
    expect(held.events.filter(({ type }) => type === "content_block_start")).toHaveLength(1);
    const { message } = run({ content: "A" }, { reasoning: "b" }, { content: "C" });
    expect(message?.content).toMatchObject([{ text: "A" }, { thinking: "b" }, { text: "C" }]);
    const call = { index: 0, id: "c", function: { name: "f", arguments: "{}" } };
    const called = run({ content: "A" }, { reasoning: "b" }, { tool_calls: [call] });
    expect(called.message?.content).toMatchObject([{ text: "A" }, { thinking: "b" }, { name: "f" }]);
  });

  it("reasoning at the end is dropped with a warning, streamed or not, in either dialect", () => {
    const streamed = run({ content: "A" }, { reasoning: "b" });
    expect(streamed.message?.content).toMatchObject([{ text: "A" }]);
    expect(streamed.translator.warnings.map(({ code }) => code)).toEqual(["reasoning_dropped"]);
    const parts = [
      { type: "text", text: "A" },
      { type: "thinking", thinking: "b" },
    ];
    const whole = fromChatCompletion({ choices: [{ message: { content: parts } }] }, contextOf());
    expect(whole.message.content).toMatchObject([{ text: "A" }]);
    const output = [
      { type: "message", content: [{ type: "output_text", text: "A" }] },
      { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "b" }] },
    ];
    const response = fromResponse({ status: "completed", output }, contextOf());
    expect(response.message.content).toMatchObject([{ text: "A" }]);
    expect(response.warnings.map(({ code }) => code)).toEqual(["reasoning_dropped"]);
  });
});

describe("a refusal stops as one", () => {
  const words = "I cannot.";

  it.each<[string, readonly { readonly refusal?: string; readonly content?: unknown }[]]>([
    ["alone", [{ refusal: words }]],
    ["in pieces", [{ refusal: "I " }, { refusal: "cannot." }]],
    ["behind text", [{ content: "Well. " }, { refusal: words }]],
    ["as a part", [{ content: [{ type: "refusal", refusal: words }] }]],
  ])("%s", (_title, deltas) => {
    const { message } = runStream(frame([...deltas.map((delta) => piece(delta)), stop()]), 16_384);
    expect(message?.stop_reason).toBe("refusal");
    expect(JSON.stringify(message?.content)).toContain("cannot.");
    const whole = { content: deltas[0]?.content, refusal: words };
    const answer = fromChatCompletion({ choices: [{ message: whole, finish_reason: "stop" }] }, contextOf()).message;
    expect(answer.stop_reason).toBe("refusal");
  });

  it("but not where a tool is called, or a limit has cut it", () => {
    const call = { index: 0, id: "c", function: { name: "f", arguments: "{}" } };
    expect(runStream(frame([piece({ refusal: words, tool_calls: [call] }), stop()]), 7).message?.stop_reason).toBe(
      "tool_use",
    );
    expect(runStream(frame([piece({ refusal: words }), stop("length")]), 7).message?.stop_reason).toBe("max_tokens");
  });
});

describe("tokens that only the total has", () => {
  it.each([
    [{ prompt_tokens: 7, completion_tokens: 12, total_tokens: 402 }, 395, 383],
    [{ prompt_tokens: 66, completion_tokens: 6, total_tokens: 100 }, 34, 28],
    [{ prompt_tokens: 7, completion_tokens: 12, total_tokens: 19 }, 12, undefined],
    [{ prompt_tokens: 7, completion_tokens: 12, total_tokens: 0 }, 12, undefined],
    [{ prompt_tokens: 7, completion_tokens: 12 }, 12, undefined],
    // The cached tokens stand beside the prompt.
    [{ prompt_tokens: 7, completion_tokens: 12, total_tokens: 119, cached_tokens: 100 }, 12, undefined],
    // What the vendor says itself counts.
    [
      {
        prompt_tokens: 7,
        completion_tokens: 12,
        total_tokens: 402,
        completion_tokens_details: { reasoning_tokens: 5 },
      },
      12,
      5,
    ],
  ])("%j", (usage, output, thinking) => {
    const answer = { choices: [{ message: { content: "Hi" }, finish_reason: "stop" }], usage };
    const { message } = fromChatCompletion(answer, contextOf());
    expect(message.usage.output_tokens).toBe(output);
    expect(message.usage.output_tokens_details?.thinking_tokens).toBe(thinking);
    expect(runStream(frame([piece({ content: "Hi" }), { ...stop(), usage }]), 7).message?.usage).toEqual(message.usage);
  });
});

describe("a field of an unknown name in an event stream", () => {
  const lines = ["x-note: 1", "x-note:1", "note", "x.y_z: {}", "Data: 1", "data2: {}", "events: x", "retry-after: 3"];

  it.each(lines)("%s is ignored", (line) => {
    const body = frame([piece({ content: "Hi" }), piece({ content: "!" }), stop(), "[DONE]"]);
    const between = body.replaceAll("\n\n", `\n${line}\n\n${line}\n\n`);
    for (const size of [1, 7, 16_384]) {
      const { message } = runStream(`${line}\n${between}`, size);
      expect(message?.content).toEqual([{ type: "text", text: "Hi!" }]);
    }
  });

  it("is no reason to read what is not one: JSON, a page, an error under its own name", () => {
    const begun = frame([piece({ content: "Hi" })]);
    for (const line of ['{"choices":[]}', "<html>", "error: no slot", "upstream connect error"])
      expect(runStream(`${begun}${line}\n\n`, 16_384).translator.failure?.type).toBe("junk");
  });
});

describe("an answer that begins with <reasoning>, of gpt-oss behind Amazon Bedrock", () => {
  const { context } = toChatRequest(
    { model: "m", max_tokens: 10, messages: [{ role: "user", content: "go" }] } as never,
    {
      model: "openai.gpt-oss-120b-1:0",
      baseUrl: "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1",
    },
  );

  it.each([
    ["<reasoning>hm</reasoning>Hi", ["thinking hm", "text Hi"]],
    ["\n<reasoning>hm\n</reasoning>\n\nHi", ["thinking hm\n", "text \n\nHi"]],
    // It speaks of the tag.
    ["Use <reasoning>x</reasoning> so.", ["text Use <reasoning>x</reasoning> so."]],
    ["<reasoning>a</reasoning>Not <reasoning>b</reasoning>", ["thinking a", "text Not <reasoning>b</reasoning>"]],
    ["<reasoning>cut", ["thinking cut"]],
    ["</reasoning>", ["text </reasoning>"]],
    ["<think>a</think>b", ["text <think>a</think>b"]],
    ["<", ["text <"]],
  ])("%j is split alike, whole and streamed", (text, wanted) => {
    const shown = (message: Message | undefined) =>
      (message?.content ?? []).map(
        (block) =>
          `${block.type} ${block.type === "thinking" ? block.thinking : block.type === "text" ? block.text : ""}`,
      );
    const whole = fromChatCompletion({ choices: [{ message: { content: text }, finish_reason: "stop" }] }, context);
    expect(shown(whole.message)).toEqual(wanted);
    for (const size of [1, 3, 100]) {
      const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
        text.slice(index * size, index * size + size),
      );
      const { message } = runStream(
        frame([...pieces.map((content) => piece({ content })), stop(), "[DONE]"]),
        50,
        context,
        {},
      );
      expect(shown(message)).toEqual(wanted);
    }
  });

  it("holds nothing back of an answer without it", () => {
    const { events } = runStream(frame([piece({ content: "Hello" })]), 50, context, {});
    expect(JSON.stringify(events)).toContain("Hello");
  });
});

describe("a custom call in an answer of Responses", () => {
  const request = {
    model: "m",
    max_tokens: 10,
    messages: [{ role: "user", content: "go" }],
    tools: [{ name: "apply_patch" }],
  };
  const { context } = messagesToResponses(request as never, { model: "gpt-5.6" });
  const call = (name: string, input: string) => ({
    type: "custom_tool_call",
    id: "ctc_1",
    call_id: "call_1",
    name,
    input,
  });
  const event = (value: object) => `data: ${JSON.stringify(value)}\n\n`;
  const ends = {
    "the item": (item: object) => [{ type: "response.output_item.done", output_index: 0, item }],
    "its text": (item: { readonly input: string }) => [
      { type: "response.custom_tool_call_input.done", output_index: 0, item_id: "ctc_1", input: item.input },
    ],
    "the answer": () => [],
  };

  it.each(Object.entries(ends))("is a call of a tool that was offered, streamed until %s ends", (_name, end) => {
    for (const [input, wanted] of [
      ['*** Begin Patch\n"q"', { input: '*** Begin Patch\n"q"' }],
      ['{"patch":"x"}', { patch: "x" }],
      ["", { input: "" }],
    ] as const) {
      const item = call("apply_patch", input);
      const stream = [
        { type: "response.created", response: { id: "r", status: "in_progress" } },
        { type: "response.output_item.added", output_index: 0, item: { ...item, input: "" } },
        { type: "response.custom_tool_call_input.delta", output_index: 0, item_id: "ctc_1", delta: input.slice(0, 4) },
        ...end(item),
        { type: "response.completed", response: { id: "r", status: "completed", output: [item] } },
      ];
      const { message } = runResponsesStream(stream.map(event).join(""), 60, context, {});
      expect(message?.content).toEqual([{ type: "tool_use", id: "call_1", name: "apply_patch", input: wanted }]);
      expect(message?.stop_reason).toBe("tool_use");
      const whole = fromResponse({ id: "r", status: "completed", output: [item] }, context);
      expect(whole.message.content).toEqual(message?.content);
    }
  });

  it("is left out with a warning where no such tool was offered", () => {
    const { message, warnings } = fromResponse({ status: "completed", output: [call("other", "x")] }, context);
    expect(message.content).toEqual([]);
    expect(warnings.map(({ code }) => code)).toContain("item_dropped");
  });
});

describe("the name of a call that was not offered as it is written", () => {
  const tools = [{ name: "Read" }, { name: "mcp__github__list-issues" }, { name: "run" }, { name: "Run" }];
  const request = { model: "m", max_tokens: 10, messages: [{ role: "user", content: "go" }], tools } as never;

  it.each([
    ["Read<|channel|>commentary", "Read"],
    ["functions.Read", "Read"],
    ["default_api:Read", "Read"],
    ["functions.mcp__github__list_issues", "mcp__github__list-issues"],
    ["read", "Read"],
    ["`Read`", "Read"],
    ["Read()", "Read"],
    // Offered twice but for a capital: neither is meant more than the other.
    ["RUN", "RUN"],
    ["Run", "Run"],
    ["Write", "Write"],
    ["functions.", "functions."],
    ["<|channel|>", "<|channel|>"],
  ])("%s is %s", (written, meant) => {
    const chat = toChatRequest(request, { model: "m" }).context;
    const call = { index: 0, id: "c", type: "function", function: { name: written, arguments: "{}" } };
    const nameOf = (message: Message | undefined): unknown =>
      message?.content.map((block) => block.type === "tool_use" && block.name);
    expect(nameOf(fromChatCompletion({ choices: [{ message: { tool_calls: [call] } }] }, chat).message)).toEqual([
      meant,
    ]);
    expect(nameOf(runStream(frame([piece({ tool_calls: [call] }), stop("tool_calls")]), 50, chat, {}).message)).toEqual(
      [meant],
    );
    const { context } = messagesToResponses(request, { model: "m" });
    const item = { type: "function_call", call_id: "c", name: written, arguments: "{}" };
    expect(nameOf(fromResponse({ status: "completed", output: [item] }, context).message)).toEqual([meant]);
  });
});
