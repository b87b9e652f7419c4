import { describe, expect, it } from "vitest";
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import type { ChatMessage } from "../../protocol/chat.ts";
import { type ChatRequestOptions, type ChatTranslation, toChatRequest } from "./request.ts";
import type { ProfileOverride } from "../../base/profile-types.ts";
import { makeSignature } from "../../conversation/ids/signature.ts";
import { encodeToolId } from "../../conversation/ids/tool-ids.ts";

const user = (content: unknown): object => ({ role: "user", content });
const assistant = (...content: readonly unknown[]): object => ({ role: "assistant", content });
const system = (content: unknown): object => ({ role: "system", content });
const text = (value: string, more: object = {}): object => ({ type: "text", text: value, ...more });
const call = (id: string, name = "f", input: unknown = {}): object => ({ type: "tool_use", id, name, input });
const result = (id: string, content: unknown, more: object = {}): object => ({
  type: "tool_result",
  tool_use_id: id,
  content,
  ...more,
});
const marked = { cache_control: { type: "ephemeral" } };

function translate(request: object, options: Partial<ChatRequestOptions> = {}): ChatTranslation {
  return toChatRequest({ model: "claude-x", max_tokens: 10, ...request } as MessagesRequest, {
    model: "m",
    ...options,
  });
}

function messagesOf(
  messages: readonly object[],
  profile: ProfileOverride = {},
  provider?: string,
): readonly ChatMessage[] {
  return translate({ messages }, { profile, ...(provider !== undefined && { provider }) }).body.messages;
}

const codes = ({ warnings }: ChatTranslation): readonly string[] => warnings.map(({ code }) => code);

describe("the order of a conversation", () => {
  it("shows a system turn for one user turn only as long as no other has come", () => {
    const forOneTurn = { ...system("env"), clear_at: "next_user_message" };
    const inPlace = (messages: readonly object[]) => messagesOf(messages, { midSystem: "system" });
    expect(inPlace([user("q"), forOneTurn])).toMatchObject([{ role: "user" }, { role: "system", content: "env" }]);
    expect(inPlace([user("q"), forOneTurn, assistant(text("a"))])).toHaveLength(3);
    const later = inPlace([user("q"), forOneTurn, assistant(text("a")), user("r"), forOneTurn]);
    expect(later.map(({ role }) => role)).toEqual(["user", "assistant", "user", "system"]);
    const kept = inPlace([user("q"), { ...system("env"), clear_at: "never" }, user("r")]);
    expect(kept.map(({ role }) => role)).toEqual(["user", "system", "user"]);
  });

  it("takes a result of a tool for a user turn that clears it", () => {
    const messages = messagesOf([
      user("q"),
      { ...system("env"), clear_at: "next_user_message" },
      assistant(call("a")),
      user([result("a", "1")]),
    ]);
    expect(messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool"]);
  });

  it("takes results that come in several user turns", () => {
    const messages = messagesOf(
      [
        user("q"),
        assistant(call("a"), call("b")),
        user([result("b", "2")]),
        system("env"),
        user([result("a", "1"), text("go on")]),
      ],
      { midSystem: "system" },
    );
    expect(messages.map(({ role, content }) => [role, content])).toEqual([
      ["user", "q"],
      ["assistant", null],
      ["tool", "1"],
      ["tool", "2"],
      ["system", "env"],
      ["user", "go on"],
    ]);
  });

  it("joins an assistant turn that came in pieces", () => {
    const messages = messagesOf([
      user("q"),
      assistant(call("a")),
      assistant(text("and"), call("b")),
      user([result("b", "2"), result("a", "1")]),
    ]);
    expect(messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "tool"]);
    expect(messages[1]).toMatchObject({ content: "and", tool_calls: [{ id: "a" }, { id: "b" }] });
  });

  it("answers calls at the end of the conversation too", () => {
    expect(messagesOf([user("q"), assistant(call("a"))]).at(-1)).toEqual({
      role: "tool",
      tool_call_id: "a",
      content: "[no result: the tool call was interrupted]",
    });
  });

  it("takes a result that comes a turn too late as text", () => {
    const messages = messagesOf([
      user("q"),
      assistant(call("a")),
      user("wait"),
      assistant(text("ok")),
      user([result("a", "late")]),
    ]);
    expect(messages.at(-1)).toEqual({ role: "user", content: "[result of an earlier tool call]\nlate" });
  });

  it("gives two results of one id to two calls of one id", () => {
    const messages = messagesOf([
      user("q"),
      assistant(call("a"), call("a")),
      user([result("a", "1"), result("a", "2"), result("a", "3")]),
    ]);
    expect(messages.slice(2)).toEqual([
      { role: "tool", tool_call_id: "a", content: "1" },
      { role: "tool", tool_call_id: "a_2", content: "2" },
    ]);
  });

  it("puts an assistant between tools and user for Mistral, and lets roles alternate", () => {
    const messages = messagesOf(
      [user("q"), user("r"), assistant(call("a")), user([result("a", "1"), text("stop")]), system("env")],
      { bridgeAfterTools: true, alternate: true, midSystem: "user", toolIdFormat: "mistral" },
    );
    expect(messages.map(({ role, content }) => [role, content])).toEqual([
      ["user", "q\n\nr"],
      ["assistant", null],
      ["tool", "1"],
      ["assistant", "OK."],
      ["user", "stop\n\n<system-reminder>\nenv\n</system-reminder>"],
    ]);
  });

  it("marks or drops the beginning of an answer as the profile says", () => {
    const messages = [user("q"), assistant(text("The answer is ("))];
    expect(messagesOf(messages, { prefill: "prefix" }).at(-1)).toEqual({
      role: "assistant",
      content: "The answer is (",
      prefix: true,
    });
    expect(messagesOf(messages, { prefill: "drop" })).toEqual([{ role: "user", content: "q" }]);
    expect(codes(translate({ messages }, { profile: { prefill: "drop" } }))).toEqual(["prefill_dropped"]);
  });

  it("begins at the last compaction, whoever's turn it is in", () => {
    const messages = messagesOf([
      user("old"),
      assistant(text("old"), call("a")),
      user([result("a", "old")]),
      assistant(text("old"), { type: "compaction", content: "SUMMARY" }, text("new")),
      user("go on"),
      assistant({ type: "compaction", content: null }),
    ]);
    expect(messages).toEqual([
      { role: "user", content: "[summary of the conversation so far]\nSUMMARY" },
      { role: "assistant", content: "new" },
      { role: "user", content: "go on" },
    ]);
  });
});

describe("what goes into a tool message", () => {
  const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } };
  const ask = [user("q"), assistant(call("a"), call("b"))];

  it("leaves images of all results to one user message, before the user's own words", () => {
    const messages = messagesOf([
      ...ask,
      user([result("a", [image, text("x"), image]), result("b", [image]), text("see")]),
    ]);
    expect(messages.slice(2)).toEqual([
      {
        role: "tool",
        tool_call_id: "a",
        content:
          "[image 1 of this tool result follows in the next user message]\nx\n[image 2 of this tool result follows in the next user message]",
      },
      { role: "tool", tool_call_id: "b", content: "[image 1 of this tool result follows in the next user message]" },
      {
        role: "user",
        content: [
          text("[image 1 from tool result a]"),
          { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
          text("[image 2 from tool result a]"),
          { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
          text("[image 1 from tool result b]"),
          { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
          text("see"),
        ],
      },
    ]);
  });

  it("says in words what the vendor cannot be shown", () => {
    const [, , message] = messagesOf([...ask.slice(0, 1), assistant(call("a")), user([result("a", [image])])], {
      images: false,
    });
    expect(message).toMatchObject({ role: "tool", content: "[image omitted: this provider does not accept images]" });
  });

  it.each([
    ["Error: no", { is_error: true }, "Error: no"],
    ["no", { is_error: true }, "Error: no"],
    ["", { is_error: true }, "Error"],
    [[], { is_error: true }, "Error"],
    [null, {}, ""],
    [[text("a"), text("b")], {}, "a\nb"],
    [[{ type: "hologram" }], {}, "[hologram omitted]"],
    [[{ type: "document", source: { type: "text", data: "D" } }], {}, "<document>\nD\n</document>"],
    [
      [{ type: "search_result", title: 'a "b"', source: "s", content: [text("c")] }],
      {},
      '<search_result title="a &quot;b&quot;" source="s">\nc\n</search_result>',
    ],
  ])("tells %j with %j", (content, more, expected) => {
    const [, , message] = messagesOf([user("q"), assistant(call("a")), user([result("a", content, more)])]);
    expect(message).toEqual({ role: "tool", tool_call_id: "a", content: expected });
  });

  it("tell that a document of blocks held an image", () => {
    const image = { type: "image", source: { type: "url", url: "https://x/y.png" } };
    const document = { type: "document", source: { type: "content", content: [text("D"), image] } };
    const translation = translate({ messages: [user([document])] });
    expect(translation.body.messages).toEqual([user("<document>\nD\n[image omitted]\n</document>")]);
    expect(codes(translation)).toEqual(["image_dropped"]);
  });
});

describe("tool ids of a history", () => {
  const both = (id: string, options: Partial<ChatRequestOptions> = {}): readonly unknown[] => {
    const { messages } = translate(
      { messages: [user("q"), assistant(call(id)), user([result(id, "ok")])] },
      options,
    ).body;
    const [, asked, answered] = messages;
    return [
      asked?.role === "assistant" && asked.tool_calls?.[0]?.id,
      answered?.role === "tool" && answered.tool_call_id,
    ];
  };

  it("are cut to what the vendor takes, in call and result alike", () => {
    const long = "toolu_".padEnd(100, "x");
    const [asked, answered] = both(long);
    expect(asked).toMatch(/^toolu_x+_[0-9a-f]{8}$/);
    expect(String(asked).length).toBe(64);
    expect(answered).toBe(asked);
  });

  it("are Kimi's own again for Kimi, and stay coded for Claude behind a gateway", () => {
    const id = encodeToolId("functions.add:0");
    expect(both(id)).toEqual(["functions.add:0", "functions.add:0"]);
    expect(both(id, { model: "anthropic/claude-x" })).toEqual([id, id]);
  });

  it("carry Gemini's thought signatures, which only Gemini gets back", () => {
    const signed = encodeToolId("call_1", "Sig+/==");
    const history = [
      user("q"),
      assistant(call(signed), call("b")),
      user([result(signed, "1"), result("b", "2")]),
      assistant(call("c")),
      user([result("c", "3")]),
    ];
    const signatures = (options: Partial<ChatRequestOptions>): readonly unknown[] =>
      translate({ messages: history }, options).body.messages.flatMap((message) =>
        message.role === "assistant" ? (message.tool_calls ?? []).map((one) => [one.id, one.extra_content]) : [],
      );
    expect(signatures({ model: "gemini-3-pro" })).toEqual([
      ["call_1", { google: { thought_signature: "Sig+/==" } }],
      ["b", undefined],
      ["c", { google: { thought_signature: "skip_thought_signature_validator" } }],
    ]);
    expect(signatures({})).toEqual([
      ["call_1", undefined],
      ["b", undefined],
      ["c", undefined],
    ]);
  });
});

describe("thinking of a history", () => {
  const own = (
    provider: string | undefined,
    origin: Parameters<typeof makeSignature>[0]["origin"] = { kind: "rc" },
  ): object => ({
    type: "thinking",
    thinking: "T",
    signature: makeSignature({ provider, origin }),
  });
  const turn = (thinking: object): readonly object[] => [user("q"), assistant(thinking, text("A"))];
  const last = (thinking: object, profile: ProfileOverride, provider?: string): unknown =>
    messagesOf(turn(thinking), profile, provider).at(-1);

  it("goes back to the provider that made it, and to no other", () => {
    const profile = { reasoningHistory: "reasoning_content" } as const;
    expect(last(own("a"), profile, "a")).toEqual({ role: "assistant", content: "A", reasoning_content: "T" });
    expect(last(own("a"), profile, "b")).toEqual({ role: "assistant", content: "A", reasoning_content: "" });
    expect(last({ type: "thinking", thinking: "T", signature: "EqQB" }, profile, "a")).toEqual({
      role: "assistant",
      content: "A",
      reasoning_content: "",
    });
    expect(last({ type: "redacted_thinking", data: "x" }, profile, "a")).toEqual({
      role: "assistant",
      content: "A",
      reasoning_content: "",
    });
  });

  it("goes back in the form that the vendor sent", () => {
    const details = [{ type: "reasoning.encrypted", data: "E" }];
    expect(last(own("a", { kind: "rd", details }), { reasoningHistory: "reasoning_details" }, "a")).toEqual({
      role: "assistant",
      content: "A",
      reasoning_details: details,
    });
    expect(last(own("a"), { reasoningHistory: "reasoning_details" }, "a")).toEqual({
      role: "assistant",
      content: "A",
      reasoning: "T",
    });
    expect(last(own("a"), { reasoningHistory: "reasoning" }, "a")).toEqual({
      role: "assistant",
      content: "A",
      reasoning: "T",
    });
    expect(last(own("a", { kind: "none" }), { reasoningHistory: "reasoning" }, "a")).toEqual({
      role: "assistant",
      content: "A",
    });
  });

  it("takes a turn that held nothing else with it, and leaves tool turns", () => {
    const thinking = { type: "thinking", thinking: "T", signature: "S" };
    expect(messagesOf([user("q"), assistant(thinking), user("r")]).map(({ role }) => role)).toEqual(["user", "user"]);
    expect(
      messagesOf([user("q"), assistant(thinking, call("a")), user([result("a", "1")])]).map(({ role }) => role),
    ).toEqual(["user", "assistant", "tool"]);
  });

  it("is refused where its envelope nests without end", () => {
    let details: unknown = "x";
    for (let level = 0; level < 2000; level += 1) details = [details];
    const forged = own("a", { kind: "rd", details: [details] });
    expect(() => last(forged, { reasoningHistory: "reasoning_details" }, "a")).toThrow(
      /^messages\.1\.content\.0\.signature: /,
    );
  });
});

describe("server-side blocks of a history", () => {
  const digest = (...blocks: readonly unknown[]): unknown =>
    messagesOf([user("q"), assistant(...blocks), user("r")])[1]?.content;

  it.each([
    [{ type: "mcp_tool_use", id: "m", server_name: "s", name: "n", input: { a: 1 } }, '[s.n {"a":1}]'],
    [{ type: "mcp_tool_result", tool_use_id: "m", content: [{ type: "text", text: "R" }] }, "[result: R]"],
    [{ type: "mcp_tool_result", tool_use_id: "m", is_error: true, content: "R" }, "[error: R]"],
    [
      {
        type: "web_search_tool_result",
        content: { type: "web_search_tool_result_error", error_code: "max_uses_exceeded" },
      },
      "[failed: max_uses_exceeded]",
    ],
    [
      {
        type: "web_fetch_tool_result",
        content: {
          type: "web_fetch_result",
          url: "https://x",
          content: { type: "document", title: "T", source: { type: "text", data: "P" } },
        },
      },
      '[fetched https://x]\n<document title="T">\nP\n</document>',
    ],
    [
      {
        type: "bash_code_execution_tool_result",
        content: { type: "bash_code_execution_result", stdout: "O", stderr: "E", return_code: 2 },
      },
      "[output: O\nE\nexit code 2]",
    ],
    [{ type: "advisor_tool_result", content: { type: "advisor_result", text: "V" } }, "[result: V]"],
    [{ type: "container_upload", file_id: "file_1" }, "[file file_1]"],
    [
      { type: "tool_search_tool_result", content: { tool_references: [{ type: "tool_reference", tool_name: "h" }] } },
      '<functions>\n<function>{"name": "h"}</function>\n</functions>',
    ],
  ])("%j becomes %j", (block, expected) => {
    expect(digest(block)).toBe(expected);
  });

  it("never show what is encrypted, and vanish where they say nothing", () => {
    const search = { type: "web_search_tool_result", content: [{ title: "T", url: "u", encrypted_content: "SECRET" }] };
    expect(digest(search)).toBe("[results: T u]");
    expect(digest({ type: "fallback", from: {}, to: {} }, text("A"))).toBe("A");
  });
});

describe("tools", () => {
  const tool = (name: string, more: object = {}): object => ({
    name,
    description: "d",
    input_schema: { type: "object" },
    ...more,
  });
  const namesOf = (
    tools: unknown,
    messages: readonly object[] = [user("q")],
    profile: ProfileOverride = {},
  ): readonly string[] =>
    (translate({ messages, tools }, { profile }).body.tools ?? []).map((one) => one.function.name);

  it("that are deferred come in once they were found, added or called", () => {
    const tools = [
      tool("a"),
      tool("b", { defer_loading: true }),
      tool("c", { defer_loading: true }),
      tool("d", { defer_loading: true }),
    ];
    expect(namesOf(tools)).toEqual(["a"]);
    const addition = { type: "tool_addition", tool: { type: "tool_reference", name: "c" } };
    expect(
      namesOf(tools, [user("q"), assistant(call("1", "b")), user([result("1", "x")]), system([addition])]),
    ).toEqual(["a", "b", "c"]);
  });

  it("come and go inside the conversation", () => {
    const definition = { type: "tool_addition", tool: { type: "tool_definition", definition: tool("new") } };
    const removal = { type: "tool_removal", tool: { type: "tool_reference", name: "a" } };
    expect(namesOf([tool("a"), tool("b")], [user("q"), system([definition, removal])])).toEqual(["b", "new"]);
    const again = { type: "tool_addition", tool: { type: "tool_reference", name: "a" } };
    expect(namesOf([tool("a")], [user("q"), system([removal]), system([again])])).toEqual(["a"]);
  });

  it("stay when a server's tool of the same name goes", () => {
    const reference = { type: "mcp_tool_reference", server_name: "s", name: "a" };
    const tools = namesOf([tool("a")], [user("q"), system([{ type: "tool_removal", tool: reference }])]);
    expect(tools).toEqual(["a"]);
  });

  it("are cut to the limit, deferred ones first, in their order", () => {
    const tools = [tool("d", { defer_loading: true }), tool("a"), tool("b"), tool("c")];
    const loaded = [user("q"), assistant(call("1", "d")), user([result("1", "x")])];
    expect(namesOf(tools, loaded, { maxTools: 3 })).toEqual(["a", "b", "c"]);
    expect(codes(translate({ messages: loaded, tools }, { profile: { maxTools: 3 } }))).toEqual(["tools_truncated"]);
  });

  it("of Anthropic's that the client runs have schemas", () => {
    const { body } = translate({
      messages: [user("q")],
      tools: [
        { type: "text_editor_20250728", name: "str_replace_based_edit_tool", max_characters: 100 },
        { type: "text_editor_20250124", name: "str_replace_editor" },
        { type: "memory_20250818", name: "memory" },
      ],
    });
    const commands = body.tools?.map(
      (one) => (one.function.parameters["properties"] as { command: { enum: string[] } }).command.enum,
    );
    expect(commands?.map((list) => list.includes("undo_edit"))).toEqual([false, true, false]);
    expect(commands?.[2]).toContain("rename");
  });

  it("of a later kind are sent where they tell a schema, and dropped with a warning where they do not", () => {
    expect(namesOf([tool("x", { type: "custom_2027" })])).toEqual(["x"]);
    const translation = translate({
      messages: [user("q")],
      tools: [
        { type: "mcp_toolset", mcp_server_name: "s" },
        { type: "computer_toolset_20260801" },
        { name: "" },
        3,
        null,
      ],
    });
    expect(translation.body.tools).toBeUndefined();
    expect(translation.warnings.map(({ message }) => message)).toEqual([
      "server tool s dropped",
      "server tool computer_toolset_20260801 dropped",
      "tool without a name dropped",
      "a tool that is no object dropped",
    ]);
  });

  it("are named in a choice as they are sent, and never where they are not", () => {
    const long = "x".repeat(80);
    const choose = (name: string): unknown =>
      translate({ messages: [user("q")], tools: [tool(long)], tool_choice: { type: "tool", name } }).body.tool_choice;
    const { body, context } = translate({
      messages: [user("q")],
      tools: [tool(long)],
      tool_choice: { type: "tool", name: long },
    });
    const name = body.tools?.[0]?.function.name ?? "";
    expect(body.tool_choice).toEqual({ type: "function", function: { name } });
    expect(context.toolNames.get(name)).toBe(long);
    expect(choose("gone")).toBeUndefined();
  });

  it("keep strict where the schema allows it and the vendor takes it", () => {
    const input_schema = { type: "object", properties: {}, required: [], additionalProperties: false };
    const strictOf = (profile: ProfileOverride): unknown =>
      translate({ messages: [user("q")], tools: [tool("f", { strict: true, input_schema })] }, { profile }).body
        .tools?.[0]?.function.strict;
    const whole = { toolSchema: "json-schema", strictTools: true } as const;
    expect(strictOf(whole)).toBe(true);
    expect(strictOf({ ...whole, strictTools: false })).toBeUndefined();
    expect(strictOf({ ...whole, omitSchema: ["default"] })).toBeUndefined();
    expect(strictOf({})).toBeUndefined();
  });
});

describe("cache marks", () => {
  const tool = (name: string, more: object = {}): object => ({ name, input_schema: { type: "object" }, ...more });
  const many = [
    user([text("1", marked), text("2", marked)]),
    assistant(text("3", marked), call("a")),
    user([result("a", "4", marked)]),
    user([text("5", marked), text("6", marked)]),
  ];

  it("are kept on the last four places", () => {
    const flat = (profile: ProfileOverride): string =>
      JSON.stringify(translate({ system: [text("0", marked)], messages: many }, { profile }).body.messages);
    const breakpoints = flat({ cacheControl: "openai-breakpoint" });
    expect(breakpoints.match(/"text":"(\d)","prompt_cache_breakpoint"/g)?.map((one) => one[8])).toEqual([
      "2",
      "4",
      "5",
      "6",
    ]);
    const passed = flat({ cacheControl: "pass" });
    expect(passed.match(/"text":"(\d)","cache_control"/g)?.map((one) => one[8])).toEqual(["3", "4", "5", "6"]);
  });

  it("of tools and of the request itself are passed on too, and count among the four", () => {
    const request = { system: [text("0", marked)], tools: [tool("f", marked), tool("g")], messages: many };
    const passed = translate({ ...request, ...marked }, { profile: { cacheControl: "pass" } });
    expect(passed.body.cache_control).toEqual({ type: "ephemeral" });
    expect(JSON.stringify(passed.body).match(/cache_control/g)).toHaveLength(4);
    expect(passed.warnings).toEqual([]);
    const first = translate(
      { tools: [tool("f", marked), tool("g")], messages: [user("q")] },
      { profile: { cacheControl: "pass" } },
    );
    expect(first.body.tools).toMatchObject([{ cache_control: { type: "ephemeral" } }, { function: { name: "g" } }]);
    expect(first.body.tools?.[1]).not.toHaveProperty("cache_control");
  });

  it("of tools and of the request have no place among OpenAI's breakpoints, nor where they are taken out, and that is said", () => {
    for (const cacheControl of ["openai-breakpoint", "strip"] as const) {
      for (const marks of [{ tools: [tool("f", marked)] }, marked]) {
        const { body, warnings } = translate({ messages: [user("q")], ...marks }, { profile: { cacheControl } });
        expect(JSON.stringify(body)).not.toMatch(/cache/);
        expect(warnings).toMatchObject([{ code: "cache_control_dropped" }]);
      }
    }
  });

  it("are lost on a result that says nothing, for a blank text cannot carry one", () => {
    for (const blank of ["", " \n"]) {
      const messages = [user("q"), assistant(call("a")), user([result("a", blank, marked)])];
      expect(messagesOf(messages, { cacheControl: "pass" }).at(-1)).toMatchObject({ role: "tool", content: blank });
    }
  });

  it("hold nothing of the client's but a lifetime", () => {
    const odd = { cache_control: { type: "ephemeral", ttl: "1h", scope: { a: 1 } } };
    expect(messagesOf([user([text("a", odd)])], { cacheControl: "pass" })).toEqual([
      { role: "user", content: [{ type: "text", text: "a", cache_control: { type: "ephemeral", ttl: "1h" } }] },
    ]);
  });
});

describe("the rest of a request", () => {
  it("gives a demanded format to a vendor without schemas in words", () => {
    const output_config = {
      format: { type: "json_schema", schema: { type: "object", properties: { t: { type: "string" } } } },
    };
    const { body } = translate(
      { system: "S", messages: [user("q")], output_config },
      { profile: { jsonSchema: false } },
    );
    expect(body.response_format).toEqual({ type: "json_object" });
    expect(body.messages[0]?.content).toMatch(/^S\n\nAnswer with one JSON object .*JSON Schema.*:\n\{"type":"object"/s);
  });

  it("names the user by a hash that is the same in all sessions", () => {
    const userOf = (user_id: string): unknown =>
      translate({ messages: [user("q")], metadata: { user_id } }, { profile: { user: "hash" } }).body.user;
    expect(userOf('{"device_id":"d","session_id":"1"}')).toBe(userOf('{"device_id":"d","session_id":"2"}'));
    expect(userOf("user_abc_account__session_1-2")).toBe(userOf("user_abc_account__session_3-4"));
    expect(userOf('{"device_id":"d"}')).not.toBe(userOf('{"device_id":"e"}'));
  });

  it("reads the session of older clients too", () => {
    const metadata = { user_id: "user_abc_account__session_11111111-2222" };
    expect(
      translate({ messages: [user("q")], metadata }, { profile: { promptCacheKey: true } }).body.prompt_cache_key,
    ).toBe("11111111-2222");
  });

  it("warns of every member that it leaves out, once, and shows nothing of its value", () => {
    const translation = translate({
      messages: [user("q")],
      safeguards: [{ type: "SECRET" }],
      betas: ["b"],
      "we\nird": 1,
      container: null,
    });
    expect(translation.warnings).toEqual([
      { code: "member_dropped", message: "safeguards dropped", path: "safeguards" },
      { code: "member_dropped", message: "betas dropped", path: "betas" },
      { code: "member_dropped", message: "we_ird dropped", path: "we_ird" },
    ]);
  });

  it("leaves the answer's translators what they need", () => {
    const { context } = translate(
      { messages: [user("q")], stream: true, stop_sequences: ["a", "", 3, "b"] },
      { model: "gpt-5", provider: "p", profile: { thinkTags: true } },
    );
    expect(context).toMatchObject({
      requestedModel: "claude-x",
      stream: true,
      provider: "p",
      stopSequences: ["a", "b"],
      localStopSequences: ["a", "b"],
      thinkTags: true,
    });
    expect(context.estimatedInputTokens).toBeGreaterThan(0);
  });

  it("sends sampling to a reasoning model only where it is told not to think", () => {
    const request = { messages: [user("q")], temperature: 0.5, thinking: { type: "disabled" } };
    expect(translate(request, { model: "gpt-5.2" }).body).toMatchObject({ reasoning_effort: "none", temperature: 0.5 });
    expect(translate(request, { model: "gpt-5" }).body).not.toHaveProperty("temperature");
  });

  it.each([
    ["gpt-5.2", {}, true],
    ["gpt-5.4-mini", {}, true],
    ["gpt-5.2", { output_config: { effort: "low" } }, false],
    ["gpt-5.5", {}, false],
    ["gpt-5.5", { thinking: { type: "disabled" } }, true],
    ["gpt-5.2-pro", {}, false],
    ["gpt-5.1-codex", {}, false],
  ])("sends sampling to %s with %j: %s", (model, wish, isSent) => {
    const { body } = translate({ messages: [user("q")], temperature: 0.5, ...wish }, { model });
    expect("temperature" in body).toBe(isSent);
  });

  it("loses the billing line of a system prompt, and only that", () => {
    const header = "x-anthropic-billing-header: cc_version=2.1.330.8d2; cch=1;";
    expect(translate({ system: `${header}\nYou are`, messages: [user("q")] }).body.messages[0]).toEqual({
      role: "system",
      content: "You are",
    });
    expect(translate({ system: [text(header)], messages: [user("q")] }).body.messages[0]).toEqual({
      role: "user",
      content: "q",
    });
  });
});

describe("what cannot be read", () => {
  let deep: unknown = 1;
  for (let level = 0; level < 20_000; level += 1) deep = { deep };

  it.each([
    [{ messages: [] }, "messages: at least one message is required"],
    [{ messages: null }, "messages: an array is required"],
    [{ messages: [user("q"), 3] }, "messages.1: an object is required"],
    [{ messages: [{ role: "tool", content: "x" }] }, "messages.0.role: user, assistant or system is required"],
    [{ messages: [{ content: "x" }] }, "messages.0.role: user, assistant or system is required"],
    [{ messages: [user(3)] }, "messages.0.content: a string or an array"],
    [{ messages: [user(["x"])] }, "messages.0.content.0: an object is required"],
    [{ messages: [user([{ type: "text", text: 3 }])] }, "messages.0.content.0.text: a string is required"],
    [
      { messages: [user("q"), assistant({ type: "tool_use", name: "f" })] },
      "messages.1.content.0.id: a string is required",
    ],
    [
      { messages: [user("q"), assistant({ type: "tool_use", id: "a" })] },
      "messages.1.content.0.name: a string is required",
    ],
    [{ messages: [user([result("a", 3)])] }, "messages.0.content.0.content: a string or an array"],
    [{ messages: [user([{ type: "tool_result" }])] }, "messages.0.content.0.tool_use_id: a string is required"],
    [
      { messages: [user("q"), assistant(call("a", "f", deep))] },
      "messages.1.content.0.input: this value cannot be written as JSON",
    ],
    [{ messages: [user("q")], system: 3 }, "system: a string or an array"],
    [{ messages: [user("q")], system: [3] }, "system.0: an object is required"],
    [{ messages: [user("q")], tools: 3 }, "tools: an array is required"],
    [
      { messages: [user("q")], tools: [{ name: "f", input_schema: deep }] },
      "tools.0.input_schema: this value is nested too deeply",
    ],
    [
      { messages: [user("q")], output_config: { format: { type: "json_schema", schema: deep } } },
      "output_config.format.schema: this value is nested",
    ],
    [{ messages: [user("q")], max_tokens: "10" }, "max_tokens: a whole number"],
    [{ messages: [user("q")], max_tokens: -1 }, "max_tokens: a whole number"],
    [{ messages: [user("q")], stop_sequences: "a" }, "stop_sequences: an array is required"],
  ])("is refused with its place: %#", (request, message) => {
    let thrown: unknown;
    try {
      translate(request);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({
      name: "CcpbError",
      code: "invalid_request",
      status: 400,
      type: "invalid_request_error",
    });
    expect((thrown as Error).message.startsWith(message)).toBe(true);
  });

  it("is refused for a request that is none", () => {
    for (const request of [null, 3, "x", []]) {
      expect(() => toChatRequest(request as unknown as MessagesRequest, { model: "m" })).toThrow(
        /^the request: an object is required/,
      );
    }
  });

  it("does not reach prototypes by way of __proto__", () => {
    const request = JSON.parse(
      '{"model":"m","__proto__":{"polluted":1},"messages":[{"role":"user","content":"q","__proto__":{"role":"x"}},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"__proto__","input":{"__proto__":{"polluted":1}}}]}],"tools":[{"name":"__proto__","input_schema":{"type":"object"}}]}',
    ) as MessagesRequest;
    const { body } = toChatRequest(request, { model: "m" });
    expect(body.tools?.[0]?.function.name).toBe("__proto__");
    expect(JSON.stringify(body.messages[1])).toContain(String.raw`"arguments":"{\"__proto__\":{\"polluted\":1}}"`);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});
