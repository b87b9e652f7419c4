import { describe, expect, it } from "vitest";
import { anthropicMembers, type AnthropicRules, refuseAnthropic } from "./anthropic.ts";
import { type ChatRules, openaiMembers, refuseChat } from "./chat.ts";
import { refuseResponses } from "./responses.ts";

const call = { type: "tool_use", id: "toolu_1", name: "f", input: {} };
const result = { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "ok" }] };
const thinking = { type: "thinking", thinking: "t", signature: "own" };
const tools = [{ name: "f", input_schema: {} }];

describe("refuseAnthropic", () => {
  const rules: AnthropicRules = {
    members: anthropicMembers,
    takesSystemTurns: false,
    isOwn: (proof) => proof === "own",
  };
  const refuse = (body: object, change: Partial<AnthropicRules> = {}, headers = {}) =>
    refuseAnthropic({ model: "m", max_tokens: 1, tools, ...body }, headers, { ...rules, ...change });
  const loop = (...content: object[]) => ({
    messages: [{ role: "user", content: "q" }, { role: "assistant", content }, result],
  });
  const enabled = { thinking: { type: "enabled", budget_tokens: 1024 } };

  it("takes a sound conversation", () => {
    expect(refuse({ ...loop(thinking, call), ...enabled })).toBeUndefined();
    expect(refuse(loop(call))).toBeUndefined();
  });

  it.each([
    ["a foreign signature", { ...loop({ ...thinking, signature: "x" }, call) }, "Invalid `signature`"],
    ["foreign redacted data", { ...loop({ type: "redacted_thinking", data: "x" }, call) }, "Invalid `data`"],
    ["a tool turn without its thinking", { ...loop(call), ...enabled }, "Expected `thinking`"],
    ["an unknown member", { ...loop(call), surprise: 1 }, "Extra inputs"],
    ["a system turn", { messages: [...loop(call).messages, { role: "system", content: "s" }] }, "Input should be"],
    ["a call without its result", { messages: loop(call).messages.slice(0, 2) }, "were found without"],
    ["a result without its call", { messages: [result] }, "unexpected `tool_use_id`"],
    [
      "an empty turn",
      {
        messages: [
          { role: "user", content: [] },
          { role: "user", content: "q" },
        ],
      },
      "non-empty content",
    ],
    ["a blank text", { messages: [{ role: "user", content: [{ type: "text", text: " " }] }] }, "non-whitespace"],
    ["a foreign id", loop({ ...call, id: "functions.f:0" }), "should match pattern"],
    [
      "the thinking edit without thinking",
      { ...loop(call), context_management: { edits: [{ type: "clear_thinking_20251015" }] } },
      "requires `thinking`",
    ],
    [
      "a reference to a tool that is not there",
      {
        messages: [
          { role: "user", content: [{ type: "tool_result", content: [{ type: "tool_reference", tool_name: "g" }] }] },
        ],
      },
      "not found in available tools",
    ],
  ])("refuses %s", (_title, body, words) => {
    expect(refuse(body)).toContain(words);
  });

  it("refuses what only some vendors refuse", () => {
    expect(refuse(loop(call), { wantsThinkingInToolTurns: true })).toContain("must be passed back");
    expect(
      refuse({ ...loop(call), thinking: { type: "disabled" } }, { wantsThinkingInToolTurns: true }),
    ).toBeUndefined();
    expect(refuse(loop(call), { betas: new Set() }, { "anthropic-beta": "a" })).toBe("invalid beta flag");
    expect(refuse({ ...loop(call), temperature: 1 }, {}, { "anthropic-version": "2026-10-21" })).toContain(
      "temperature",
    );
  });
});

describe("refuseChat", () => {
  const rules: ChatRules = { members: openaiMembers, toolIdLimit: 40, takesImages: true, takesUserAfterTool: true };
  const chatCall = { id: "c1", type: "function", function: { name: "f", arguments: "{}" } };
  const answered = (more: object = {}) => [
    { role: "user", content: "q" },
    { role: "assistant", content: null, tool_calls: [{ ...chatCall, ...more }] },
    { role: "tool", tool_call_id: "c1", content: "ok" },
  ];

  it("takes a sound conversation", () => {
    expect(refuseChat({ messages: answered() }, rules)).toBeUndefined();
  });

  it.each<[string, object[], Partial<ChatRules>, string]>([
    ["a call without its result", answered().slice(0, 2), {}, "must be followed by tool messages"],
    ["a result without its call", answered().slice(2), {}, "must be a response to"],
    ["a long id", answered({ id: "c".repeat(41) }), {}, "string too long"],
    ["an empty assistant", [{ role: "assistant", content: "" }], {}, "content is required"],
    ["arguments that are no JSON", answered({ function: { name: "f", arguments: "{" } }), {}, "no JSON object"],
    ["missing reasoning", answered(), { wantsReasoning: true }, "must be passed back"],
    ["a missing thought signature", answered(), { isOwnThought: () => true }, "missing a thought_signature"],
    [
      "a foreign thought signature",
      answered({ extra_content: { google: { thought_signature: "x" } } }),
      { isOwnThought: () => false },
      "not valid",
    ],
    [
      "a user after a tool",
      [...answered(), { role: "user", content: "q" }],
      { takesUserAfterTool: false },
      "after role 'tool'",
    ],
    [
      "an image",
      [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:" } }] }],
      { takesImages: false },
      "image_url",
    ],
  ])("refuses %s", (_title, messages, change, words) => {
    expect(refuseChat({ messages }, { ...rules, ...change })).toContain(words);
  });

  it("refuses unknown arguments", () => {
    expect(refuseChat({ messages: answered(), cache_control: 1 }, rules)).toContain("cache_control");
  });
});

describe("refuseResponses", () => {
  const reasoning = { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "enc" };
  const made = { type: "function_call", call_id: "c1", name: "f", arguments: "{}" };
  const output = { type: "function_call_output", call_id: "c1", output: "ok" };
  const refuse = (input: object[], more: object = {}) =>
    refuseResponses(
      { input, store: false, ...more },
      { followerOf: (content) => (content === "enc" ? "c1" : undefined) },
    );

  it("takes a sound conversation", () => {
    expect(refuse([reasoning, made, output])).toBeUndefined();
  });

  it.each<[string, object[], string]>([
    ["reasoning without its item", [reasoning, output, made], "without its required following item"],
    [
      "reasoning that it did not make",
      [{ ...reasoning, encrypted_content: "x" }, made, output],
      "could not be verified",
    ],
    ["a call without its output", [made], "No tool output found"],
    ["an output without its call", [output], "No tool call found"],
    ["a long id", [{ ...made, call_id: "c".repeat(65) }], "string too long"],
    ["a part of another role", [{ role: "assistant", content: [{ type: "input_text", text: "t" }] }], "Invalid value"],
  ])("refuses %s", (_title, input, words) => {
    expect(refuse(input)).toContain(words);
  });

  it("refuses unknown parameters", () => {
    expect(refuse([made, output], { max_tokens: 1 })).toContain("max_tokens");
  });
});
