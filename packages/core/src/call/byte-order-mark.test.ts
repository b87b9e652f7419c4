import { describe, expect, it } from "vitest";
import { type PassingAnswer, passingReader } from "../../test/passing-reader.ts";
import type { ReplyReader } from "../dialects/reader.ts";
import { createReader } from "./create-reader.ts";

// Gateways in PHP and .NET put a byte order mark in front of what they send.
const mark = "\uFEFF";
const usage = { input_tokens: 1, output_tokens: 1 };
const message = {
  id: "m",
  type: "message",
  role: "assistant",
  model: "x",
  content: [{ type: "text", text: "hi" }],
  stop_reason: "end_turn",
  usage,
};
const completion = {
  id: "c",
  object: "chat.completion",
  created: 1,
  model: "x",
  choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }],
};
const response = {
  id: "resp_1",
  object: "response",
  created_at: 1,
  model: "x",
  status: "completed",
  output: [{ type: "message", id: "msg_1", role: "assistant", status: "completed", content: [] }],
};

function outcome(reader: ReplyReader, reads: readonly Uint8Array[]): object {
  const parts = reads.map((bytes) => reader.push(bytes) ?? new Uint8Array());
  parts.push(reader.end() ?? new Uint8Array());
  const { state, failure } = reader;
  return { state, failure, text: Buffer.concat(parts).toString() };
}

const passing = (asked: PassingAnswer): ReplyReader => passingReader(asked, (prefix) => `${prefix}_1`);
const native = (stream: boolean): ReplyReader =>
  createReader({
    stream,
    dialect: "messages",
    requestedModel: "x",
    answerModel: undefined,
    translation: undefined,
    client: undefined,
    generateId: (prefix) => `${prefix}_1`,
  });

describe.each<[string, () => ReplyReader, object]>([
  ["a message", () => native(false), message],
  ["a message where a stream was asked for", () => native(true), message],
  ["a completion", () => passing({ dialect: "chat", stream: false, answerModel: undefined }), completion],
  ["a response", () => passing({ dialect: "responses", stream: false, answerModel: undefined }), response],
])("%s", (_what, open, body) => {
  it("reaches the client without its byte order mark, wherever the bytes are split", () => {
    const json = JSON.stringify(body);
    const plain = outcome(open(), [Buffer.from(json)]);
    expect(plain).toMatchObject({ state: "complete" });
    const marked = Buffer.from(`${mark}${json}`);
    expect(outcome(open(), [marked])).toEqual(plain);
    expect(outcome(open(), [marked.subarray(0, 2), marked.subarray(2)])).toEqual(plain);
    expect(
      outcome(
        open(),
        Array.from(marked, (byte) => Uint8Array.of(byte)),
      ),
    ).toEqual(plain);
  });
});
