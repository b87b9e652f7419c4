import type { Message, MessageStreamEvent } from "../../protocol/anthropic.ts";
import { defaultMaxBufferSize } from "../../sse/decode.ts";
import { readAnswerBody } from "./answer-body.ts";
import type { AnswerDialect } from "./answer-dialect.ts";
import { AnswerStream } from "./answer-stream.ts";
import { withoutSpace } from "./body-form.ts";
import type { TranslationWarning } from "../context.ts";
import { MessageAssembler } from "./message-assembler.ts";
import { toFailureError } from "../../failures/messages-error.ts";

/** Translated answer. */
export interface TranslatedMessage {
  /** Answer of the Messages API. */
  readonly message: Message;
  /** Warnings about each part that was dropped or repaired; empty: none was. */
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
  if (ArrayBuffer.isView(body) && isEventStream(body)) return fromStream(bytesOf(body), openDialect);
  const text = ArrayBuffer.isView(body) ? decode(body) : body;
  if (typeof text !== "string") return fromValue(text, openDialect);
  const trimmed = text.replace(/^[\uFEFF\s]+/, "");
  if (eventStreamStart.test(trimmed)) return fromStream(new TextEncoder().encode(trimmed), openDialect);
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

const eventStreamStart = /^(?::|(?:data|event|id|retry):)/;

/**
 * Decides whether bytes begin as an event stream, behind a byte order mark and white space. Its events are checked
 * for UTF-8 one by one.
 */
function isEventStream(view: ArrayBufferView): boolean {
  return eventStreamStart.test(new TextDecoder().decode(withoutSpace(bytesOf(view)).subarray(0, 16)));
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function fromStream(bytes: Uint8Array, openDialect: (maxHeldLength: number) => AnswerDialect): TranslatedMessage {
  const stream = new AnswerStream(openDialect, { maxBufferSize: Math.max(defaultMaxBufferSize, bytes.length + 1) });
  const events = [...stream.push(bytes), ...stream.end()];
  if (stream.failure) throw toFailureError(stream.failure);
  return assembled(events, stream.warnings);
}

function assembled(events: readonly MessageStreamEvent[], warnings: readonly TranslationWarning[]): TranslatedMessage {
  const assembler = new MessageAssembler();
  for (const event of events) assembler.push(event);
  const message = assembler.message();
  if (message === undefined) throw toFailureError({ type: "truncated" });
  return { message, warnings };
}

function decode(bytes: ArrayBufferView): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw toFailureError({ type: "not-an-answer", detail: "the provider's answer is not valid UTF-8" });
  }
}
