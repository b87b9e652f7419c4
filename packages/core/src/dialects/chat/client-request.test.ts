import type OpenAI from "openai";
import { describe, expect, expectTypeOf, it } from "vitest";
import { CcpbError } from "../../base/errors.ts";
import { readSignature } from "../../conversation/ids/signature.ts";
import { decodeToolId, encodeToolId, readThoughtSignature } from "../../conversation/ids/tool-ids.ts";
import { chatRequestFields } from "./client-fields.ts";
import { chatToMessages } from "./client-request.ts";

const hi = { role: "user", content: "hi" };
const read = (members: object) => chatToMessages({ model: "gpt-x", messages: [hi], ...members });
const turns = (...messages: object[]) => chatToMessages({ model: "gpt-x", messages }).request;
const codes = (members: object) => read(members).warnings.map(({ code }) => code);
function refusal(members: object): string {
  try {
    read(members);
  } catch (error) {
    expect(error).toBeInstanceOf(CcpbError);
    expect(error).toMatchObject({ code: "invalid_request", status: 400 });
    return (error as CcpbError).message;
  }
  return "accepted";
}

const f = { type: "function", function: { name: "f", description: "d", parameters: { type: "object" } } };
const g = { type: "function", function: { name: "g", parameters: { type: "object" } } };

describe("the table of members", () => {
  it("has a row for every member of the current API, and for each that it names a type of the API or an extension", () => {
    const rows = new Set(chatRequestFields.map(({ path }) => path));
    const members: Record<keyof OpenAI.ChatCompletionCreateParams, true> = {
      messages: true,
      model: true,
      audio: true,
      frequency_penalty: true,
      function_call: true,
      functions: true,
      logit_bias: true,
      logprobs: true,
      max_completion_tokens: true,
      max_tokens: true,
      metadata: true,
      modalities: true,
      moderation: true,
      n: true,
      parallel_tool_calls: true,
      prediction: true,
      presence_penalty: true,
      prompt_cache_key: true,
      prompt_cache_options: true,
      prompt_cache_retention: true,
      reasoning_effort: true,
      response_format: true,
      safety_identifier: true,
      seed: true,
      service_tier: true,
      stop: true,
      store: true,
      stream: true,
      stream_options: true,
      temperature: true,
      tool_choice: true,
      tools: true,
      top_logprobs: true,
      top_p: true,
      user: true,
      verbosity: true,
      web_search_options: true,
    };
    expectTypeOf<keyof typeof members>().toEqualTypeOf<keyof OpenAI.ChatCompletionCreateParams>();
    expect(Object.keys(members).filter((name) => !rows.has(name))).toEqual([]);
    expect(rows.size).toBe(chatRequestFields.length);
  });

  /** A value of each member that asks for something. */
  const asked: Readonly<Record<string, unknown>> = {
    seed: 7,
    frequency_penalty: 0.5,
    presence_penalty: -1,
    logit_bias: { "50256": -100 },
    verbosity: "low",
    service_tier: "flex",
    prompt_cache_key: "k",
    prompt_cache_retention: "24h",
    metadata: { a: "b" },
    store: true,
    prompt_cache_options: { mode: "explicit" },
    prediction: { type: "content", content: "x" },
    n: 2,
    logprobs: true,
    top_logprobs: 3,
    audio: { voice: "alloy", format: "mp3" },
    modalities: ["text", "audio"],
    moderation: { model: "omni" },
  };

  it.each(chatRequestFields.filter(({ treatment }) => treatment !== "carried").map((row) => [row.path, row] as const))(
    "says what becomes of %s",
    (path, { treatment }) => {
      const value = asked[path];
      expect(value).toBeDefined();
      if (treatment === "refused") {
        expect(refusal({ [path]: value })).toMatch(new RegExp(`^${path}: `));
      } else if (treatment === "extra") {
        const { extras, warnings } = read({ [path]: value });
        expect(extras).toEqual({ [path]: value });
        expect(warnings).toEqual([]);
      } else expect(codes({ [path]: value })).toEqual(["member_dropped"]);
    },
  );

  it.each(chatRequestFields.map(({ path }) => path).filter((path) => path !== "model" && path !== "messages"))(
    "takes null for an absent %s",
    (path) => {
      const { request, extras, warnings } = read({ [path]: null });
      expect({ request, extras, warnings }).toEqual({
        request: { model: "gpt-x", messages: [hi] },
        extras: {},
        warnings: [],
      });
    },
  );

  it("passes over what asks for nothing", () => {
    const { extras, warnings } = read({
      n: 1,
      logprobs: false,
      top_logprobs: 0,
      modalities: ["text"],
      frequency_penalty: 0,
      presence_penalty: 0,
      logit_bias: {},
      store: false,
      metadata: {},
      service_tier: "auto",
    });
    expect({ extras, warnings }).toEqual({ extras: {}, warnings: [] });
  });

  it("warns about members that it does not know, and refuses extras of another type", () => {
    expect(read({ "we ird": 1 }).warnings).toEqual([
      { code: "member_dropped", message: "we_ird dropped", path: "we_ird" },
    ]);
    expect(refusal({ seed: "x" })).toBe("seed: a number is required");
    expect(refusal({ metadata: "x" })).toBe("metadata: an object is required");
    expect(refusal({ user: 3 })).toBe("user: a string is required");
  });
});

describe("settings", () => {
  it.each([
    [{ max_tokens: 5 }, { max_tokens: 5 }],
    [{ max_tokens: 5, max_completion_tokens: 7 }, { max_tokens: 7 }],
    [
      { temperature: 0.3, top_p: 0.9, top_k: 4 },
      { temperature: 0.3, top_p: 0.9, top_k: 4 },
    ],
    [{ temperature: 1.7 }, { temperature: 1 }],
    [{ top_k: -1 }, {}],
    [{ stop: "END" }, { stop_sequences: ["END"] }],
    [{ stop: ["a", "", "b"] }, { stop_sequences: ["a", "b"] }],
    [{ stream: true }, { stream: true }],
    [{ stream: false }, {}],
    [{ user: "u" }, { metadata: { user_id: "u" } }],
    [{ user: "u", safety_identifier: "s" }, { metadata: { user_id: "s" } }],
    [{ reasoning_effort: "none" }, { thinking: { type: "disabled" } }],
    [{ reasoning_effort: "minimal" }, { thinking: { type: "adaptive" }, output_config: { effort: "low" } }],
    [{ reasoning_effort: "xhigh" }, { thinking: { type: "adaptive" }, output_config: { effort: "xhigh" } }],
    [{ reasoning: { effort: "high" } }, { thinking: { type: "adaptive" }, output_config: { effort: "high" } }],
    [{ reasoning: { max_tokens: 2000 } }, { thinking: { type: "enabled", budget_tokens: 2000 } }],
    [{ reasoning: { enabled: false } }, { thinking: { type: "disabled" } }],
    [{ thinking: { type: "enabled", budget_tokens: 10 } }, { thinking: { type: "enabled", budget_tokens: 1024 } }],
    [{ thinking: { type: "enabled" } }, { thinking: { type: "adaptive" } }],
    [{ enable_thinking: false }, { thinking: { type: "disabled" } }],
    [{ enable_thinking: true, thinking_budget: 3000 }, { thinking: { type: "enabled", budget_tokens: 3000 } }],
    [{ response_format: { type: "text" } }, {}],
    [
      {
        response_format: { type: "json_schema", json_schema: { name: "n", schema: { type: "object" }, strict: true } },
      },
      { output_config: { format: { type: "json_schema", schema: { type: "object" } } } },
    ],
    [{ cache_control: { type: "ephemeral" } }, { cache_control: { type: "ephemeral" } }],
  ])("reads %j", (members, expected) => {
    expect(read(members).request).toEqual({ model: "gpt-x", messages: [hi], ...expected });
  });

  it("asks for a JSON object in the system prompt", () => {
    const { request, warnings } = read({ response_format: { type: "json_object" } });
    expect(request.system).toEqual([{ type: "text", text: expect.stringMatching(/one JSON object and nothing else/) }]);
    expect(warnings.map(({ code }) => code)).toEqual(["json_object_as_instruction"]);
  });

  it.each([
    [{ max_tokens: 0 }, "max_tokens: a whole number of at least 1 is required"],
    [{ temperature: 3 }, "temperature: a number from 0 to 2 is required"],
    [{ stop: [1] }, "stop[0]: a string is required"],
    [{ reasoning_effort: "huge" }, "reasoning_effort: none, minimal, low, medium, high, xhigh or max is required"],
    [
      { response_format: { type: "xml" } },
      "response_format.type: xml is not supported; text, json_object and json_schema are",
    ],
    [{ response_format: { type: "json_schema" } }, "response_format.json_schema.schema: a JSON Schema is required"],
    [{ model: undefined }, "model: a string is required"],
    [{ messages: [] }, "messages: at least one message is required"],
    [{ messages: "hi" }, "messages: an array is required"],
    [{ messages: [{ role: "user", content: "" }] }, "messages: there is nothing to send, every message is empty"],
    [
      { messages: [{ role: "robot", content: "x" }] },
      "messages[0].role: system, developer, user, assistant, tool or function is required",
    ],
  ])("refuses %j", (members, message) => {
    expect(refusal(members)).toBe(message);
  });

  it("leaves thinking out where a call is forced, and keeps the effort", () => {
    const forced = { tools: [f], tool_choice: "required" };
    expect(read({ ...forced, reasoning_effort: "high" }).request).toMatchObject({ output_config: { effort: "high" } });
    expect(read({ ...forced, reasoning_effort: "high" }).request).not.toHaveProperty("thinking");
    expect(codes({ ...forced, thinking: { type: "enabled", budget_tokens: 2000 } })).toEqual(["thinking_off"]);
    expect(read({ ...forced, reasoning_effort: "none" }).request).toMatchObject({ thinking: { type: "disabled" } });
  });

  it("tells the writer of the answer about usage and the request", () => {
    const { context } = read({ stream: true, stream_options: { include_usage: true } });
    expect(context).toMatchObject({ model: "gpt-x", includeUsage: true, request: { model: "gpt-x" } });
    expect(read({}).context.includeUsage).toBe(false);
    expect(codes({ stream_options: { include_obfuscation: true } })).toEqual(["obfuscation_dropped"]);
  });
});

describe("tools", () => {
  const F = { name: "f", description: "d", input_schema: { type: "object" } };
  const G = { name: "g", input_schema: { type: "object" } };

  it.each([
    [{ tools: [f, g] }, { tools: [F, G] }],
    [
      { tools: [f], tool_choice: "auto" },
      { tools: [F], tool_choice: { type: "auto" } },
    ],
    [
      { tools: [f], tool_choice: "required" },
      { tools: [F], tool_choice: { type: "any" } },
    ],
    [
      { tools: [f], tool_choice: "none" },
      { tools: [F], tool_choice: { type: "none" } },
    ],
    [
      { tools: [f, g], tool_choice: { type: "function", function: { name: "g" } } },
      { tools: [F, G], tool_choice: { type: "tool", name: "g" } },
    ],
    [
      { tools: [f], parallel_tool_calls: false },
      { tools: [F], tool_choice: { type: "auto", disable_parallel_tool_use: true } },
    ],
    [
      { tools: [f], parallel_tool_calls: false, tool_choice: "none" },
      { tools: [F], tool_choice: { type: "none" } },
    ],
    [{ tools: [f], parallel_tool_calls: true }, { tools: [F] }],
    [
      {
        tools: [f, g],
        tool_choice: {
          type: "allowed_tools",
          allowed_tools: { mode: "required", tools: [{ type: "function", function: { name: "f" } }] },
        },
      },
      { tools: [F], tool_choice: { type: "any" } },
    ],
    [{ tools: [], parallel_tool_calls: false, tool_choice: "auto" }, {}],
    [
      { functions: [f.function], function_call: { name: "f" } },
      { tools: [F], tool_choice: { type: "tool", name: "f", disable_parallel_tool_use: true } },
    ],
    [{ functions: [f.function] }, { tools: [F], tool_choice: { type: "auto", disable_parallel_tool_use: true } }],
    [
      { tools: [{ type: "function", function: { name: "f", strict: true, parameters: { properties: { a: {} } } } }] },
      { tools: [{ name: "f", strict: true, input_schema: { type: "object", properties: { a: {} } } }] },
    ],
    [
      { tools: [{ type: "function", function: { name: "f" } }] },
      { tools: [{ name: "f", input_schema: { type: "object", properties: {} } }] },
    ],
    [
      { web_search_options: { user_location: { type: "approximate", approximate: { city: "Wien", country: "AT" } } } },
      {
        tools: [
          {
            type: "web_search_20250305",
            name: "web_search",
            user_location: { type: "approximate", city: "Wien", country: "AT" },
          },
        ],
      },
    ],
  ])("reads %j", (members, expected) => {
    const { request, warnings } = read(members);
    expect(request).toEqual({ model: "gpt-x", messages: [hi], ...expected });
    expect(warnings).toEqual([]);
  });

  it("makes a function with one string member of a custom tool, and keeps the client's own for the answer", () => {
    const tool = {
      type: "custom",
      custom: {
        name: "patch",
        description: "p",
        format: { type: "grammar", grammar: { syntax: "lark", definition: "S: /x/" } },
      },
    };
    const { request, extras, context } = read({
      tools: [tool],
      tool_choice: { type: "custom", custom: { name: "patch" } },
    });
    expect(request.tools).toEqual([
      {
        name: "patch",
        description: "p",
        input_schema: {
          type: "object",
          properties: { input: { type: "string", description: "The input must follow this lark grammar:\nS: /x/" } },
          required: ["input"],
          additionalProperties: false,
        },
      },
    ]);
    expect(request).toMatchObject({ tool_choice: { type: "tool", name: "patch" } });
    expect(extras.customTools).toEqual(new Map([["patch", tool]]));
    expect(context.customTools).toEqual(extras.customTools);
  });

  it.each([
    [{ tools: [{ type: "file_search" }] }, "tools[0].type: file_search is not supported; function and custom are"],
    [{ tools: [f, { type: "function", function: {} }] }, "tools[1].function.name: a name is required"],
    [
      { tools: [f], tool_choice: { type: "function", function: { name: "x" } } },
      "tool_choice: the tool x is not among the tools of the request",
    ],
    [{ tools: [f], tool_choice: "maybe" }, "tool_choice: none, auto, required or an object is required"],
  ])("refuses %j", (members, message) => {
    expect(refusal(members)).toBe(message);
  });
});

describe("messages", () => {
  it("makes the system prompt of those in front, and leaves later ones in place", () => {
    expect(
      turns({ role: "system", content: "a" }, { role: "developer", content: [{ type: "text", text: "b" }] }, hi, {
        role: "developer",
        content: "c",
      }),
    ).toEqual({
      model: "gpt-x",
      system: [
        { type: "text", text: "a" },
        { type: "text", text: "b" },
      ],
      messages: [hi, { role: "system", content: "c" }],
    });
  });

  it("answers a conversation of instructions alone", () => {
    const { request, warnings } = read({
      messages: [
        { role: "system", content: "a" },
        { role: "system", content: "b" },
      ],
    });
    expect(request).toMatchObject({ system: [{ text: "a" }], messages: [{ role: "user", content: "b" }] });
    expect(warnings.map(({ code }) => code)).toEqual(["system_as_user"]);
  });

  const png = "data:image/png;base64,iVBORw0KGgo=";
  it.each([
    [
      { type: "text", text: "x", prompt_cache_breakpoint: { mode: "explicit" } },
      { type: "text", text: "x", cache_control: { type: "ephemeral" } },
    ],
    [
      { type: "image_url", image_url: { url: png } },
      { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } },
    ],
    [
      { type: "image_url", image_url: "https://a.test/x.png" },
      { type: "image", source: { type: "url", url: "https://a.test/x.png" } },
    ],
    [
      { type: "image_url", image_url: { url: "data:image/jpg;base64,AA\nAA" } },
      { type: "image", source: { type: "base64", media_type: "image/jpeg", data: "AAAA" } },
    ],
    [
      { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0=" } },
      { type: "document", source: { type: "base64", media_type: "application/pdf", data: "JVBERi0=" }, title: "a.pdf" },
    ],
    [
      { type: "file", file: { file_data: "JVBERi0xLjQ=" } },
      { type: "document", source: { type: "base64", media_type: "application/pdf", data: "JVBERi0xLjQ=" } },
    ],
    [
      { type: "file", file: { filename: "a.txt", file_data: "data:text/plain;base64,w6R4" } },
      { type: "document", source: { type: "text", media_type: "text/plain", data: "äx" }, title: "a.txt" },
    ],
    [
      { type: "file", file: { file_data: png } },
      { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } },
    ],
  ])("reads the part %j", (part, block) => {
    expect(turns({ role: "user", content: [part, { type: "text", text: "?" }] }).messages).toEqual([
      { role: "user", content: [block, { type: "text", text: "?" }] },
    ]);
  });

  it.each([
    [{ type: "input_audio", input_audio: { data: "", format: "wav" } }, /^messages\[0\]\.content\[0\]: audio input/],
    [{ type: "video_url", video_url: {} }, /^messages\[0\]\.content\[0\]\.type: video_url is not supported/],
    [{ type: "image_url", image_url: { url: "file:///etc/passwd" } }, /^messages\[0\]\.content\[0\]\.image_url\.url: /],
    [{ type: "file", file: { file_id: "file-1" } }, /^messages\[0\]\.content\[0\]\.file\.file_id: /],
    [
      { type: "file", file: { file_data: "data:application/zip;base64,AAAA" } },
      /^messages\[0\]\.content\[0\]\.file\.file_data: /,
    ],
    [{ type: "text" }, /^messages\[0\]\.content\[0\]\.text: a string is required/],
    [null, /^messages\[0\]\.content\[0\]: a content part is required/],
  ])("refuses the part %j with its place", (part, message) => {
    expect(refusal({ messages: [{ role: "user", content: [part] }] })).toMatch(message);
  });

  const call = (id: string, name = "f", args = '{"a":1}') => ({
    id,
    type: "function",
    function: { name, arguments: args },
  });

  it("puts results directly behind their calls, whatever the client puts between", () => {
    expect(
      turns(
        hi,
        { role: "assistant", content: "t", tool_calls: [call("c1"), call("c2", "g", "")] },
        { role: "tool", tool_call_id: "c2", content: "two" },
        { role: "user", content: "and" },
        { role: "tool", tool_call_id: "c1", content: [{ type: "text", text: "one" }] },
        { role: "user", content: "more" },
      ).messages,
    ).toEqual([
      hi,
      {
        role: "assistant",
        content: [
          { type: "text", text: "t" },
          { type: "tool_use", id: "c1", name: "f", input: { a: 1 } },
          { type: "tool_use", id: "c2", name: "g", input: {} },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "c2", content: "two" },
          { type: "tool_result", tool_use_id: "c1", content: "one" },
          { type: "text", text: "and" },
          { type: "text", text: "more" },
        ],
      },
    ]);
  });

  it("answers a call without a result as interrupted, and keeps a result without a call as text", () => {
    const { request, warnings } = read({
      messages: [
        hi,
        { role: "assistant", content: null, tool_calls: [call("c1")] },
        { role: "assistant", content: "x" },
        { role: "tool", tool_call_id: "c9", content: "late" },
      ],
    });
    expect(request.messages.slice(2)).toEqual([
      {
        role: "user",
        content: [{ type: "tool_result", tool_use_id: "c1", content: "[no result: the tool call was interrupted]" }],
      },
      { role: "assistant", content: "x" },
      {
        role: "user",
        content: [
          { type: "text", text: "[result of tool call c9]" },
          { type: "text", text: "late" },
        ],
      },
    ]);
    expect(warnings.map(({ code }) => code)).toEqual(["tool_result_added", "orphan_tool_result"]);
  });

  it("reads the older function calls and their results", () => {
    expect(
      turns(
        hi,
        { role: "assistant", content: null, function_call: { name: "f", arguments: "{}" } },
        { role: "function", name: "f", content: "1" },
      ).messages,
    ).toEqual([
      hi,
      { role: "assistant", content: [{ type: "tool_use", id: "call", name: "f", input: {} }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "call", content: "1" }] },
    ]);
  });

  it("tells an id of the client's from a code of ours for the same id", () => {
    const code = encodeToolId("functions.f:0");
    const [, message] = turns(hi, {
      role: "assistant",
      tool_calls: [call(code), call("functions.f:0"), call("call"), call("")],
    }).messages;
    const ids = ((message?.content ?? []) as unknown as { id: string }[]).map(({ id }) => id);
    expect(ids[0]).toBe(code);
    expect(new Set(ids).size).toBe(4);
  });

  it("reads calls of custom tools", () => {
    const custom = { id: "c1", type: "custom", custom: { name: "patch", input: "*** Begin" } };
    expect(turns(hi, { role: "assistant", tool_calls: [custom] }).messages[1]).toEqual({
      role: "assistant",
      content: [{ type: "tool_use", id: "c1", name: "patch", input: { input: "*** Begin" } }],
    });
  });

  it("gives each call an id of its own that the Messages API takes, and keeps Gemini's signature in it", () => {
    const gemini = { ...call("g1"), extra_content: { google: { thought_signature: "c2ln" } } };
    const { messages } = turns(
      hi,
      { role: "assistant", tool_calls: [call("functions.f:0"), gemini] },
      { role: "tool", tool_call_id: "functions.f:0", content: "1" },
      { role: "tool", tool_call_id: "g1", content: "2" },
      { role: "assistant", tool_calls: [call("functions.f:0")] },
      { role: "tool", tool_call_id: "functions.f:0", content: "3" },
    );
    const content = messages.flatMap(
      (message) => message.content as unknown as { type: string; id: string; tool_use_id: string }[],
    );
    const ids = content.flatMap(({ id }) => (id === undefined ? [] : [id]));
    expect(content.flatMap(({ tool_use_id: id }) => (id === undefined ? [] : [id]))).toEqual(ids);
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(ids.map((id) => decodeToolId(id))).toEqual(["functions.f:0", "g1", "functions.f:0"]);
    expect(readThoughtSignature(ids[1] ?? "")).toBe("c2ln");
  });

  it("shows the model the arguments that it wrote, also where they are no object", () => {
    const [, message] = turns(hi, {
      role: "assistant",
      tool_calls: [call("a", "f", "[1]"), call("b", "f", "{bad")],
    }).messages;
    expect(message?.content).toMatchObject([{ input: { value: [1] } }, { input: { value: "{bad" } }]);
  });

  it("takes refusals as text, passes over what asks for nothing, and warns about names", () => {
    const { request, warnings } = read({
      messages: [
        { ...hi, name: "ann" },
        { role: "assistant", content: null, refusal: "no", annotations: [], audio: null, function_call: null },
      ],
    });
    expect(request.messages[1]).toEqual({ role: "assistant", content: "no" });
    expect(warnings).toEqual([
      { code: "message_member_dropped", message: "name of messages dropped", path: "messages[0].name" },
    ]);
    expect(refusal({ messages: [{ role: "assistant", audio: { id: "a" } }] })).toMatch(/^messages\[0\]\.audio: /);
  });

  it("does not change the request, and gives the same for the same", () => {
    const body = {
      model: "m",
      messages: [
        { ...hi, content: [{ type: "text", text: "x" }] },
        { role: "assistant", tool_calls: [call("a b")] },
      ],
    };
    const before = structuredClone(body);
    expect(chatToMessages(body)).toEqual(chatToMessages(structuredClone(body)));
    expect(body).toEqual(before);
  });
});

describe("reasoning that comes back", () => {
  const blocksOf = (message: object) => turns(hi, { role: "assistant", ...message }, hi).messages[1]?.content;
  const entry = { type: "reasoning.text", format: "anthropic-claude-v1", index: 0, text: "hm", signature: "sig" };

  it("is the block that it was, with its signature", () => {
    expect(blocksOf({ content: "a", reasoning_content: "hm", reasoning_details: [entry] })).toEqual([
      { type: "thinking", thinking: "hm", signature: "sig" },
      { type: "text", text: "a" },
    ]);
  });

  it("takes the text from reasoning_content where a client has kept only the signature", () => {
    const { text: _, ...bare } = entry;
    expect(blocksOf({ content: "a", reasoning_content: "hm", reasoning_details: [bare] })).toMatchObject([
      { type: "thinking", thinking: "hm", signature: "sig" },
      { type: "text" },
    ]);
  });

  it("stands where it stood", () => {
    const details = [entry, { ...entry, index: 1, text: "so", position: { content_length: 3, tool_calls: 0 } }];
    expect(blocksOf({ content: "one\n\ntwo", reasoning_details: details })).toEqual([
      { type: "thinking", thinking: "hm", signature: "sig" },
      { type: "text", text: "one" },
      { type: "thinking", thinking: "so", signature: "sig" },
      { type: "text", text: "two" },
    ]);
  });

  it("may be data that only the provider can read", () => {
    const details = [{ type: "reasoning.encrypted", format: "anthropic-claude-v1", index: 0, data: "xyz" }];
    expect(blocksOf({ content: "a", reasoning_details: details })).toMatchObject([
      { type: "redacted_thinking", data: "xyz" },
      {},
    ]);
  });

  it("keeps the entries of other vendors in an envelope, and plain text as replayable text", () => {
    const foreign = [{ type: "reasoning.encrypted", data: "z", format: "openai-responses-v1" }];
    const [thought] = blocksOf({ content: "a", reasoning_details: foreign }) as unknown as { signature: string }[];
    expect(readSignature(thought?.signature)).toMatchObject({ origin: { kind: "rd", details: foreign } });
    const [plain] = blocksOf({ content: "a", reasoning_content: "hm" }) as unknown as { signature: string }[];
    expect(plain).toMatchObject({ type: "thinking", thinking: "hm" });
    expect(readSignature(plain?.signature)).toMatchObject({ origin: { kind: "rc" } });
  });
});

describe("what clients write in the way of another API", () => {
  const schema = { type: "object", properties: { path: { type: "string" } }, required: ["path"] };
  const call = { type: "tool_use", id: "toolu_1", name: "read", input: { path: "a" } };

  it("reads tools, calls and results of the Messages API, which Cursor sends for models of Claude", () => {
    const { request, warnings } = chatToMessages({
      model: "claude-x",
      tools: [
        { name: "read", description: "Reads.", input_schema: schema },
        { type: "custom", name: "list", input_schema: schema },
      ],
      tool_choice: { type: "tool", name: "read", disable_parallel_tool_use: true },
      messages: [
        hi,
        { role: "assistant", content: [{ type: "text", text: "I look." }, call, { ...call, id: "toolu_2" }] },
        {
          role: "user",
          content: [
            { type: "text", text: "Go on." },
            { type: "tool_result", tool_use_id: "toolu_2", content: [{ type: "text", text: "two" }] },
            { type: "tool_result", tool_use_id: "toolu_1", content: "one", is_error: true },
          ],
        },
      ],
    });
    expect(request).toMatchObject({
      tools: [
        { name: "read", description: "Reads.", input_schema: schema },
        { name: "list", input_schema: schema },
      ],
      tool_choice: { type: "tool", name: "read", disable_parallel_tool_use: true },
      messages: [
        hi,
        { role: "assistant", content: [{ type: "text", text: "I look." }, call, { ...call, id: "toolu_2" }] },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "toolu_2", content: "two" },
            { type: "tool_result", tool_use_id: "toolu_1", content: "one", is_error: true },
            { type: "text", text: "Go on." },
          ],
        },
      ],
    });
    expect(warnings).toEqual([]);
  });

  it("takes a part with the id of one of tool_calls for the same call, and one with another id or none for another", () => {
    const twin = { ...call, input: {} }; // streamed: its input stands in tool_calls alone
    const sent = [
      hi,
      {
        role: "assistant",
        content: [{ type: "text", text: "I look." }, twin, { ...call, id: "toolu_2" }, { ...call, id: "" }],
        tool_calls: [{ id: call.id, type: "function", function: { name: "read", arguments: '{"path":"a"}' } }],
      },
      { role: "tool", tool_call_id: "toolu_1", content: "one" },
      { role: "tool", tool_call_id: "toolu_2", content: "two" },
      { role: "tool", content: "three" },
    ];
    const { request, warnings } = chatToMessages({ model: "gpt-x", messages: sent });
    expect(request.messages.slice(1)).toEqual([
      {
        role: "assistant",
        content: [{ type: "text", text: "I look." }, call, { ...call, id: "toolu_2" }, { ...call, id: "call" }],
      },
      {
        role: "user",
        content: ["toolu_1", "toolu_2", "call"].map((id, index) => ({
          type: "tool_result",
          tool_use_id: id,
          content: ["one", "two", "three"][index],
        })),
      },
    ]);
    expect(warnings).toEqual([]);
  });

  it.each(["auto", "none", "any"])("reads the choice of tools %s as an object", (type) => {
    expect(read({ tools: [f], tool_choice: { type } }).request).toMatchObject({ tool_choice: { type } });
  });

  it("sends a result without its call as text", () => {
    const orphan = { type: "tool_result", tool_use_id: "toolu_9", content: "late" };
    const { request, warnings } = chatToMessages({ model: "m", messages: [{ role: "user", content: [orphan] }] });
    expect(request.messages).toEqual([
      {
        role: "user",
        content: [
          { type: "text", text: "[result of tool call toolu_9]" },
          { type: "text", text: "late" },
        ],
      },
    ]);
    expect(warnings.map(({ code }) => code)).toEqual(["orphan_tool_result"]);
  });

  const base64 = { type: "base64", media_type: "image/png", data: "AAAA" };
  const url = { type: "url", url: "https://a/b" };
  it.each([
    [
      { type: "image", source: base64 },
      { type: "image", source: base64 },
    ],
    [
      { type: "image", source: url },
      { type: "image", source: url },
    ],
    [
      { type: "document", source: url, title: "B" },
      { type: "document", source: url, title: "B" },
    ],
    [
      { type: "document", source: { type: "text", media_type: "text/plain", data: "x" } },
      { type: "document", source: { type: "text", media_type: "text/plain", data: "x" } },
    ],
    [
      { type: "input_image", image_url: "data:image/png;base64,AAAA" },
      { type: "image", source: base64 },
    ],
    [
      { type: "input_file", file_url: "https://a/b", filename: "b.pdf" },
      { type: "document", source: url, title: "b.pdf" },
    ],
  ])("reads the part %j", (part, block) => {
    const { request, warnings } = chatToMessages({ model: "m", messages: [{ role: "user", content: [part] }] });
    expect(request.messages).toEqual([{ role: "user", content: [block] }]);
    expect(warnings).toEqual([]);
  });

  it.each([
    [{ type: "image" }, "messages[0].content[0].source"],
    [{ type: "image", source: { type: "file", file_id: "f" } }, "messages[0].content[0].source"],
    [{ type: "image", source: { type: "base64", data: "AAAA" } }, "messages[0].content[0].source"],
    [{ type: "input_file", file_id: "f" }, "messages[0].content[0].file_id"],
    [{ type: "tool_use", id: "c" }, "messages[0].content[0].type"],
  ])("refuses the part %j of the user's by its place", (part, place) => {
    expect(refusal({ messages: [{ role: "user", content: [part] }] })).toMatch(
      new RegExp(`^${place.replace(/[[\]]/g, "\\$&")}: `),
    );
  });

  it("reads tools of the Responses API, as Cursor writes its ApplyPatch, and an answer with empty content", () => {
    const format = { type: "grammar", syntax: "lark", definition: "start: /a/" };
    const { request, context } = chatToMessages({
      model: "gpt-x",
      tools: [
        { type: "custom", name: "ApplyPatch", description: "Patches.", format },
        { type: "function", name: "read", parameters: schema, strict: false },
      ],
      messages: [
        hi,
        {
          role: "assistant",
          content: [],
          tool_calls: [{ id: "c", type: "custom", custom: { name: "ApplyPatch", input: "a" } }],
        },
        { role: "tool", tool_call_id: "c", content: "done" },
      ],
    });
    expect(request.tools).toMatchObject([
      { name: "ApplyPatch", description: "Patches.", input_schema: { required: ["input"] } },
      { name: "read", input_schema: schema },
    ]);
    expect(JSON.stringify(request.tools)).toContain("start: /a/");
    expect(request.messages).toMatchObject([
      hi,
      { role: "assistant", content: [{ type: "tool_use", name: "ApplyPatch", input: { input: "a" } }] },
      { role: "user", content: [{ type: "tool_result", content: "done" }] },
    ]);
    const nested = {
      name: "ApplyPatch",
      description: "Patches.",
      format: { type: "grammar", grammar: { syntax: "lark", definition: "start: /a/" } },
    };
    expect([...context.customTools]).toEqual([["ApplyPatch", { type: "custom", custom: nested }]]);
  });
});
