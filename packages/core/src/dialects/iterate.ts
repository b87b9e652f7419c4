import { CcpbError } from "../base/errors.ts";
import { kindOf, misuse } from "../base/misuse.ts";
import type { MessageStreamEvent } from "../protocol/anthropic.ts";
import { encodeEvents } from "../sse/encode.ts";
import type { AnswerStream } from "../conversation/answer/answer-stream.ts";
import { ChatStreamTranslator, type ChatStreamOptions } from "./chat/stream.ts";
import type { TranslationContext } from "../conversation/context.ts";
import { ResponsesStreamTranslator, type ResponsesStreamOptions } from "./responses/stream.ts";
import { toFailureError } from "../failures/messages-error.ts";

/** Source of the bytes of a stream: a response's body, a file or a Node stream. A `ReadableStream` is accepted also on platforms where it is no `AsyncIterable`. */
export type ByteSource = AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>;

type Step = IteratorResult<MessageStreamEvent, undefined>;
interface Waiting {
  readonly resolve: (step: Step) => void;
  readonly reject: (error: unknown) => void;
}

const over: Step = { done: true, value: undefined };

/**
 * Translates a Chat Completions stream into the events of a Messages stream. It pulls from `source` only as its own
 * events are pulled. Leaving the iteration, the end of the answer and a failure cancel the source at once.
 *
 * @param source - bytes of the stream.
 * @param context - context of `messagesToChat`, or of `translationContext`.
 * @param options - generator of ids and limits.
 * @returns the events. After the first event a failure is the last event (`error`); before it the iteration rejects
 *   with a `CcpbError`.
 * @example
 * ```ts
 * const { context } = messagesToChat({ ...request, stream: true }, { model: "gpt-5.6" });
 * const response = new Response('data: {"choices":[{"delta":{"content":"Hello."},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
 * const assembler = new MessageAssembler();
 * if (response.body) for await (const event of fromChatStream(response.body, context)) assembler.push(event);
 * console.log(assembler.message()?.stop_reason); // end_turn
 * ```
 */
export function fromChatStream(
  source: ByteSource,
  context: TranslationContext,
  options?: ChatStreamOptions,
): AsyncIterableIterator<MessageStreamEvent, undefined> {
  return new TranslatedStream(openSource(source), new ChatStreamTranslator(context, options));
}

/**
 * Makes a transform of bytes that reads a Chat Completions stream and writes the Server-Sent Events of the Messages
 * API, one chunk for each chunk that holds events.
 *
 * @param context - context of `messagesToChat`, or of `translationContext`.
 * @param options - generator of ids and limits.
 * @returns the transform, for one answer.
 * @example
 * ```ts
 * const response = new Response('data: {"choices":[{"delta":{"content":"Hello."},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
 * const messages = response.body?.pipeThrough(fromChatStreamTransform(translationContext()));
 * console.log((await new Response(messages).text()).startsWith("event: message_start")); // true
 * ```
 */
export function fromChatStreamTransform(
  context: TranslationContext,
  options?: ChatStreamOptions,
): TransformStream<Uint8Array, Uint8Array> {
  return transformOf(new ChatStreamTranslator(context, options));
}

/**
 * Translates a Chat Completions stream into Messages events.
 *
 * @deprecated Use `fromChatStream`, which is the same function.
 */
export const translateChatStream: typeof fromChatStream = fromChatStream;

/**
 * Makes a transform of a Chat Completions stream into one of the Messages API.
 *
 * @deprecated Use `fromChatStreamTransform`, which is the same function.
 */
export const chatStreamTransform: typeof fromChatStreamTransform = fromChatStreamTransform;

/**
 * Translates a stream of OpenAI's Responses API into the events of a Messages stream, with the behaviour of
 * `fromChatStream`.
 *
 * @param source - bytes of the stream.
 * @param context - context of `messagesToResponses`, or of `translationContext`.
 * @param options - generator of ids and limits.
 * @returns the events. After the first event a failure is the last event (`error`); before it the iteration rejects
 *   with a `CcpbError`.
 * @example
 * ```ts
 * const { context } = messagesToResponses({ ...request, stream: true }, { model: "gpt-5.6" });
 * async function* nothing(): AsyncGenerator<Uint8Array> {}
 * const events = fromResponsesStream(nothing(), context);
 * await events.next().catch((error: unknown) => console.log(error instanceof CcpbError)); // true
 * ```
 */
export function fromResponsesStream(
  source: ByteSource,
  context: TranslationContext,
  options?: ResponsesStreamOptions,
): AsyncIterableIterator<MessageStreamEvent, undefined> {
  return new TranslatedStream(openSource(source), new ResponsesStreamTranslator(context, options));
}

/**
 * Makes a transform of bytes that reads a Responses stream and writes the Server-Sent Events of the Messages API.
 *
 * @param context - context of `messagesToResponses`, or of `translationContext`.
 * @param options - generator of ids and limits.
 * @returns the transform, for one answer.
 * @example
 * ```ts
 * const transform = fromResponsesStreamTransform(translationContext({ dialect: "responses" }));
 * console.log(transform.readable.locked); // false
 * ```
 */
export function fromResponsesStreamTransform(
  context: TranslationContext,
  options?: ResponsesStreamOptions,
): TransformStream<Uint8Array, Uint8Array> {
  return transformOf(new ResponsesStreamTranslator(context, options));
}

/**
 * Translates a Responses stream into Messages events.
 *
 * @deprecated Use `fromResponsesStream`, which is the same function.
 */
export const translateResponsesStream: typeof fromResponsesStream = fromResponsesStream;

/**
 * Makes a transform of a Responses stream into one of the Messages API.
 *
 * @deprecated Use `fromResponsesStreamTransform`, which is the same function.
 */
export const responsesStreamTransform: typeof fromResponsesStreamTransform = fromResponsesStreamTransform;

function transformOf(translator: AnswerStream): TransformStream<Uint8Array, Uint8Array> {
  let hasBegun = false;
  const give = (
    events: readonly MessageStreamEvent[],
    controller: TransformStreamDefaultController<Uint8Array>,
  ): void => {
    hasBegun ||= events.length > 0;
    const { failure } = translator;
    const all = failure ? [...events, ...translator.ending()] : events;
    if (all.length > 0) controller.enqueue(encodeEvents(all));
    if (failure && !hasBegun) controller.error(toFailureError(failure));
    else if (translator.state === "complete" || failure) controller.terminate();
  };
  return new TransformStream({
    transform: (bytes, controller) => give(translator.push(bytes), controller),
    flush: (controller) => give(translator.end(), controller),
  });
}

class TranslatedStream implements AsyncIterableIterator<MessageStreamEvent, undefined> {
  readonly #source: Source;
  readonly #translator: AnswerStream;
  #events: readonly MessageStreamEvent[] = [];
  #position = 0;
  #hasBegun = false;
  #isOver = false;
  #isPumping = false;
  readonly #waiting: Waiting[] = [];

  constructor(source: Source, translator: AnswerStream) {
    this.#source = source;
    this.#translator = translator;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Step> {
    const ready = this.#waiting.length === 0 ? this.#ready() : undefined;
    if (ready) return Promise.resolve(ready);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      if (!this.#isPumping) void this.#pump();
    });
  }

  /** Cancels the source at once, even while a `next` waits for it. Never rejects. */
  return(): Promise<Step> {
    this.#close();
    this.#events = [];
    for (const { resolve } of this.#waiting.splice(0)) resolve(over);
    return Promise.resolve(over);
  }

  #ready(): Step | undefined {
    const value = this.#events[this.#position];
    if (value !== undefined) {
      this.#position += 1;
      return { done: false, value };
    }
    return this.#isOver ? over : undefined;
  }

  /** Reads as long as a reader waits. */
  async #pump(): Promise<void> {
    this.#isPumping = true;
    while (this.#waiting.length > 0) {
      const ready = this.#ready();
      if (ready) this.#waiting.shift()?.resolve(ready);
      else {
        try {
          await this.#read();
        } catch (error) {
          this.#waiting.shift()?.reject(error);
        }
      }
    }
    this.#isPumping = false;
  }

  async #read(): Promise<void> {
    const translator = this.#translator;
    let events: readonly MessageStreamEvent[];
    let cause: unknown;
    let mistake: TypeError | undefined;
    try {
      const chunk = await this.#source.next();
      if (this.#isOver) return;
      mistake = chunkMistake(chunk);
      events = chunk === undefined || mistake ? translator.end() : translator.push(chunk);
    } catch (error) {
      if (this.#isOver) return;
      cause = error;
      events = translator.end();
    }
    if (mistake) {
      // The caller's, so that the provider is not blamed for it.
      this.#close();
      throw mistake;
    }
    this.#hasBegun ||= events.length > 0;
    const { failure } = translator;
    if (failure || translator.state === "complete") this.#close();
    if (failure && !this.#hasBegun) throw failureError(toFailureError(failure), cause);
    this.#events = failure ? [...events, ...translator.ending()] : events;
    this.#position = 0;
  }

  #close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#source.cancel();
  }
}

function failureError(error: CcpbError, cause: unknown): CcpbError {
  if (cause === undefined) return error;
  const { status, type } = error;
  return new CcpbError("provider_error", "the provider's stream broke before its first content", {
    status,
    type,
    cause,
  });
}

interface Source {
  /** Undefined at the end. */
  next(): Promise<Uint8Array | undefined>;
  /** Closes or releases the upstream at once, also while `next` is pending; never throws. */
  cancel(): void;
}

function openSource(source: ByteSource): Source {
  checkSource(source);
  // A ReadableStream's own iterator defers its `return` behind a pending read; its reader can be cancelled at once.
  if (isReadableStream(source)) {
    const reader = source.getReader();
    return {
      next: async () => (await reader.read()).value,
      cancel: () => void reader.cancel().catch(ignore),
    };
  }
  const iterator = source[Symbol.asyncIterator]();
  return {
    next: async () => {
      const step = await iterator.next();
      return step.done === true ? undefined : step.value;
    },
    cancel: () => {
      try {
        iterator.return?.().then(ignore, ignore);
      } catch {
        // a source that cannot be closed is no failure of the answer
      }
    },
  };
}

function chunkMistake(chunk: unknown): TypeError | undefined {
  if (chunk === undefined || ArrayBuffer.isView(chunk)) return undefined;
  return misuse("source", `gave ${kindOf(chunk)}`, "give it as Uint8Array, without a decoder of text in between");
}

// Called from JavaScript too.
function checkSource(source: unknown): void {
  if (typeof source === "object" && source !== null) {
    if ("getReader" in source || Symbol.asyncIterator in source) return;
    if ("body" in source && "status" in source) throw misuse("source", `is ${kindOf(source)}`, "pass its body");
  }
  throw misuse("source", `is ${kindOf(source)}`, "pass the body of a response, or another AsyncIterable of Uint8Array");
}

function isReadableStream(source: ByteSource): source is ReadableStream<Uint8Array> {
  return "getReader" in source && typeof source.getReader === "function";
}

function ignore(): void {
  // The upstream was released: a failure of its close changes nothing for the caller.
}
