import Anthropic, { APIError } from "@anthropic-ai/sdk";
import { describe, expect, it } from "vitest";
import type { MessageStreamEvent } from "../../src/protocol/anthropic.ts";
import { encodeEvents } from "../../src/sse/encode.ts";
import { messageToEvents } from "../../src/conversation/answer/message-events.ts";
import { recordings, responseBytes, responseText } from "../contract/recordings.ts";
import { contextOf, frame, runResponsesStream, runStream } from "../contract/stream-run.ts";

/** The official SDK reads what we write, and puts the message together its own way. */
async function sdkMessage(events: readonly MessageStreamEvent[]): Promise<Anthropic.Message> {
  const client = new Anthropic({
    apiKey: "unused",
    maxRetries: 0,
    fetch: () =>
      Promise.resolve(
        new Response(encodeEvents(events), { headers: { "content-type": "text/event-stream; charset=utf-8" } }),
      ),
  });
  const stream = client.messages.stream({
    model: "claude-test",
    max_tokens: 100,
    messages: [{ role: "user", content: "hi" }],
  });
  return stream.finalMessage();
}

/** Undefined members say nothing. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

const streams = recordings(({ dialect, stream }) => dialect.startsWith("openai-") && stream);

describe(`the official SDK on recorded streams of both dialects`, () => {
  it.each(streams.map((recording) => [recording.id, recording] as const))("accepts %s", async (_id, recording) => {
    const read = recording.dialect === "openai-chat" ? runStream : runResponsesStream;
    const { events, message, translator } = read(
      responseBytes(recording),
      16_384,
      contextOf({ serverTools: new Set(["web_search"]) }),
    );
    if (translator.failure) {
      // Before any content nothing is sent at all.
      if (events.length === 0) return;
      await expect(sdkMessage(events)).rejects.toThrow(APIError);
      return;
    }
    expect(plain(await sdkMessage(events))).toMatchObject(plain(message) as object);
  });
});

const natives = recordings(
  ({ dialect, stream, status }) => dialect === "anthropic-messages" && !stream && status === 200,
);

describe(`the official SDK on native answers as streams`, () => {
  it.each(natives.map((recording) => [recording.id, recording] as const))("accepts %s", async (_id, recording) => {
    const message = JSON.parse(responseText(recording));
    if (message.type !== "message") return;
    const read = plain(await sdkMessage(messageToEvents(message))) as Anthropic.Message;
    expect(read.stop_reason).toBe(message.stop_reason);
    expect(read.usage.output_tokens).toBe(message.usage.output_tokens);
    expect(read.content).toHaveLength(message.content.length);
    for (const [index, block] of message.content.entries()) {
      // The SDK does not put together what it does not know the deltas of.
      if (!["mcp_tool_use", "compaction"].includes(block.type)) expect(read.content[index]).toMatchObject(block);
    }
  });
});

it("the official SDK raises our error event as an API error", async () => {
  const { events } = runStream(frame([{ choices: [{ index: 0, delta: { content: "a" } }] }]), 16_384);
  await expect(sdkMessage(events)).rejects.toThrow(/ended before its answer was complete/);
});
