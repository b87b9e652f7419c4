import type { MessagesError } from "../failures/messages-error.ts";
import { brokenStreamEnding, pingEvent } from "./messages/gate.ts";
import { toTokenUsage } from "../conversation/answer/usage.ts";
import { EventEncoder } from "../sse/encode.ts";
import type { TranslatedMessage } from "../conversation/answer/answer-message.ts";
import type { AnswerStream } from "../conversation/answer/answer-stream.ts";
import { fromChatCompletion } from "./chat/response.ts";
import { ChatStreamTranslator } from "./chat/stream.ts";
import type { TranslationContext } from "../conversation/context.ts";
import { fromResponse } from "./responses/response.ts";
import { ResponsesStreamTranslator } from "./responses/stream.ts";
import { TranslatedEvents, WritingReader } from "./event-reader.ts";
import type { MessageStreamEvent } from "../protocol/anthropic.ts";
import { failureOf, type WholeAnswer } from "./whole-answer.ts";

/** Translates a stream of the dialect that was spoken into Anthropic events; one encode a chunk. */
export class TranslatedStreamReader extends WritingReader {
  readonly #encoder = new EventEncoder();

  constructor(context: TranslationContext, generateId: (prefix: string) => string) {
    super(new TranslatedEvents(openTranslator(context, generateId)));
  }

  keepAlive(): Uint8Array {
    return pingEvent;
  }

  breakOff(error: MessagesError): Uint8Array {
    return brokenStreamEnding(error.error);
  }

  protected write(events: readonly MessageStreamEvent[]): Uint8Array {
    return this.#encoder.encode(events);
  }
}

/** Opens the translator of a stream of the dialect that was spoken. */
export function openTranslator(context: TranslationContext, generateId: (prefix: string) => string): AnswerStream {
  return context.dialect === "responses"
    ? new ResponsesStreamTranslator(context, { generateId })
    : new ChatStreamTranslator(context, { generateId });
}

/** Judges and translates a whole body of the dialect that was spoken, in whichever framing it came. */
export function readTranslatedWhole(
  body: Uint8Array,
  context: TranslationContext,
  generateId: (prefix: string) => string,
): WholeAnswer {
  try {
    const { message, warnings } = translateWhole(body, context, generateId);
    return {
      type: "answer",
      bytes: new TextEncoder().encode(JSON.stringify(message)),
      usage: toTokenUsage(message.usage),
      ...(message.stop_reason !== null && { stopReason: message.stop_reason }),
      warnings: warnings.map((warning) => warning.message),
    };
  } catch (error) {
    return { type: "failure", failure: failureOf(error) };
  }
}

function translateWhole(
  body: Uint8Array,
  context: TranslationContext,
  generateId: (prefix: string) => string,
): TranslatedMessage {
  return context.dialect === "responses"
    ? fromResponse(body, context, { generateId })
    : fromChatCompletion(body, context, { generateId });
}
