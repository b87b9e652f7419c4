import type { Message, MessageStreamEvent } from "../protocol/anthropic.ts";
import { defaultMaxBufferSize } from "../sse/decode.ts";
import { readAnswerBody } from "./answer/answer-body.ts";
import { AnswerStream, type AnswerDialect } from "./answer-stream.ts";
import type { TranslationWarning } from "./context.ts";
import { MessageAssembler } from "./message-assembler.ts";
import { toFailureError } from "../failures/messages-error.ts";

/** A translated answer, with what was dropped or repaired on the way. */
export interface TranslatedMessage {
  readonly message: Message;
  readonly warnings: readonly TranslationWarning[];
}

/**
 * Translates an answer that is no stream: its body as text or bytes, or parsed already. An event stream that came in its place is collected.
 * Throws `CcpbError` (code `provider_error`, its `cause` the `StreamFailure`) where it is no answer or says that it is an error.
 */
export function translateAnswer(
  body: unknown,
  openDialect: (maxHeldLength: number) => AnswerDialect,
): TranslatedMessage {
  const text = ArrayBuffer.isView(body) ? decode(body) : body;
  if (typeof text !== "string") return fromValue(text, openDialect);
  const trimmed = text.replace(/^[\uFEFF\s]+/, "");
  if (/^(?::|(?:data|event|id|retry):)/.test(trimmed)) return fromStream(trimmed, openDialect);
  const answer = readAnswerBody(trimmed);
  if (answer.type === "failure") throw toFailureError(answer.failure);
  return fromValue(answer.value, openDialect);
}

function fromValue(value: unknown, openDialect: (maxHeldLength: number) => AnswerDialect): TranslatedMessage {
  // The whole answer is in memory already.
  const dialect = openDialect(Number.POSITIVE_INFINITY);
  dialect.whole(value);
  const { answer } = dialect;
  if (answer.failure) throw toFailureError(answer.failure);
  answer.complete();
  if (answer.failure) throw toFailureError(answer.failure);
  return assembled(answer.writer.take(), answer.warnings);
}

function fromStream(text: string, openDialect: (maxHeldLength: number) => AnswerDialect): TranslatedMessage {
  const stream = new AnswerStream(openDialect, { maxBufferSize: Math.max(defaultMaxBufferSize, text.length + 1) });
  const events = [...stream.push(new TextEncoder().encode(text)), ...stream.end()];
  if (stream.failure) throw toFailureError(stream.failure);
  return assembled(events, stream.warnings);
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
