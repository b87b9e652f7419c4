import type { Message, MessageStreamEvent } from "../protocol/anthropic.ts";
import { defaultMaxBufferSize } from "../sse/decode.ts";
import { readAnswerBody } from "./answer/answer-body.ts";
import { ChatAnswer, type GenerateId } from "./answer/chat-answer.ts";
import { ChatNormaliser } from "./answer/chat-normalise.ts";
import { ChatStreamTranslator } from "./chat-stream.ts";
import type { TranslationContext, TranslationWarning } from "./context.ts";
import { MessageAssembler } from "./message-assembler.ts";
import { toFailureError } from "./error/messages-error.ts";

export interface ChatResponseOptions {
  /** Makes ids for the message and for tool calls that have none; default: ids made of the upstream's own id of the answer. */
  readonly generateId?: GenerateId;
}

/** A translated answer, with what was dropped or repaired on the way. */
export interface TranslatedMessage {
  readonly message: Message;
  readonly warnings: readonly TranslationWarning[];
}

/**
 * Translates an answer that is no stream: its body as text or bytes, or parsed already. An event stream that came in its place is collected.
 * Throws `CcpbError` (code `provider_error`, its `cause` the `StreamFailure`) where it is no answer or says that it is an error.
 */
export function fromChatCompletion(
  body: unknown,
  context: TranslationContext,
  options: ChatResponseOptions = {},
): TranslatedMessage {
  const text = ArrayBuffer.isView(body) ? decode(body) : body;
  if (typeof text !== "string") return fromValue(text, context, options);
  const trimmed = text.replace(/^[\uFEFF\s]+/, "");
  if (/^(?::|(?:data|event|id|retry):)/.test(trimmed)) return fromStream(trimmed, context, options);
  const answer = readAnswerBody(trimmed);
  if (answer.type === "failure") throw toFailureError(answer.failure);
  return fromValue(answer.value, context, options);
}

function fromValue(value: unknown, context: TranslationContext, options: ChatResponseOptions): TranslatedMessage {
  const answer = new ChatAnswer(context, {
    generateId: options.generateId,
    // The whole answer is in memory already.
    maxHeldLength: Number.POSITIVE_INFINITY,
  });
  new ChatNormaliser(answer).answer(value);
  if (answer.failure) throw toFailureError(answer.failure);
  answer.complete();
  return assembled(answer.writer.take(), answer.warnings);
}

function fromStream(text: string, context: TranslationContext, options: ChatResponseOptions): TranslatedMessage {
  const maxBufferSize = Math.max(defaultMaxBufferSize, text.length + 1);
  const { generateId } = options;
  const translator = new ChatStreamTranslator(context, { maxBufferSize, ...(generateId && { generateId }) });
  const events = [...translator.push(new TextEncoder().encode(text)), ...translator.end()];
  if (translator.failure) throw toFailureError(translator.failure);
  return assembled(events, translator.warnings);
}

function assembled(events: readonly MessageStreamEvent[], warnings: readonly TranslationWarning[]): TranslatedMessage {
  const assembler = new MessageAssembler();
  for (const event of events) assembler.push(event);
  const message = assembler.message();
  if (message === undefined) throw toFailureError({ type: "truncated" });
  // The official SDK declares `citations` of an answer's text as present or null.
  const content = message.content.map((block) => (block.type === "text" ? { ...block, citations: null } : block));
  return { message: { ...message, content }, warnings };
}

function decode(bytes: ArrayBufferView): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw toFailureError({ type: "not-an-answer", detail: "the provider's answer is not valid UTF-8" });
  }
}
