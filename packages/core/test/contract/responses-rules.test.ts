import { describe, expect, it } from "vitest";
import { CcpbError } from "../../src/base/errors.ts";
import type { TranslationContext } from "../../src/conversation/context.ts";
import { isForgedServerToolId } from "../../src/conversation/ids/server-tool-ids.ts";
import { readSignature } from "../../src/conversation/ids/signature.ts";
import { fromResponsesStreamTransform, fromResponsesStream } from "../../src/dialects/iterate.ts";
import { fromResponse } from "../../src/dialects/responses/response.ts";
import { ResponsesStreamTranslator } from "../../src/dialects/responses/stream.ts";
import { contextOf, counted, readSizes, runResponsesStream, type StreamRun } from "./stream-run.ts";

type Json = Readonly<Record<string, unknown>>;

const created = { type: "response.created", response: { id: "resp_1", status: "in_progress", output: [] } };
const completed = {
  type: "response.completed",
  response: { id: "resp_1", status: "completed", output: [], usage: { input_tokens: 10, output_tokens: 5 } },
};

const added = (index: number, item: Json) => ({ type: "response.output_item.added", output_index: index, item });
const done = (index: number, item: Json) => ({ type: "response.output_item.done", output_index: index, item });
const text = (index: number, delta: string, part = 0) => ({
  type: "response.output_text.delta",
  output_index: index,
  content_index: part,
  delta,
});
const args = (index: number, delta: string) => ({
  type: "response.function_call_arguments.delta",
  output_index: index,
  delta,
});
const summary = (index: number, delta: string, part = 0) => ({
  type: "response.reasoning_summary_text.delta",
  output_index: index,
  summary_index: part,
  delta,
});
const raw = (index: number, delta: string) => ({
  type: "response.reasoning_text.delta",
  output_index: index,
  content_index: 0,
  delta,
});
const message = { type: "message", id: "msg_a", role: "assistant" };
const call = { type: "function_call", id: "fc_a", call_id: "call_a", name: "get", arguments: "" };
const reasoning = { type: "reasoning", id: "rs_a", summary: [] };

function frame(events: readonly (Json | string)[]): string {
  return events.map((event) => `data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`).join("");
}

function run(events: readonly (Json | string)[], changes: Partial<TranslationContext> = {}): StreamRun {
  return runResponsesStream(frame(events), 16_384, contextOf(changes));
}

function content(result: StreamRun): unknown[] {
  expect(result.problems).toEqual([]);
  return (result.message?.content ?? []).map((block) => {
    if (block.type === "text") return block.text;
    if (block.type === "thinking") return { thinking: block.thinking };
    return block.type === "tool_use" ? { [block.name]: block.input } : block.type;
  });
}

describe("framing", () => {
  const stream = frame([created, added(0, message), text(0, "Hi 你好 👩‍👩‍👧"), completed]);

  it.each([
    ["CRLF", stream.replaceAll("\n", "\r\n")],
    ["bare CR", stream.replaceAll("\n", "\r")],
    ["a BOM", `\uFEFF${stream}`],
    ["comments", `: OPENROUTER PROCESSING\n\n${stream.replaceAll("\n\n", "\n\n: still here\n\n")}`],
    ["no space behind the colon", stream.replaceAll("data: ", "data:")],
    ["no last blank line", stream.trimEnd()],
    ["a closing [DONE]", `${stream}data: [DONE]\n\n`],
    ["junk behind the end", `${stream}data: {"x\n\n<html>`],
  ])("%s changes nothing", (_name, body) => {
    for (const readSize of readSizes) {
      const result = runResponsesStream(body, readSize);
      expect(content(result)).toEqual(["Hi 你好 👩‍👩‍👧"]);
      expect(result.translator.state).toBe("complete");
    }
  });

  it("takes the type from the event's name where its data has none", () => {
    const { type, ...rest } = text(0, "Hi");
    const body = `event: ${type}\ndata: ${JSON.stringify(rest)}\n\n${frame([completed])}`;
    expect(content(runResponsesStream(body, 7))).toEqual(["Hi"]);
  });

  it("reads an event of several megabytes", () => {
    const long = "x".repeat(4_000_000);
    const result = runResponsesStream(
      frame([created, done(0, { ...message, content: [{ type: "output_text", text: long }] }), completed]),
      16_384,
    );
    expect(content(result)).toEqual([long]);
  });

  it("gives up an event, and what waits behind an unfinished item, above the bound", () => {
    const options = { maxBufferSize: 10_000 };
    const events = [created, added(0, reasoning), summary(0, "t"), added(1, call)];
    const waiting = Array.from({ length: 30 }, () => args(1, "x".repeat(500)));
    const result = runResponsesStream(frame([...events, ...waiting]), 7, contextOf(), options);
    expect(result.translator.failure?.type).toBe("too-large");
    expect(
      runResponsesStream(frame([created, text(0, "x".repeat(20_000))]), 7, contextOf(), options).translator.failure
        ?.type,
    ).toBe("too-large");
  });
});

describe("an end that is none", () => {
  it.each<[string, (Json | string)[], number]>([
    ["nothing but its beginning", [created], 0],
    ["an announced message", [created, added(0, message)], 0],
    ["text", [created, added(0, message), text(0, "Hel")], 1],
    [
      "text that was whole",
      [
        created,
        added(0, message),
        text(0, "Hel"),
        done(0, { ...message, content: [{ type: "output_text", text: "Hel" }] }),
      ],
      1,
    ],
    ["a call", [created, added(0, call), args(0, '{"a"')], 1],
    ["a whole call", [created, added(0, call), args(0, "{}"), done(0, { ...call, arguments: "{}" })], 1],
    ["text and [DONE]", [created, text(0, "Hel"), "[DONE]"], 1],
  ])("%s: truncated, and never whole", (_name, events, hasContent) => {
    const { translator, events: out } = run(events);
    expect(translator.failure?.type).toBe("truncated");
    expect(out.filter(({ type }) => type === "message_stop" || type === "message_delta")).toEqual([]);
    expect(out.filter(({ type }) => type === "error")).toHaveLength(hasContent);
    if (hasContent === 0) expect(out).toEqual([]);
  });

  it("an empty body, a page and a lonely [DONE] are no answer", () => {
    for (const body of ["", "<html><title>Bad gateway</title></html>", "data: [DONE]\n\n"]) {
      const { translator, events } = runResponsesStream(body, 7);
      expect(translator.failure?.type).toBe("not-an-answer");
      expect(events).toEqual([]);
    }
  });

  it("an event that is no JSON ends the stream: before content for another provider, after it with an error", () => {
    expect(run([created, '{"type":"response.out', completed]).events).toEqual([]);
    const after = run([text(0, "Hel"), '{"type":"response.out', completed]);
    expect(after.translator.failure?.type).toBe("junk");
    expect(after.events.at(-1)?.type).toBe("error");
  });
});

describe("failures", () => {
  const failed = (error: Json | null) => ({
    type: "response.failed",
    response: { id: "r", status: "failed", output: [], error },
  });

  it.each<[string, Json, number, string]>([
    ["a rate limit", failed({ code: "rate_limit_exceeded", message: "Slow down" }), 429, "rate_limit_error"],
    [
      "a quota",
      failed({
        code: "insufficient_quota",
        message: "You exceeded your current quota, please check your plan and billing details.",
      }),
      402,
      "billing_error",
    ],
    ["a server's fault", failed({ code: "server_error", message: "The server had an error" }), 500, "api_error"],
    [
      "overload",
      { type: "error", code: "server_is_overloaded", message: "Our servers are currently overloaded." },
      529,
      "overloaded_error",
    ],
    [
      "a bad prompt",
      failed({ code: "invalid_prompt", message: "Your prompt was flagged" }),
      400,
      "invalid_request_error",
    ],
    [
      "an error event with an envelope",
      {
        type: "error",
        error: {
          type: "invalid_request_error",
          code: "context_length_exceeded",
          message: "Your input exceeds the context window of this model.",
        },
      },
      400,
      "invalid_request_error",
    ],
    [
      "an error event without one",
      { type: "error", code: null, message: "Something broke", param: null },
      502,
      "api_error",
    ],
    [
      "an error event that names its status",
      { type: "error", status: 401, error: { message: "no" } },
      401,
      "authentication_error",
    ],
    ["an untyped error", { error: { code: 503, message: "No provider available" } }, 529, "overloaded_error"],
    ["a failure without words", failed(null), 502, "api_error"],
    [
      "a cancelled answer",
      { type: "response.cancelled", response: { id: "r", status: "cancelled" } },
      502,
      "api_error",
    ],
  ])("%s", async (_name, event, status, type) => {
    const before = run([created, event]);
    expect(before.translator.state).toBe("failed");
    expect(before.events).toEqual([]);
    const stream = fromResponsesStream(new Blob([frame([created, event])]).stream(), contextOf());
    await expect(stream.next()).rejects.toMatchObject({ status, type });
    expect(() => fromResponse(frame([created, event]), contextOf())).toThrow(CcpbError);

    const after = run([created, text(0, "Hel"), event, completed]);
    expect(after.translator.state).toBe("failed");
    expect(after.events.at(-1)?.type).toBe("error");
    expect(after.problems).toEqual([]);
  });

  it("an answer that is no stream says the same", () => {
    const body = {
      id: "r",
      status: "failed",
      output: [],
      error: { code: "rate_limit_exceeded", message: "Slow down" },
    };
    expect(() => fromResponse(body, contextOf())).toThrow(
      expect.objectContaining({ status: 429, type: "rate_limit_error" }),
    );
    for (const other of [
      { id: "r", status: "in_progress", output: [] },
      { hello: 1 },
      [],
      "nonsense",
      { error: "no" },
    ]) {
      expect(() => fromResponse(other, contextOf())).toThrow(CcpbError);
    }
  });
});

describe("items", () => {
  it("start without being announced, and are told apart by index, by id, or by nothing", () => {
    expect(content(run([text(0, "a"), text(0, "b"), completed]))).toEqual(["ab"]);
    const named = [
      { type: "response.output_item.added", item: message },
      { type: "response.output_text.delta", item_id: "msg_a", delta: "a" },
      { type: "response.output_item.added", item: call },
      { type: "response.function_call_arguments.delta", item_id: "fc_a", delta: '{"x":1}' },
      completed,
    ];
    expect(content(run(named))).toEqual(["a", { get: { x: 1 } }]);
    expect(content(run(named.map(({ item_id: _id, ...event }: Json) => event)))).toEqual(["a", { get: { x: 1 } }]);
  });

  it("are kept apart where a vendor gives all of them the same index", () => {
    const result = run([
      added(0, reasoning),
      raw(0, "think"),
      done(0, reasoning),
      added(0, message),
      text(0, "one"),
      done(0, message),
      added(0, { ...message, id: "msg_b" }),
      text(0, "two"),
      done(0, { ...message, id: "msg_b" }),
      added(0, call),
      args(0, "{}"),
      done(0, call),
      added(0, { ...call, id: "fc_b", call_id: "call_b" }),
      args(0, '{"b":1}'),
      completed,
    ]);
    expect(content(result)).toEqual([{ thinking: "think" }, "one", "two", { get: {} }, { get: { b: 1 } }]);
    expect(result.message?.stop_reason).toBe("tool_use");
  });

  it("stream live at the front; what comes for a later one waits its turn", () => {
    const translator = new ResponsesStreamTranslator(contextOf());
    const push = (event: Json) => translator.push(new TextEncoder().encode(frame([event]))).map(({ type }) => type);
    push(added(0, call));
    expect(push(args(0, '{"a":'))).toEqual(["content_block_delta"]);
    expect(push(added(1, { ...call, id: "fc_b", call_id: "call_b", name: "put" }))).toEqual([]);
    expect(push(args(1, '{"b":2}'))).toEqual([]);
    expect(translator.sawKeepAlive).toBe(true);
    expect(push(args(0, "1}"))).toEqual([
      "content_block_delta",
      "content_block_stop",
      "content_block_start",
      "content_block_delta",
    ]);
    expect(push(completed)).toEqual(["content_block_stop", "message_delta", "message_stop"]);
  });

  it("are filled by whatever is whole, and said only once", () => {
    const whole = { ...call, arguments: '{"a":1}' };
    const said = { ...message, content: [{ type: "output_text", text: "Hello" }] };
    expect(
      content(
        run([
          added(0, call),
          { type: "response.function_call_arguments.done", output_index: 0, arguments: '{"a":1}' },
          done(0, whole),
          completed,
        ]),
      ),
    ).toEqual([{ get: { a: 1 } }]);
    expect(content(run([done(0, said), done(1, whole), completed]))).toEqual(["Hello", { get: { a: 1 } }]);
    const last = { ...completed, response: { ...completed.response, output: [said, whole] } };
    expect(content(run([created, last]))).toEqual(["Hello", { get: { a: 1 } }]);
    expect(content(run([text(0, "Hel"), last]))).toEqual(["Hello", { get: { a: 1 } }]);
    // The output leaves out an item that the stream counted.
    expect(content(run([done(1, said), done(2, whole), last]))).toEqual(["Hello", { get: { a: 1 } }]);
  });

  it("of a call get a name late, arguments of any form, and an id of their own", () => {
    expect(content(run([args(0, '{"a":1}'), done(0, { ...call, arguments: '{"a":1}' }), completed]))).toEqual([
      { get: { a: 1 } },
    ]);
    expect(content(run([done(0, { ...call, arguments: { a: 1 } }), completed]))).toEqual([{ get: { a: 1 } }]);
    expect(content(run([done(0, { ...call, arguments: "" }), completed]))).toEqual([{ get: {} }]);
    expect(content(run([done(0, { ...call, arguments: '{"a":1,}' }), completed]))).toEqual([{ get: { a: 1 } }]);
    const same = run([done(0, { ...call, arguments: "{}" }), done(1, { ...call, arguments: "{}" }), completed]);
    const ids = (same.message?.content ?? []).map((block) => (block.type === "tool_use" ? block.id : ""));
    expect(new Set(ids).size).toBe(2);
    const nameless = run([done(0, { type: "function_call", name: "get", arguments: "{}" }), completed]);
    expect(nameless.message?.content[0]).toMatchObject({ id: expect.stringMatching(/^toolu_/) });
  });

  it("of a call come back under the client's name and a reversible id", () => {
    const result = run([done(0, { ...call, call_id: "functions.get:0", name: "short_1" }), completed], {
      toolNames: new Map([["short_1", "a long name"]]),
    });
    expect(result.message?.content[0]).toMatchObject({ name: "a long name", id: expect.stringMatching(/^ccpbid_/) });
  });

  it("of unknown types are left out, with one warning for each", () => {
    const kinds = [
      "mcp_call",
      "mcp_list_tools",
      "code_interpreter_call",
      "image_generation_call",
      "file_search_call",
      "computer_call",
      "local_shell_call",
      "shell_call",
      "apply_patch_call",
      "custom_tool_call",
      "compaction",
      "tool_search_call",
      "program",
      "hologram",
    ];
    const events = kinds.flatMap((type, index) => [
      added(index, { type, id: type }),
      done(index, { type, id: type }),
      done(index, { type, id: type }),
    ]);
    const result = run([...events, text(20, "Hi"), completed]);
    expect(content(result)).toEqual(["Hi"]);
    expect(result.message?.stop_reason).toBe("end_turn");
    expect(result.translator.warnings.map(({ code }) => code)).toEqual(kinds.map(() => "item_dropped"));
  });

  it("of text have a block for each part; white space alone has none", () => {
    expect(content(run([text(0, "one", 0), text(0, "two", 1), completed]))).toEqual(["one", "two"]);
    expect(content(run([added(0, message), text(0, " \n"), added(1, call), args(1, "{}"), completed]))).toEqual([
      { get: {} },
    ]);
  });
});

describe("reasoning", () => {
  const origin = (result: StreamRun, index = 0) => {
    const block = result.message?.content[index];
    return block?.type === "thinking" ? readSignature(block.signature)?.origin : undefined;
  };

  it("joins the parts of a summary by a blank line", () => {
    const parts = [summary(0, "one", 0), summary(0, "two", 1)];
    expect(content(run([...parts, text(1, "Hi"), completed]))).toEqual([{ thinking: "one\n\ntwo" }, "Hi"]);
    const unnumbered = [
      summary(0, "one"),
      { type: "response.reasoning_summary_part.added", output_index: 0 },
      summary(0, "two"),
    ];
    expect(content(run([...unnumbered, text(1, "Hi"), completed]))).toEqual([{ thinking: "one\n\ntwo" }, "Hi"]);
  });

  it("carries what is encrypted, as it is at the item's end, and the phase of the message behind it", () => {
    const result = run([
      added(0, { ...reasoning, encrypted_content: "begun" }),
      summary(0, "think"),
      done(0, { ...reasoning, encrypted_content: "whole" }),
      added(1, { ...message, phase: "final_answer" }),
      text(1, "Hi"),
      completed,
    ]);
    expect(content(result)).toEqual([{ thinking: "think" }, "Hi"]);
    expect(origin(result)).toEqual({ kind: "rs", id: "rs_a", encryptedContent: "whole", phase: "final_answer" });
  });

  it("is kept without a word of it, each item by itself, and only with what follows", () => {
    const items = [
      done(0, { ...reasoning, encrypted_content: "one" }),
      done(1, { ...reasoning, id: "rs_b", encrypted_content: "two" }),
    ];
    expect(run([created, ...items]).events).toEqual([]);
    const result = run([...items, added(2, call), args(2, "{}"), completed]);
    expect(content(result)).toEqual([{ thinking: "" }, { thinking: "" }, { get: {} }]);
    expect([origin(result, 0), origin(result, 1)]).toEqual([
      { kind: "rs", id: "rs_a", encryptedContent: "one" },
      { kind: "rs", id: "rs_b", encryptedContent: "two" },
    ]);
    const last = run([text(0, "Hi"), done(1, { ...reasoning, encrypted_content: "one" }), completed]);
    expect(content(last)).toEqual(["Hi"]);
    expect(content(run([done(0, reasoning), text(1, "Hi"), completed]))).toEqual(["Hi"]);
  });

  it("that is shown itself is its own replay, and does not hold up what follows until its item ends", () => {
    const translator = new ResponsesStreamTranslator(contextOf());
    const push = (event: Json) => translator.push(new TextEncoder().encode(frame([event]))).map(({ type }) => type);
    push(raw(0, "think"));
    push(added(1, message));
    expect(push(text(1, "Hi"))).toEqual(["content_block_start", "content_block_delta"]);
    const result = run([
      raw(0, "think"),
      text(1, "Hi"),
      done(0, { ...reasoning, content: [{ type: "reasoning_text", text: "think" }] }),
      completed,
    ]);
    expect(content(result)).toEqual([{ thinking: "think" }, "Hi"]);
    expect(origin(result)).toEqual({ kind: "rc" });
    expect(origin(run([summary(0, "think"), text(1, "Hi"), completed]))).toEqual({ kind: "none" });
  });

  it("that ends late does not hold up text, only calls", () => {
    const late = done(0, { ...reasoning, encrypted_content: "late" });
    for (const begun of [[added(0, reasoning), summary(0, "think")], [added(0, reasoning)]]) {
      const translator = new ResponsesStreamTranslator(contextOf());
      const push = (event: Json) => translator.push(new TextEncoder().encode(frame([event]))).map(({ type }) => type);
      for (const event of [...begun, added(1, message)]) push(event);
      expect(push(text(1, "Hi"))).toContain("content_block_delta");
      expect(push(text(1, " there"))).toEqual(["content_block_delta"]);
      push(late);
      expect(translator.warnings.map(({ code }) => code)).toEqual(["reasoning_detail_dropped"]);
      expect(push(completed)).toEqual(["content_block_stop", "message_delta", "message_stop"]);
    }
    const before = [added(0, reasoning), summary(0, "think"), added(1, call), args(1, "{}")];
    const called = run([...before, late, completed]);
    expect(content(called)).toEqual([{ thinking: "think" }, { get: {} }]);
    expect(origin(called)).toEqual({ kind: "rs", id: "rs_a", encryptedContent: "late" });
    const told = run([
      added(0, reasoning),
      text(1, "Hi"),
      done(0, { ...reasoning, summary: [{ type: "summary_text", text: "think" }] }),
      completed,
    ]);
    expect(content(told)).toEqual(["Hi"]);
  });

  it("behind which an item is left out cannot go back", () => {
    const page = { type: "web_search_call", id: "ws_a", action: { type: "open_page", url: "https://a.example/" } };
    const parts = { summary: [{ type: "summary_text", text: "think" }], encrypted_content: "one" };
    const result = run([
      done(0, { ...reasoning, ...parts }),
      done(1, page),
      done(2, { ...reasoning, id: "rs_b", encrypted_content: "two" }),
      text(3, "Hi"),
      completed,
    ]);
    expect(content(result)).toEqual([{ thinking: "think" }, { thinking: "" }, "Hi"]);
    expect([origin(result, 0), origin(result, 1)]).toEqual([
      { kind: "none" },
      { kind: "rs", id: "rs_b", encryptedContent: "two" },
    ]);
    const wordless = [done(0, { ...reasoning, encrypted_content: "one" }), done(1, page), text(2, "Hi"), completed];
    expect(content(run(wordless))).toEqual(["Hi"]);
  });
});

describe("why it stopped", () => {
  const incomplete = (reason: string | undefined) => ({
    type: "response.incomplete",
    response: {
      id: "r",
      status: "incomplete",
      output: [],
      incomplete_details: reason === undefined ? null : { reason },
    },
  });

  it.each([
    ["max_output_tokens", "max_tokens"],
    ["content_filter", "refusal"],
    ["steered", "end_turn"],
    [undefined, "end_turn"],
  ])("incomplete for %s is %s", (reason, stop) => {
    expect(run([text(0, "Hi"), incomplete(reason)]).message?.stop_reason).toBe(stop);
  });

  describe.each([
    '{"command":"rm -rf ./build',
    '{}{"command":"rm -rf ./build',
    '{"lines":[1,2',
    '{"force":tru',
    '{"a":',
    '{"a": foo}',
    "{",
    "oops",
  ])("arguments that are cut inside a value or are no JSON (%s)", (cut) => {
    const whole = { ...call, arguments: cut };
    const ways: readonly (readonly [string, readonly Json[]])[] = [
      ["in pieces", [added(0, call), args(0, cut.slice(0, 3)), args(0, cut.slice(3))]],
      ["whole", [done(0, whole)]],
      ["in pieces and whole", [added(0, call), args(0, cut), done(0, whole)]],
    ];

    it.each(ways)("break the answer, %s, and their block stays open", (_way, events) => {
      for (const last of [completed, incomplete("content_filter")]) {
        const result = run([...events, last]);
        expect(result.translator.state).toBe("failed");
        expect(result.events.map(({ type }) => type)).not.toContain("content_block_stop");
        expect(result.events.at(-1)?.type).toBe("error");
        expect(result.problems).toEqual([]);
      }
      const limited = run([...events, incomplete("max_output_tokens")]);
      expect(limited.message).toMatchObject({ stop_reason: "max_tokens", content: [] });
      expect(limited.events.map(({ type }) => type)).not.toContain("content_block_stop");
      expect(limited.problems).toEqual([]);
    });

    it("fail a whole answer, and are left out of one that a limit cut", () => {
      const body = { id: "r", status: "completed", output: [whole] };
      expect(() => fromResponse(body, contextOf())).toThrow(/arguments of a tool call/);
      const limited = { ...body, status: "incomplete", incomplete_details: { reason: "max_output_tokens" } };
      expect(fromResponse(limited, contextOf()).message).toMatchObject({ stop_reason: "max_tokens", content: [] });
    });
  });

  it("breaks the answer at a call without a name", () => {
    for (const nameless of [
      { ...call, name: "", arguments: "{}" },
      { ...call, name: undefined, arguments: "" },
    ]) {
      const result = run([added(0, nameless), args(0, "{}"), done(0, nameless), completed]);
      expect(result.translator.failure).toEqual({ type: "junk", detail: "a tool call without a name" });
      const body = { id: "r", status: "completed", output: [nameless] };
      expect(() => fromResponse(body, contextOf())).toThrow(/without a name/);
    }
  });

  it("takes the real arguments in place of an empty object, and the same in other white space for a repetition", () => {
    for (const events of [
      [args(0, "{}"), done(0, { ...call, arguments: '{"a":1}' })],
      [args(0, "{}"), args(0, '{"a":1}'), done(0, { ...call, arguments: '{ "a": 1 }' })],
      [args(0, '{}{"a":1}'), done(0, { ...call, arguments: "{}" })],
    ]) {
      expect(content(run([added(0, call), ...events, completed]))).toEqual([{ get: { a: 1 } }]);
    }
  });

  it("breaks the answer where the whole arguments are not what their pieces had said", () => {
    const events = [added(0, call), args(0, '{"path":"/tmp'), args(0, '"}')];
    const result = run([...events, done(0, { ...call, arguments: '{"path":"cache"}' }), completed]);
    expect(result.translator.failure?.type).toBe("junk");
    expect(result.problems).toEqual([]);
  });

  it("never closes arguments that a limit cut", () => {
    for (const reason of ["max_output_tokens", "steered"]) {
      const result = run([added(0, call), args(0, '{"a": "b'), incomplete(reason)]);
      expect(result.message?.stop_reason).toBe("max_tokens");
      const json = result.events.flatMap((event) =>
        event.type === "content_block_delta" && event.delta.type === "input_json_delta"
          ? [event.delta.partial_json]
          : [],
      );
      expect(json.join("")).toBe('{"a": "b');
    }
  });

  it("says refusal where the model refused, streamed or not", () => {
    const refused = { ...message, content: [{ type: "refusal", refusal: "I cannot." }] };
    const result = run([
      { type: "response.refusal.delta", output_index: 0, content_index: 0, delta: "I cannot." },
      done(0, refused),
      completed,
    ]);
    expect(content(result)).toEqual(["I cannot."]);
    expect(result.message?.stop_reason).toBe("refusal");
    expect(fromResponse({ status: "completed", output: [refused] }, contextOf()).message.stop_reason).toBe("refusal");
    const both = { ...message, content: [{ type: "output_text", text: "Well." }, ...refused.content] };
    expect(fromResponse({ status: "completed", output: [both] }, contextOf()).message.stop_reason).toBe("refusal");
  });

  it("stops at a stop sequence that the upstream could not be told, at once", () => {
    const changes = { stopSequences: ["END"], localStopSequences: ["END"] };
    const result = run([text(0, "one E"), text(0, "ND two"), added(1, call), args(1, "{}")], changes);
    expect(content(result)).toEqual(["one "]);
    expect(result.message).toMatchObject({ stop_reason: "stop_sequence", stop_sequence: "END" });
    const whole = {
      status: "completed",
      output: [{ ...message, content: [{ type: "output_text", text: "one END two" }] }, call],
    };
    expect(fromResponse(whole, contextOf(changes)).message).toMatchObject({
      stop_reason: "stop_sequence",
      content: [{ text: "one " }],
    });
  });

  it("splits thinking out of text where the profile says so", () => {
    const result = run([text(0, "<thi"), text(0, "nk>a</think>b"), completed], { thinkTags: true });
    expect(content(result)).toEqual([{ thinking: "a" }, "b"]);
  });
});

describe("counts", () => {
  it.each<[Json | null, Json]>([
    [null, { input_tokens: 0, output_tokens: 0, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 }],
    [
      {
        input_tokens: 100,
        output_tokens: 20,
        total_tokens: 120,
        input_tokens_details: { cached_tokens: 30, cache_write_tokens: 50 },
        output_tokens_details: { reasoning_tokens: 5 },
      },
      {
        input_tokens: 20,
        output_tokens: 20,
        cache_read_input_tokens: 30,
        cache_creation_input_tokens: 50,
        output_tokens_details: { thinking_tokens: 5 },
      },
    ],
    [
      { input_tokens: 10, output_tokens: 5, input_tokens_details: { cached_tokens: 200 } },
      { input_tokens: 10, cache_read_input_tokens: 200 },
    ],
    [
      { input_tokens: 10, output_tokens: 5, total_tokens: 115, output_tokens_details: { reasoning_tokens: 100 } },
      { output_tokens: 105 },
    ],
    [
      { prompt_tokens: "10", completion_tokens: 5.4, input_tokens_details: { cached_tokens: 1e300 } },
      { input_tokens: 10, output_tokens: 0, cache_read_input_tokens: 0 },
    ],
  ])("%j", (usage, wanted) => {
    const result = run([text(0, "Hi"), { ...completed, response: { ...completed.response, usage } }]);
    expect(result.problems).toEqual([]);
    expect(result.message?.usage).toMatchObject(wanted);
  });

  it("that cannot be are left out with a warning, in both dialects", () => {
    for (const odd of [Number.NaN, "many", "1e400", 5.4, -1, 2 ** 53 + 2, 1e300]) {
      const usage = { input_tokens: 7, output_tokens: odd };
      const result = run([text(0, "Hi"), { ...completed, response: { ...completed.response, usage } }]);
      // JSON has no NaN: it comes as null, which says nothing.
      const expected = typeof odd === "number" && Number.isNaN(odd) ? [] : ["count_dropped"];
      expect(result.translator.warnings.map(({ code }) => code)).toEqual(expected);
      expect(result.message?.usage).toMatchObject({ input_tokens: 7, output_tokens: 0 });
    }
  });
});

describe("a search by the provider", () => {
  const search = {
    type: "web_search_call",
    id: "ws_1",
    status: "completed",
    action: { type: "search", query: "q", sources: [{ type: "url", url: "https://a.example/" }] },
  };
  const events = [
    added(0, { type: "web_search_call", id: "ws_1", status: "in_progress" }),
    done(0, search),
    text(1, "Hi"),
    completed,
  ];

  it("is shown to a client that asked for the server tool, with what it found", () => {
    const result = run(events, { serverTools: new Set(["web_search"]) });
    expect(content(result)).toEqual(["server_tool_use", "web_search_tool_result", "Hi"]);
    expect(result.message).toMatchObject({
      stop_reason: "end_turn",
      content: [
        { id: "srvtoolu_ccpb1_ws_1", name: "web_search", input: { query: "q" } },
        {
          tool_use_id: "srvtoolu_ccpb1_ws_1",
          content: [{ type: "web_search_result", url: "https://a.example/", encrypted_content: "" }],
        },
        {},
      ],
      usage: { server_tool_use: { web_search_requests: 1 } },
    });
  });

  it("keeps an id that is known as made up, however long the vendor's is", () => {
    const id = `ws_${"0123456789".repeat(6)}`;
    const result = run([done(0, { ...search, id }), text(1, "Hi"), completed], {
      serverTools: new Set(["web_search"]),
    });
    const block = result.message?.content[0];
    expect(block?.type === "server_tool_use" && isForgedServerToolId(block.id)).toBe(true);
    expect(result.problems).toEqual([]);
  });

  it("is nothing to one that did not", () => {
    const result = run(events);
    expect(content(result)).toEqual(["Hi"]);
    expect(result.translator.warnings).toEqual([]);
  });
});

describe("what came in place of what was asked", () => {
  const body = {
    id: "resp_1",
    status: "completed",
    output: [{ ...message, content: [{ type: "output_text", text: "Hi" }] }],
    usage: completed.response.usage,
  };

  it("is a JSON answer, a wrapped one, or a stream", () => {
    expect(content(runResponsesStream(` \n${JSON.stringify(body)}`, 7))).toEqual(["Hi"]);
    expect(fromResponse({ type: "response.completed", response: body }, contextOf()).message.content).toMatchObject([
      { text: "Hi" },
    ]);
    expect(fromResponse([body], contextOf()).message.content).toMatchObject([{ text: "Hi" }]);
    expect(fromResponse(frame([created, text(0, "Hi"), completed]), contextOf()).message.content).toMatchObject([
      { text: "Hi" },
    ]);
    expect(() => fromResponse(frame([created, text(0, "Hi")]), contextOf())).toThrow(CcpbError);
  });

  it("is Chat Completions' dialect", () => {
    const chunk = { id: "c", choices: [{ index: 0, delta: { content: "Hi" }, finish_reason: "stop" }] };
    expect(content(run([chunk, "[DONE]"]))).toEqual(["Hi"]);
    const answer = {
      id: "c",
      object: "chat.completion",
      choices: [{ index: 0, message: { content: "Hi" }, finish_reason: "stop" }],
    };
    expect(fromResponse(answer, contextOf()).message.content).toMatchObject([{ text: "Hi" }]);
  });
});

describe("skins", () => {
  const bytes = new TextEncoder().encode(frame([created, text(0, "Hi"), completed]));

  it("iterate over events, and let go of the upstream at the end", async () => {
    let isCancelled = false;
    const source = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(bytes),
      cancel: () => {
        isCancelled = true;
      },
    });
    const types: string[] = [];
    for await (const event of fromResponsesStream(source, contextOf(), { generateId: counted() }))
      types.push(event.type);
    expect(types.at(-1)).toBe("message_stop");
    expect(isCancelled).toBe(true);
  });

  it("transform bytes to the SSE of the Messages API", async () => {
    const out = new Blob([bytes]).stream().pipeThrough(fromResponsesStreamTransform(contextOf()));
    expect(await new Response(out).text()).toContain("event: message_stop\n");
  });

  it("give the same events for the same bytes", () => {
    const once = () => JSON.stringify(runResponsesStream(bytes, 7, contextOf(), {}).events);
    expect(once()).toBe(once());
    expect(once()).toContain('"id":"msg_resp_1"');
  });
});
