import { describe, expect, it } from "vitest";
import { MessageAssembler, type AnyStreamEvent } from "./message-assembler.ts";

type Loose = AnyStreamEvent & Record<string, unknown>;

const start: Loose = {
  type: "message_start",
  message: {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "m",
    content: [],
    stop_reason: null,
    usage: { input_tokens: 5, cache_read_input_tokens: 7, output_tokens: 1 },
  },
};

function assemble(events: readonly Loose[]) {
  const assembler = new MessageAssembler();
  for (const event of events) assembler.push(event);
  return assembler;
}

const blocks = (block: object, ...deltas: readonly object[]) =>
  assemble([
    start,
    { type: "content_block_start", index: 0, content_block: block },
    ...deltas.map((delta) => ({ type: "content_block_delta", index: 0, delta })),
    { type: "content_block_stop", index: 0 },
  ]).message()?.content;

describe("the assembler", () => {
  it("puts citations, tool inputs and compactions together", () => {
    expect(
      blocks(
        { type: "text", text: "", citations: [] },
        { type: "text_delta", text: "a" },
        { type: "citations_delta", citation: { url: "u" } },
      ),
    ).toEqual([{ type: "text", text: "a", citations: [{ url: "u" }] }]);
    expect(
      blocks(
        { type: "server_tool_use", id: "s", name: "web_search", input: {} },
        { type: "input_json_delta", partial_json: '{"q":' },
        { type: "input_json_delta", partial_json: "1}" },
      ),
    ).toEqual([{ type: "server_tool_use", id: "s", name: "web_search", input: { q: 1 } }]);
    expect(blocks({ type: "compaction", content: null }, { type: "compaction_delta", content: "summary" })).toEqual([
      { type: "compaction", content: "summary" },
    ]);
  });

  it("leaves what thinking deltas tell of progress out of the block", () => {
    expect(
      blocks(
        { type: "thinking", thinking: "", signature: "" },
        { type: "thinking_delta", thinking: "", estimated_tokens: 50 },
        { type: "thinking_delta", thinking: "a", estimated_tokens: null },
        { type: "signature_delta", signature: "s" },
      ),
    ).toEqual([{ type: "thinking", thinking: "a", signature: "s" }]);
  });

  it("keeps unknown blocks as they came and lets unknown deltas grow", () => {
    expect(
      blocks({ type: "later", parts: [1], text: "a" }, { type: "later_delta", parts: [2], text: "b", flag: true }),
    ).toEqual([{ type: "later", parts: [1, 2], text: "ab", flag: true }]);
  });

  it("merges what message_delta says, and what it leaves out stays", () => {
    const message = assemble([
      start,
      {
        type: "message_delta",
        delta: { stop_reason: "end_turn", stop_sequence: null, safeguard_results: [1] },
        usage: { output_tokens: 9, cache_read_input_tokens: null },
        context_management: { applied_edits: [] },
      },
      { type: "message_stop" },
    ]).message();
    expect(message).toMatchObject({
      stop_reason: "end_turn",
      safeguard_results: [1],
      context_management: { applied_edits: [] },
      usage: { input_tokens: 5, cache_read_input_tokens: 7, output_tokens: 9 },
    });
  });

  it("tells whether the message is whole, and what an error said", () => {
    expect(assemble([start]).isComplete).toBe(false);
    expect(assemble([start, { type: "message_stop" }]).isComplete).toBe(true);
    expect(assemble([{ type: "error", error: { type: "overloaded_error", message: "m" } }]).error).toEqual({
      type: "overloaded_error",
      message: "m",
    });
    expect(assemble([{ type: "ping" }]).message()).toBeUndefined();
  });

  it("ignores deltas of blocks that never began", () => {
    expect(
      assemble([start, { type: "content_block_delta", index: 3, delta: { type: "text_delta", text: "a" } }]).message()
        ?.content,
    ).toEqual([]);
  });
});
