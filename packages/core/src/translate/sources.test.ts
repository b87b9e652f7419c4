import { describe, expect, it } from "vitest";
import { fromChatStream, translateResponsesStream, translationContext } from "./index.ts";

const encoder = new TextEncoder();
const chat = [
  'data: {"id":"c","choices":[{"index":0,"delta":{"content":"Hi <think>"}}]}\n\n',
  'data: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
];

/** A body as browsers without `ReadableStream.prototype[Symbol.asyncIterator]` have it. */
function plainStream(texts: readonly string[]): ReadableStream<Uint8Array> {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const text of texts) controller.enqueue(encoder.encode(text));
      controller.close();
    },
  });
  Object.defineProperty(stream, Symbol.asyncIterator, { value: undefined });
  return stream;
}

async function* chunks(texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield encoder.encode(text);
}

describe("a stream whose request was not translated here", () => {
  it.each([
    ["a ReadableStream that is no AsyncIterable", () => plainStream(chat)],
    ["an AsyncIterable", () => chunks(chat)],
    ["the body of a Response", () => new Response(chat.join("")).body as ReadableStream<Uint8Array>],
  ])("is translated from %s", async (_what, open) => {
    const types: string[] = [];
    let text = "";
    for await (const event of fromChatStream(open(), translationContext({ requestedModel: "claude-opus-5" }))) {
      types.push(event.type);
      if (event.type === "message_start") expect(event.message.model).toBe("claude-opus-5");
      if (event.type === "content_block_delta" && event.delta.type === "text_delta") text += event.delta.text;
    }
    expect(types.at(-1)).toBe("message_stop");
    expect(text).toBe("Hi <think>");
  });

  it("is read the same way in the dialect of Responses", async () => {
    const failed = translateResponsesStream(plainStream(["data: {}\n\n"]), translationContext());
    await expect(failed.next()).rejects.toThrow();
  });
});
