import { openChatDialect } from "./dialect.ts";
import {
  AnswerStream,
  type AnswerStreamOptions,
  type AnswerStreamState,
} from "../../conversation/answer/answer-stream.ts";
import type { TranslationContext } from "../../conversation/context.ts";

/**
 * State of a stream's translator: before the first content, in it, at a good end, or failed (`failure` has the
 * reason).
 */
export type ChatStreamState = AnswerStreamState;
/** Options of translating a stream. */
export type ChatStreamOptions = AnswerStreamOptions;

/**
 * Translates a Chat Completions stream, or a JSON answer that came in its place, into the events of a Messages
 * stream; see `AnswerStream`. It is exported as `FromChatStreamReader`, and under the older name
 * `ChatStreamTranslator`.
 *
 * @example
 * ```ts
 * const reader = new FromChatStreamReader(translationContext({ requestedModel: "claude-opus-5" }));
 * const bytes = new TextEncoder().encode('data: {"choices":[{"delta":{"content":"Hello."}}]}\n\n');
 * console.log(reader.push(bytes).map(({ type }) => type)[0]); // message_start
 * ```
 */
export class ChatStreamTranslator extends AnswerStream {
  /**
   * @param context - context of `messagesToChat`, or of `translationContext`.
   * @param options - generator of ids and limits.
   */
  constructor(context: TranslationContext, options: ChatStreamOptions = {}) {
    const { generateId } = options;
    super((maxHeldLength) => openChatDialect(context, { generateId, maxHeldLength }), options);
  }
}
