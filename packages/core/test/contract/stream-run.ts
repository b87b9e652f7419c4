import type { TranslationContext } from "../../src/conversation/context.ts";
import type { AnswerStream, AnswerStreamOptions } from "../../src/conversation/answer/answer-stream.ts";
import { ChatStreamTranslator } from "../../src/dialects/chat/stream.ts";
import { ResponsesStreamTranslator } from "../../src/dialects/responses/stream.ts";
import { MessageStreamChecker } from "../../src/conversation/answer/grammar.ts";
import { MessageAssembler } from "../../src/conversation/answer/message-assembler.ts";
import type { Message, MessageStreamEvent } from "../../src/protocol/anthropic.ts";

export const readSizes: readonly number[] = [1, 7, 16_384];

export function contextOf(changes: Partial<TranslationContext> = {}): TranslationContext {
  return {
    requestedModel: "claude-test",
    stream: true,
    toolNames: new Map(),
    stopSequences: [],
    localStopSequences: [],
    thinkTags: false,
    estimatedInputTokens: 0,
    ...changes,
  };
}

/** Ids that count up, so that the same input gives the same events. */
export function counted(): (prefix: string) => string {
  let count = 0;
  return (prefix) => `${prefix}${(count += 1)}`;
}

export interface StreamRun {
  readonly events: readonly MessageStreamEvent[];
  readonly translator: AnswerStream;
  readonly message: Message | undefined;
  readonly problems: readonly string[];
}

/** Reads a whole body at one read size, as a driver would, and ends a failed stream with its `error` event. */
export function runStream(
  body: Uint8Array | string,
  readSize: number,
  context: TranslationContext = contextOf(),
  options: AnswerStreamOptions = { generateId: counted() },
): StreamRun {
  return run(body, readSize, new ChatStreamTranslator(context, options));
}

/** The same in the dialect of OpenAI Responses. */
export function runResponsesStream(
  body: Uint8Array | string,
  readSize: number,
  context: TranslationContext = contextOf(),
  options: AnswerStreamOptions = { generateId: counted() },
): StreamRun {
  return run(body, readSize, new ResponsesStreamTranslator(context, options));
}

function run(body: Uint8Array | string, readSize: number, translator: AnswerStream): StreamRun {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const events: MessageStreamEvent[] = [];
  for (let start = 0; start < bytes.length; start += readSize) {
    events.push(...translator.push(bytes.subarray(start, start + readSize)));
  }
  events.push(...translator.end(), ...translator.ending());
  const checker = new MessageStreamChecker();
  const assembler = new MessageAssembler();
  for (const event of events) {
    checker.push(event);
    assembler.push(event);
  }
  const problems = events.length === 0 ? [] : checker.end().map(({ rule, detail }) => `${rule}: ${detail}`);
  return { events, translator, message: assembler.message(), problems };
}

/** Chunks as an OpenAI-compatible server frames them. */
export function frame(chunks: readonly unknown[]): string {
  return chunks.map((chunk) => `data: ${typeof chunk === "string" ? chunk : JSON.stringify(chunk)}\n\n`).join("");
}
