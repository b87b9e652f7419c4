import { describe, expect, it } from "vitest";
import { message, sourceOf } from "../../../test/message-source.ts";
import { CcpbError } from "../../base/errors.ts";
import { messageToEvents } from "../../conversation/answer/message-events.ts";
import type { MessageStreamEvent } from "../../protocol/anthropic.ts";
import type { ChatChunk } from "../../protocol/chat-answer.ts";
import { encodeEvents } from "../../sse/encode.ts";
import { toChatStreamTransform } from "../client-iterate.ts";
import type { ClientAnswerContext } from "../dialect.ts";
import { ToChatStreamWriter } from "./client-answer.ts";
import { toChatStream } from "./client-stream.ts";

const context: ClientAnswerContext = {
  model: "gpt-x",
  includeUsage: true,
  request: {},
  customTools: new Map(),
  id: "chatcmpl-7",
  createdAtMs: 0,
};

const events = messageToEvents(message);
const wire = new ToChatStreamWriter(context).push(events.filter(({ type }) => type !== "ping"));

async function chunksOf(list: readonly MessageStreamEvent[]): Promise<readonly ChatChunk[]> {
  const chunks: ChatChunk[] = [];
  for await (const chunk of toChatStream(sourceOf(list), context)) chunks.push(chunk);
  return chunks;
}

describe("toChatStream", () => {
  it("gives the chunks that the writer writes", async () => {
    const frames = wire.split("\n\n").filter((frame) => frame.startsWith("data: {"));
    expect(await chunksOf(events)).toEqual(frames.map((frame) => JSON.parse(frame.slice(6)) as ChatChunk));
  });

  it("throws where the stream ends too early, or holds an error", async () => {
    await expect(chunksOf(events.slice(0, 5))).rejects.toThrow(/ended before its answer was complete/);
    await expect(chunksOf(events.slice(0, 5))).rejects.toBeInstanceOf(CcpbError);
    const error = { type: "error" as const, error: { type: "overloaded_error", message: "busy" } };
    await expect(chunksOf([...events.slice(0, 5), error])).rejects.toMatchObject({ status: 529, message: "busy" });
  });

  it("closes the source when it is left", async () => {
    let isClosed = false;
    for await (const chunk of toChatStream(
      sourceOf(events, () => (isClosed = true)),
      context,
    )) {
      expect(chunk.choices[0]?.delta.role).toBe("assistant");
      break;
    }
    expect(isClosed).toBe(true);
  });
});

describe("toChatStreamTransform", () => {
  async function transformed(bytes: Uint8Array, size: number): Promise<string> {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for (let start = 0; start < bytes.length; start += size) parts.push(bytes.slice(start, start + size));
    return new Response(new Blob(parts).stream().pipeThrough(toChatStreamTransform(context))).text();
  }

  it.each([1, 7, 16_384])("gives what the writer writes, at reads of %s bytes", async (size) => {
    expect(await transformed(encodeEvents(events), size)).toBe(wire);
  });

  it("ends a broken stream with an error chunk, and errors where nothing was sent", async () => {
    const cut = await transformed(encodeEvents(events.slice(0, 6)), 16_384);
    expect(cut).toMatch(/data: \{"error":\{"message":"the provider's stream ended[^\n]*\n\n$/);
    expect(cut).not.toContain("[DONE]");
    await expect(transformed(new TextEncoder().encode("<html>no</html>"), 16_384)).rejects.toBeInstanceOf(CcpbError);
  });
});
