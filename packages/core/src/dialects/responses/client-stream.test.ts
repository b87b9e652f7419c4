import { describe, expect, it } from "vitest";
import { message, sourceOf } from "../../../test/message-source.ts";
import { CcpbError } from "../../base/errors.ts";
import { messageToEvents } from "../../conversation/answer/message-events.ts";
import type { MessageStreamEvent } from "../../protocol/anthropic.ts";
import { encodeEvents } from "../../sse/encode.ts";
import { toResponsesStreamTransform } from "../client-iterate.ts";
import type { ClientAnswerContext } from "../dialect.ts";
import { fromResponsesStream } from "../iterate.ts";
import { ToResponsesStreamWriter } from "./client-answer.ts";
import type { ResponsesStreamEvent } from "./client-answer-machine.ts";
import { toResponsesStream } from "./client-stream.ts";

const context: ClientAnswerContext = {
  model: "gpt-x",
  includeUsage: false,
  request: { model: "gpt-x", input: "hi" },
  customTools: new Map(),
  id: "resp_7",
  createdAtMs: 0,
};

const events = messageToEvents(message);
const wire = new ToResponsesStreamWriter(context).push(events);

async function* bytesOf(text: string) {
  yield new TextEncoder().encode(text);
}

async function eventsOf(list: readonly MessageStreamEvent[]): Promise<readonly ResponsesStreamEvent[]> {
  const made: ResponsesStreamEvent[] = [];
  for await (const event of toResponsesStream(sourceOf(list), context)) made.push(event);
  return made;
}

describe("toResponsesStream", () => {
  it("gives the events that the writer writes", async () => {
    const lines = wire.split("\n").filter((line) => line.startsWith("data: "));
    expect(await eventsOf(events)).toEqual(lines.map((line) => JSON.parse(line.slice(6)) as ResponsesStreamEvent));
  });

  it("throws where the stream ends too early, or holds an error", async () => {
    await expect(eventsOf(events.slice(0, 5))).rejects.toThrow(/ended before its answer was complete/);
    await expect(eventsOf(events.slice(0, 5))).rejects.toBeInstanceOf(CcpbError);
    const error = { type: "error" as const, error: { type: "overloaded_error", message: "busy" } };
    await expect(eventsOf([...events.slice(0, 5), error])).rejects.toThrow("busy");
  });

  it("closes the source when it is left", async () => {
    let isClosed = false;
    const source = sourceOf(events, () => (isClosed = true));
    for await (const event of toResponsesStream(source, context)) {
      expect(event.type).toBe("response.created");
      break;
    }
    expect(isClosed).toBe(true);
  });
});

describe("toResponsesStreamTransform", () => {
  async function transformed(bytes: Uint8Array, size: number): Promise<string> {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for (let at = 0; at < bytes.length; at += size) parts.push(new Uint8Array(bytes.slice(at, at + size)));
    const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start(controller) {
        for (const part of parts) controller.enqueue(part);
        controller.close();
      },
    });
    const stream = source.pipeThrough(toResponsesStreamTransform(context));
    return new Response(stream).text();
  }

  it.each([1, 7, 16_384])("gives the writer's text at reads of %i bytes", async (size) => {
    expect(await transformed(encodeEvents(events), size)).toBe(wire);
  });

  it("ends what breaks in its middle with response.failed, and fails before the first content", async () => {
    const cut = await transformed(encodeEvents(events.slice(0, -2)), 16_384);
    expect(cut).toContain("response.failed");
    expect(cut).not.toContain("response.completed");
    await expect(transformed(encodeEvents(events.slice(0, 1)), 16_384)).rejects.toThrow();
  });

  it("is read back as the same message", async () => {
    const translation = {
      requestedModel: "m",
      stream: true,
      dialect: "responses" as const,
      toolNames: new Map(),
      stopSequences: [],
      localStopSequences: [],
      thinkTags: false,
      estimatedInputTokens: 0,
    };
    const source = bytesOf(wire);
    const types: string[] = [];
    for await (const event of fromResponsesStream(source, translation)) types.push(event.type);
    expect(types.at(0)).toBe("message_start");
    expect(types.at(-1)).toBe("message_stop");
  });
});
