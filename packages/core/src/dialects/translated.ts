import type { MessagesError } from "../failures/messages-error.ts";
import { brokenStreamEnding, pingEvent } from "./messages/gate.ts";
import type { TokenUsage } from "../base/events.ts";
import type { StreamFailure } from "../base/outcome.ts";
import { toTokenUsage } from "../conversation/answer/usage.ts";
import { EventEncoder } from "../sse/encode.ts";
import type { TranslatedMessage } from "../conversation/answer/answer-message.ts";
import type { AnswerStream } from "../conversation/answer/answer-stream.ts";
import { fromChatCompletion } from "./chat/response.ts";
import { ChatStreamTranslator } from "./chat/stream.ts";
import type { TranslationContext } from "../conversation/context.ts";
import { fromResponse } from "./responses/response.ts";
import { ResponsesStreamTranslator } from "./responses/stream.ts";
import { eventStreamType, type ReaderState, type ReplyReader } from "./reader.ts";
import { failureOf, type WholeAnswer } from "./whole-answer.ts";

/** Translates a stream of the dialect that was spoken into Anthropic events; one encode a chunk. */
export class TranslatedStreamReader implements ReplyReader {
  readonly contentType: string = eventStreamType;
  readonly #translator: AnswerStream;
  readonly #encoder = new EventEncoder();

  constructor(context: TranslationContext, generateId: (prefix: string) => string) {
    this.#translator = openTranslator(context, generateId);
  }

  get state(): ReaderState {
    return this.#translator.state;
  }

  get failure(): StreamFailure | undefined {
    return this.#translator.failure;
  }

  get usage(): TokenUsage | undefined {
    return this.#translator.usage;
  }

  get stopReason(): string | undefined {
    return this.#translator.stopReason;
  }

  get warnings(): readonly string[] {
    return this.#translator.warnings.map((warning) => warning.message);
  }

  get isKeepAlive(): boolean {
    return this.#translator.sawKeepAlive;
  }

  get canEnd(): boolean {
    return this.#translator.hasFinishReason;
  }

  push(chunk: Uint8Array): Uint8Array | undefined {
    const events = this.#translator.push(chunk);
    return events.length === 0 ? undefined : this.#encoder.encode(events);
  }

  end(): Uint8Array | undefined {
    const events = this.#translator.end();
    return events.length === 0 ? undefined : this.#encoder.encode(events);
  }

  keepAlive(): Uint8Array {
    return pingEvent;
  }

  breakOff(error: MessagesError): Uint8Array {
    return brokenStreamEnding(error.error);
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
