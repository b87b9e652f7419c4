import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { messageToEvents } from "../../conversation/answer/message-events.ts";
import { checkChatStream, chatFrames } from "../../../test/contract/chat-stream-check.ts";
import type { ContentBlock, Message, MessageStreamEvent, StopReason } from "../../protocol/anthropic.ts";
import type { ChatChunk } from "../../protocol/chat-answer.ts";
import type { ClientAnswerContext } from "../dialect.ts";
import { addDelta, toAnswerMessage } from "./client-answer-message.ts";
import { toChatCompletion, ToChatStreamWriter } from "./client-answer.ts";
import { chatToMessages } from "./client-request.ts";

const context: ClientAnswerContext = {
  model: "gpt-x",
  includeUsage: true,
  request: {},
  customTools: new Map(),
  id: "chatcmpl-1",
  createdAtMs: 0,
};

const words = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).filter((text) => text.trim() !== "");
const proof = fc.base64String({ minLength: 4, maxLength: 24 });
// As JSON writes it: -0 is no value of JSON's, and would come back as 0.
const json = fc
  .dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })
  .map((value) => JSON.parse(JSON.stringify(value)) as typeof value);

/** A stretch of an answer: thinking of some kind, at most one text, and calls behind it. Chat has no other order. */
const stretch = fc.record({
  thinking: fc.array(
    fc.oneof(
      fc.record({
        type: fc.constant("thinking" as const),
        thinking: fc.oneof(words, fc.constant("")),
        signature: proof,
      }),
      fc.record({ type: fc.constant("redacted_thinking" as const), data: proof }),
    ),
    { maxLength: 2 },
  ),
  text: fc.option(words),
  inputs: fc.array(json, { maxLength: 2 }),
});

const content = fc.array(stretch, { minLength: 1, maxLength: 4 }).map((stretches) => {
  let calls = 0;
  return stretches.flatMap(({ thinking, text, inputs }, index): ContentBlock[] => [
    ...(index > 0 && thinking.length === 0 ? [{ type: "redacted_thinking" as const, data: `d${index}` }] : thinking),
    ...(text === null ? [] : [{ type: "text" as const, text }]),
    ...inputs.map((input) => ({ type: "tool_use" as const, id: `toolu_${(calls += 1)}`, name: "f", input })),
  ]);
});

const reason = fc.constantFrom<StopReason>(
  "end_turn",
  "tool_use",
  "max_tokens",
  "refusal",
  "stop_sequence",
  "pause_turn",
);

const message: fc.Arbitrary<Message> = fc.record({ content, stop_reason: reason }).map((changes) => ({
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude-x",
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 2, cache_creation_input_tokens: 3, cache_read_input_tokens: 4 },
  ...changes,
}));

function write(events: readonly MessageStreamEvent[], sizes: readonly number[] = []): string {
  const writer = new ToChatStreamWriter(context);
  let text = "";
  let start = 0;
  for (const size of sizes) {
    text += writer.push(events.slice(start, start + size));
    start += size;
  }
  return text + writer.push(events.slice(start));
}

function chunks(wire: string): readonly ChatChunk[] {
  return chatFrames(wire)
    .filter((frame) => frame.startsWith("{"))
    .map((frame) => JSON.parse(frame) as ChatChunk);
}

/** Splits the pieces of a stream further, as providers do. */
function inPieces(events: readonly MessageStreamEvent[], size: number): readonly MessageStreamEvent[] {
  return events.flatMap((event): readonly MessageStreamEvent[] => {
    if (event.type !== "content_block_delta") return [event];
    const { delta } = event;
    if (delta.type === "signature_delta") return [event];
    const [key, text] = Object.entries(delta).find(([name]) => name !== "type") as [string, string];
    const pieces: MessageStreamEvent[] = [];
    for (let start = 0; start < text.length; start += size) {
      const piece = { ...delta, [key]: text.slice(start, start + size) };
      pieces.push({ ...event, delta: piece });
    }
    return pieces;
  });
}

describe("an answer for a Chat client", () => {
  it("is the same whole, streamed, and streamed in other pieces, and follows the grammar", () => {
    fc.assert(
      fc.property(
        message,
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.integer({ min: 0, max: 5 })),
        (one, size, sizes) => {
          const whole = toChatCompletion(one, context);
          const events = messageToEvents(one);
          const wire = write(inPieces(events, size), sizes);
          expect(checkChatStream(wire, true)).toEqual([]);
          expect(wire.endsWith("data: [DONE]\n\n")).toBe(true);
          const answer = toAnswerMessage();
          const all = chunks(wire);
          for (const { choices } of all) for (const { delta } of choices) addDelta(answer, delta);
          expect(answer).toEqual(whole.choices[0]?.message);
          expect(all.at(-2)?.choices[0]?.finish_reason).toBe(whole.choices[0]?.finish_reason);
          expect(all.at(-1)?.usage).toEqual(whole.usage);
        },
      ),
    );
  });

  it("comes back as the message that it was, thinking and all", () => {
    fc.assert(
      fc.property(message, (one) => {
        const [choice] = toChatCompletion(one, context).choices;
        const answer = JSON.parse(JSON.stringify(choice?.message)) as object;
        const results = one.content.flatMap((block) =>
          block.type === "tool_use" ? [{ role: "tool", tool_call_id: block.id, content: "r" }] : [],
        );
        const { request } = chatToMessages({
          model: "m",
          messages: [{ role: "user", content: "q" }, answer, ...results, { role: "user", content: "next" }],
        });
        const [, back] = request.messages;
        if (one.content.length === 0) return;
        const blocks = typeof back?.content === "string" ? [{ type: "text", text: back.content }] : back?.content;
        expect(blocks).toEqual(one.content);
      }),
    );
  });

  it("never has a clean end after a cut, and no illegal chunk whatever is dropped, doubled or moved", () => {
    const change = fc.record({ kind: fc.constantFrom("drop", "double", "swap", "cut"), at: fc.nat() });
    fc.assert(
      fc.property(
        message,
        fc.integer({ min: 1, max: 9 }),
        fc.array(change, { minLength: 1, maxLength: 3 }),
        (one, size, changes) => {
          const events = [...inPieces(messageToEvents(one), size)];
          for (const { kind, at } of changes) {
            const index = at % Math.max(1, events.length);
            const [event] = events.slice(index, index + 1);
            if (!event) continue;
            if (kind === "drop") events.splice(index, 1);
            else if (kind === "double") events.splice(index, 0, event);
            else if (kind === "cut") events.length = index;
            else events.splice(index, 2, ...events.slice(index, index + 2).toReversed());
          }
          const wire = write(events);
          expect(checkChatStream(wire, true)).toEqual([]);
          const isWhole = events.some(({ type }) => type === "message_stop");
          if (!isWhole) expect(wire).not.toContain("[DONE]");
        },
      ),
    );
  });
});
