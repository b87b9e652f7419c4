import { openResponsesDialect } from "./dialect.ts";
import {
  AnswerStream,
  type AnswerStreamOptions,
  type AnswerStreamState,
} from "../../conversation/answer/answer-stream.ts";
import type { TranslationContext } from "../../conversation/context.ts";

// A provider's own tools tell of their work in an event for each token of it, and the client is shown nothing of that.
const maxPreludeEvents = 20_000;

/**
 * State of a stream's translator: before the first content, in it, at a good end, or failed (`failure` has the
 * reason).
 */
export type ResponsesStreamState = AnswerStreamState;
/** Options of translating a stream. */
export type ResponsesStreamOptions = AnswerStreamOptions;

/**
 * Translates an OpenAI Responses stream, or a JSON answer that came in its place, into the events of a Messages
 * stream; see `AnswerStream`. `maxPreludeEvents` is 20,000 by default. It is exported as `FromResponsesStreamReader`,
 * and under the older name `ResponsesStreamTranslator`.
 *
 * @example
 * ```ts
 * const reader = new FromResponsesStreamReader(translationContext({ dialect: "responses" }));
 * console.log(reader.push(new TextEncoder().encode(": keep-alive\n\n")).length); // 0
 * ```
 */
export class ResponsesStreamTranslator extends AnswerStream {
  /**
   * @param context - context of `messagesToResponses`, or of `translationContext`.
   * @param options - generator of ids and limits.
   */
  constructor(context: TranslationContext, options: ResponsesStreamOptions = {}) {
    const { generateId } = options;
    super((maxHeldLength) => openResponsesDialect(context, { generateId, maxHeldLength }), {
      maxPreludeEvents,
      ...options,
    });
  }
}
