import { expect, test } from "vitest";
import { parseNestedJson } from "../base/json.ts";
import { chatToMessages } from "./chat/client-request.ts";
import { callItem } from "./responses/client-calls.ts";
import { responsesToMessages } from "./responses/client-request.ts";

// `JSON.parse` reads this, and `JSON.stringify` exhausts the stack over what it has read.
const deep = `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`;
const result = "done";

test("JSON inside of JSON is read as far as it can be written again", () => {
  const nested = (levels: number, opener: string, closer: string): string =>
    opener.repeat(levels) + closer.repeat(levels);
  expect(parseNestedJson(nested(1_000, "[", "]"))).toBeDefined();
  for (const text of [nested(1_001, "[", "]"), deep, `["${"\\".repeat(2_000)}",${nested(1_001, "[", "]")}]`, "{"]) {
    expect(parseNestedJson(text)).toBeUndefined();
  }
  // Brackets inside of a text open nothing.
  for (const text of ["[".repeat(5_000), '\\"{'.repeat(2_000)]) {
    const json = JSON.stringify({ content: text });
    expect(parseNestedJson(json)).toEqual({ content: text });
  }
});

// A model that has run wild writes such a call, and a client sends it back with every later turn.
test("arguments of an earlier call that are nested too deep are the text that the model wrote", () => {
  const chat = chatToMessages({
    model: "m",
    messages: [
      { role: "user", content: "hi" },
      {
        role: "assistant",
        tool_calls: [
          { id: "c1", type: "function", function: { name: "f", arguments: deep } },
          { id: "c2", type: "function", function: { name: "f", arguments: '{"a":1}' } },
        ],
      },
      { role: "tool", tool_call_id: "c1", content: result },
      { role: "tool", tool_call_id: "c2", content: result },
    ],
  });
  const responses = responsesToMessages({
    model: "m",
    input: [
      { role: "user", content: "hi" },
      { type: "function_call", call_id: "c1", name: "f", arguments: deep },
      { type: "function_call", call_id: "c2", name: "f", arguments: '{"a":1}' },
      { type: "function_call_output", call_id: "c1", output: result },
      { type: "function_call_output", call_id: "c2", output: result },
    ],
  });
  for (const [{ request }, member] of [
    [chat, "value"],
    [responses, "arguments"],
  ] as const) {
    expect(JSON.parse(JSON.stringify(request.messages[1]))).toMatchObject({
      role: "assistant",
      content: [{ input: { [member]: deep } }, { input: { a: 1 } }],
    });
  }
});

test.each(["local_shell", "shell", "apply_patch", "tool_search", "custom", "function"])(
  "a call of the tool %s with arguments that are nested too deep can be written as an item",
  (type) => {
    const item = callItem({ tool: { type }, name: "f", id: "i", callId: "c", json: deep, status: "completed" });
    expect(() => JSON.stringify(item)).not.toThrow();
  },
);
