import { openChatDialect } from "./dialect.ts";
import {
  AnswerStream,
  type AnswerStreamOptions,
  type AnswerStreamState,
} from "../../conversation/answer/answer-stream.ts";
import type { TranslationContext } from "../../conversation/context.ts";

/** Where a stream's translator is: before the first content, in it, at a good end, or failed (`failure` says why). */
export type ChatStreamState = AnswerStreamState;
/** How a stream is translated. */
export type ChatStreamOptions = AnswerStreamOptions;

/** Translates a Chat Completions stream, or a JSON answer that came in its place, into Anthropic events; see `AnswerStream`. */
export class ChatStreamTranslator extends AnswerStream {
  constructor(context: TranslationContext, options: ChatStreamOptions = {}) {
    const { generateId } = options;
    super((maxHeldLength) => openChatDialect(context, { generateId, maxHeldLength }), options);
  }
}
