import { describe, expect, it } from "vitest";
import { readMessageSigns } from "./message-signs.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("readMessageSigns", () => {
  it("finds model, usage and stop reason of a message at its top level only", () => {
    const text =
      ' {"id":"m","type":"message","content":[{"type":"text","model":"x","usage":1}],"model":"up","stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":4,"cache_read_input_tokens":5}} ';
    const signs = readMessageSigns(encode(text));
    expect(signs).toMatchObject({
      isMessage: true,
      stopReason: "end_turn",
      usage: { inputTokens: 3, outputTokens: 4, cacheReadTokens: 5, cacheCreationTokens: 0 },
    });
    expect(signs?.models.map(({ start, end }) => text.slice(start, end))).toEqual(['"up"']);
  });

  it("tells a message from what only looks like one", () => {
    for (const text of [
      '{"type":"error","content":[]}',
      '{"type":"message","content":"x"}',
      '{"type":null,"content":[]}',
    ]) {
      expect(readMessageSigns(encode(text)), text).toMatchObject({ isMessage: false });
    }
  });

  it("knows no signs of what is no whole JSON object", () => {
    for (const text of ["", "[]", '{"type":"message"', '{"type":"message"} x', "{'a':1}"]) {
      expect(readMessageSigns(encode(text)), text).toBeUndefined();
    }
  });
});
