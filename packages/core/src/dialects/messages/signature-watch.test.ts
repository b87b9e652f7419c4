import { describe, expect, it } from "vitest";
import { NativeStreamReader } from "./stream.ts";
import { readNativeWhole } from "./whole.ts";
import { event } from "../../../test/message-events.ts";

const encoder = new TextEncoder();
const start = (index: number, content_block: object) => event({ type: "content_block_start", index, content_block });
const delta = (index: number, data: object) => event({ type: "content_block_delta", index, delta: data });
const message = {
  id: "m",
  type: "message",
  role: "assistant",
  model: "m",
  content: [],
  usage: { input_tokens: 1, output_tokens: 1 },
};
const stream = [
  event({ type: "message_start", message }),
  start(0, { type: "thinking", thinking: "", signature: "" }),
  delta(0, { type: "thinking_delta", thinking: "a signature, they say" }),
  delta(0, { type: "signature_delta", signature: "first" }),
  event({ type: "content_block_stop", index: 0 }),
  start(1, { type: "redacted_thinking", data: "second" }),
  event({ type: "content_block_stop", index: 1 }),
  start(2, { type: "text", text: "" }),
  delta(2, { type: "text_delta", text: '"signature_delta","signature":"no"' }),
  event({ type: "content_block_stop", index: 2 }),
  start(3, { type: "thinking", thinking: "", signature: "third" }),
  event({ type: "content_block_stop", index: 3 }),
  event({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 1 } }),
  event({ type: "message_stop" }),
].join("");

function read(size: number, text = stream) {
  const seen: string[] = [];
  const reader = new NativeStreamReader({ onSignature: (proof) => seen.push(proof) });
  const bytes = encoder.encode(text);
  const out: string[] = [];
  for (let at = 0; at < bytes.length; at += size)
    out.push(new TextDecoder().decode(reader.push(bytes.slice(at, at + size)) ?? new Uint8Array()));
  return { seen, out: out.join(""), state: reader.state };
}

describe("a native answer's signatures", () => {
  it.each([1, 7, 16_384])("are told as the stream passes, and nothing is changed, at reads of %i", (size) => {
    expect(read(size)).toEqual({ seen: ["first", "second", "third"], out: stream, state: "complete" });
  });

  it("are told of a whole message", () => {
    const seen: string[] = [];
    const content = [
      { type: "thinking", thinking: "t", signature: "first" },
      { type: "redacted_thinking", data: "second" },
      { type: "text", text: "x", signature: "no" },
    ];
    const body = encoder.encode(JSON.stringify({ ...message, content, stop_reason: "end_turn" }));
    readNativeWhole(body, { answerModel: undefined, framing: "json", onSignature: (proof) => seen.push(proof) });
    expect(seen).toEqual(["first", "second"]);
  });

  it.each([1, 7, 16_384])(
    "come with one message_start, whatever the upstream repeats, at reads of %i (A-10)",
    (size) => {
      const again = event({ type: "message_start", message });
      const twice = stream
        .replace(again, again + again)
        .replace(start(1, { type: "redacted_thinking", data: "second" }), (text) => again + text);
      expect(read(size, twice).out).toBe(stream);
    },
  );
});
