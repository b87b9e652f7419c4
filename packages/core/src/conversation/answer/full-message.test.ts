import { describe, expect, it } from "vitest";
import type { Message, MessageStreamEvent } from "../../protocol/anthropic.ts";
import { MessageAssembler } from "./message-assembler.ts";
import { fullEvent, fullMessage } from "./full-message.ts";
import { messageToEvents } from "./message-events.ts";

const usage = { input_tokens: 3, output_tokens: 4, cache_creation_input_tokens: 0, cache_read_input_tokens: 1 };
const search = { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "sky" } } as const;
const found = { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [] as [] } as const;
const message: Message = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "m",
  content: [
    { type: "thinking", thinking: "Hm.", signature: "s" },
    { type: "redacted_thinking", data: "d" },
    search,
    { ...found, content: [] },
    { type: "text", text: "Blue." },
    { type: "tool_use", id: "toolu_1", name: "look", input: { at: "it" } },
  ],
  stop_reason: "tool_use",
  stop_sequence: null,
  usage,
};

describe("fullMessage", () => {
  it("adds what Anthropic's API has and the provider did not say, and changes nothing else", () => {
    const full = fullMessage(message);
    expect(full).toMatchObject(message);
    expect(full).toMatchObject({ container: null, diagnostics: null, stop_details: null, context_management: null });
    expect(full.usage).toMatchObject({ service_tier: null, server_tool_use: null, output_tokens_details: null });
    const caller = { type: "direct" };
    expect(full.content.slice(2)).toEqual([
      { ...search, caller },
      { ...found, caller },
      { type: "text", text: "Blue.", citations: null },
      { type: "tool_use", id: "toolu_1", name: "look", input: { at: "it" }, caller },
    ]);
    expect(message.content[4]).toEqual({ type: "text", text: "Blue." });
  });

  it("keeps what was said", () => {
    const citations = [
      { type: "web_search_result_location" as const, url: "u", title: null, cited_text: "", encrypted_index: "" },
    ];
    const details = { type: "refusal", category: null, explanation: "No." } as const;
    const counts = {
      output_tokens_details: { thinking_tokens: 2 },
      server_tool_use: { web_search_requests: 1, web_fetch_requests: 0 },
    };
    const full = fullMessage({
      ...message,
      content: [{ type: "text", text: "x", citations }],
      stop_reason: "refusal",
      stop_details: details,
      usage: { ...usage, ...counts },
    });
    expect(full.content).toEqual([{ type: "text", text: "x", citations }]);
    expect(full.stop_details).toMatchObject(details);
    expect(full.usage).toMatchObject(counts);
  });
});

describe("fullEvent", () => {
  it("makes events of which the assembled message is the full one", () => {
    const assembler = new MessageAssembler();
    for (const event of messageToEvents(message)) {
      if (event.type === "ping" || event.type === "error") continue;
      const full: MessageStreamEvent = fullEvent(event);
      expect(full).toMatchObject(event);
      assembler.push(full);
    }
    expect(assembler.message()).toMatchObject({
      content: fullMessage(message).content,
      container: null,
      stop_details: null,
    });
  });
});
