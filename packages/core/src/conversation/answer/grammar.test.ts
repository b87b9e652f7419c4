import { describe, expect, it } from "vitest";
import { MessageStreamChecker, type GrammarRule } from "./grammar.ts";
import type { AnyStreamEvent } from "./message-assembler.ts";

type Loose = AnyStreamEvent & Record<string, unknown>;

const usage = { input_tokens: 1, output_tokens: 1 };
const start: Loose = {
  type: "message_start",
  message: { id: "msg_1", role: "assistant", model: "m", content: [], usage },
};
const block = (index: number, content_block: object): Loose => ({ type: "content_block_start", index, content_block });
const text = (index = 0) => block(index, { type: "text", text: "" });
const tool = (index = 0, more: object = {}) =>
  block(index, { type: "tool_use", id: "a", name: "f", input: {}, ...more });
const delta = (index: number, members: object): Loose => ({ type: "content_block_delta", index, delta: members });
const stop = (index = 0): Loose => ({ type: "content_block_stop", index });
const hi = (index = 0) => delta(index, { type: "text_delta", text: "Hi" });
const reason: Loose = { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 1 } };
const end: Loose = { type: "message_stop" };

function problems(events: readonly Loose[]): readonly GrammarRule[] {
  const checker = new MessageStreamChecker();
  for (const event of events) checker.push(event);
  return checker.end().map(({ rule }) => rule);
}

describe("the checker", () => {
  it.each<readonly [string, readonly Loose[]]>([
    ["text", [start, text(), hi(), stop(), reason, end]],
    ["an empty answer", [start, reason, end]],
    [
      "pings anywhere",
      [{ type: "ping" }, start, { type: "ping" }, text(), hi(), { type: "ping" }, stop(), reason, end],
    ],
    ["an error in the middle of a block", [start, text(), hi(), { type: "error" }]],
    ["a tool call without arguments", [start, tool(), stop(), reason, end]],
    [
      "unknown blocks and deltas",
      [start, block(0, { type: "later" }), delta(0, { type: "later_delta" }), stop(), reason, end],
    ],
    ["unknown events", [start, { type: "later" }, reason, end]],
  ])("finds nothing wrong with %s", (_title, events) => {
    expect(problems(events)).toEqual([]);
  });

  it.each<readonly [GrammarRule, string, readonly Loose[]]>([
    ["start-first", "content before message_start", [text(), hi(), stop(), start, reason, end]],
    ["start-once", "two message_start", [start, start, reason, end]],
    ["start-shape", "message_start without a message", [{ type: "message_start" }, reason, end]],
    ["index-order", "a skipped index", [start, text(1), hi(1), stop(1), reason, end]],
    ["one-open", "two blocks open", [start, text(), hi(), text(1), hi(1), stop(1), reason, end]],
    ["block-unknown", "a delta after the stop", [start, text(), hi(), stop(), hi(), reason, end]],
    ["block-unknown", "a stop of another block", [start, text(), hi(), stop(1), reason, end]],
    ["delta-kind", "a text delta on a tool block", [start, tool(), hi(), stop(), reason, end]],
    [
      "delta-kind",
      "a delta without its text",
      [start, text(), hi(), delta(0, { type: "text_delta" }), stop(), reason, end],
    ],
    ["tool-id", "a foreign id", [start, tool(0, { id: "functions.f:0" }), stop(), reason, end]],
    ["tool-id", "an id used twice", [start, tool(), stop(), tool(1), stop(1), reason, end]],
    ["tool-id", "no name", [start, tool(0, { name: "" }), stop(), reason, end]],
    [
      "tool-json",
      "cut arguments",
      [start, tool(), delta(0, { type: "input_json_delta", partial_json: "{" }), stop(), reason, end],
    ],
    ["empty-text", "a text block without text", [start, text(), stop(), reason, end]],
    [
      "signature",
      "a thinking block without a signature",
      [start, block(0, { type: "thinking", thinking: "" }), stop(), reason, end],
    ],
    ["delta-once", "no message_delta", [start, end]],
    ["delta-once", "two message_delta", [start, reason, reason, end]],
    ["usage", "counts that are missing", [start, { ...reason, usage: {} }, end]],
    ["usage", "counts that are no whole numbers", [start, { ...reason, usage: { output_tokens: Number.NaN } }, end]],
    ["open-at-end", "message_delta in an open block", [start, text(), hi(), reason, end]],
    ["after-end", "an event after message_stop", [start, reason, end, { type: "ping" }]],
    ["after-end", "an event after error", [start, { type: "error" }, end]],
    ["no-end", "no end", [start, text(), hi(), stop()]],
  ])("finds %s: %s", (rule, _title, events) => {
    expect(problems(events)).toContain(rule);
  });

  it("finds an event line that is not the event's type", () => {
    const checker = new MessageStreamChecker();
    checker.push(start, "message");
    expect(checker.problems.map(({ rule }) => rule)).toEqual(["event-name"]);
  });
});
