import { openResponsesDialect } from "./answer/responses-dialect.ts";
import { AnswerStream, type AnswerStreamOptions, type AnswerStreamState } from "./answer-stream.ts";
import type { TranslationContext } from "./context.ts";

export type ResponsesStreamState = AnswerStreamState;
export type ResponsesStreamOptions = AnswerStreamOptions;

/** Translates an OpenAI Responses stream, or a JSON answer that came in its place, into Anthropic events; see `AnswerStream`. */
export class ResponsesStreamTranslator extends AnswerStream {
  constructor(context: TranslationContext, options: ResponsesStreamOptions = {}) {
    const { generateId } = options;
    super((maxHeldLength) => openResponsesDialect(context, { generateId, maxHeldLength }), options);
  }
}
