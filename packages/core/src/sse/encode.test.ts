import { describe, expect, it } from "vitest";
import type { MessageStreamEvent } from "../protocol/anthropic.ts";
import { SseDecoder } from "./decode.ts";
import { encodeEvent, encodeEvents, EventEncoder } from "./encode.ts";

const usage = { input_tokens: 1, output_tokens: 2, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
const foreign = 'a"\\\n\u2028\ud800\u0007é👩‍👩‍👧</script>';

const events: readonly MessageStreamEvent[] = [
  {
    type: "message_start",
    message: {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: "m",
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage,
    },
  },
  { type: "ping" },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: foreign } },
  { type: "content_block_delta", index: 1, delta: { type: "thinking_delta", thinking: foreign } },
  { type: "content_block_delta", index: 1, delta: { type: "signature_delta", signature: foreign } },
  { type: "content_block_delta", index: 12, delta: { type: "input_json_delta", partial_json: foreign } },
  { type: "content_block_stop", index: 12 },
  { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage },
  { type: "message_stop" },
  { type: "error", error: { type: "api_error", message: foreign } },
];

describe("an encoded event", () => {
  it.each(events.map((event) => [event.type, event] as const))("%s says what the event says", (type, event) => {
    const [name, data, ...rest] = encodeEvent(event).split("\n");
    expect(name).toBe(`event: ${type}`);
    expect(JSON.parse(data?.slice("data: ".length) ?? "")).toEqual(event);
    expect(rest).toEqual(["", ""]);
  });

  it("of a kind that is not known is serialised whole", () => {
    const unknown = { type: "content_block_delta", index: 0, delta: { type: "later_delta", later: 1 } };
    expect(encodeEvent(unknown as unknown as MessageStreamEvent)).toContain(JSON.stringify(unknown));
  });
});

it("the events of a chunk are one piece of bytes that decodes to them", () => {
  const decoder = new SseDecoder();
  const items = decoder.push(encodeEvents(events));
  const decoded = items.map((item) => (item.type === "event" ? (JSON.parse(item.data) as unknown) : item));
  expect(decoded).toEqual(events);
  expect(encodeEvents([])).toHaveLength(0);
});

describe("an encoder of many small chunks", () => {
  it("gives out the same bytes, which nothing changes afterwards", () => {
    const encoder = new EventEncoder();
    const given: { readonly bytes: Uint8Array; readonly copy: Uint8Array }[] = [];
    for (let round = 0; round < 200; round += 1) {
      const some = events.slice(round % events.length).slice(0, 1 + (round % 3));
      const bytes = encoder.encode(some);
      expect(bytes).toEqual(encodeEvents(some));
      given.push({ bytes, copy: bytes.slice() });
    }
    for (const { bytes, copy } of given) expect(bytes).toEqual(copy);
  });

  it("takes large chunks and none", () => {
    const encoder = new EventEncoder();
    const large = [{ type: "error", error: { type: "api_error", message: "é".repeat(100_000) } }] as const;
    expect(encoder.encode(large)).toEqual(encodeEvents(large));
    expect(encoder.encode([])).toHaveLength(0);
  });
});
