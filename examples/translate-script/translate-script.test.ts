import { createReadStream } from "node:fs";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { SseDecoder } from "@ccpb/core/sse";
import { MessageAssembler, MessageStreamChecker, type AnyStreamEvent } from "@ccpb/core/translate";
import { translate } from "./translate.ts";

async function run(input: Readable): Promise<string> {
  const output = new PassThrough();
  const written = text(output);
  await translate(input, output, "claude-test");
  return written;
}

describe("the translate script", () => {
  it("turns a recorded chat stream into the events of the Messages API", async () => {
    const sse = await run(createReadStream(new URL("./recorded.sse", import.meta.url), { highWaterMark: 100 }));

    const checker = new MessageStreamChecker();
    const assembler = new MessageAssembler();
    for (const item of new SseDecoder().push(new TextEncoder().encode(sse))) {
      if (item.type !== "event") continue;
      const event = JSON.parse(item.data) as AnyStreamEvent;
      checker.push(event, item.event);
      assembler.push(event);
    }
    expect(checker.end()).toEqual([]);
    expect(assembler.message()).toMatchObject({
      model: "claude-test",
      content: [
        { type: "thinking", thinking: "They want the weather." },
        { type: "text", text: "Let me look." },
        { type: "tool_use", id: expect.stringMatching(/^[A-Za-z0-9_-]+$/), name: "weather", input: { city: "Lima" } },
      ],
      stop_reason: "tool_use",
      usage: { input_tokens: 16, cache_read_input_tokens: 64, output_tokens: 25 },
    });
  });

  it("ends a stream that breaks with an error event", async () => {
    const cut = 'data: {"choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}]}\n\n';
    expect(await run(Readable.from([Buffer.from(cut)]))).toMatch(/event: error\ndata: .*api_error/);
  });

  it("rejects what is no answer, without a word", async () => {
    const output = new PassThrough().resume();
    const page = Readable.from([Buffer.from("<html><title>502 Bad Gateway</title></html>")]);
    await expect(translate(page, output, "m")).rejects.toThrow("502 Bad Gateway");
  });
});
