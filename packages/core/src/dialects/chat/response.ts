import type { GenerateId } from "../../conversation/answer/answer.ts";
import { translateAnswer, type TranslatedMessage } from "../../conversation/answer/answer-message.ts";
import { openChatDialect } from "./dialect.ts";
import type { TranslationContext } from "../../conversation/context.ts";

/** Options of translating a whole answer. */
export interface ChatResponseOptions {
  /** Makes ids for the message and for tool calls that have none; default: ids made of the upstream's own id of the answer. */
  readonly generateId?: GenerateId;
}

/**
 * Translates a whole Chat Completions answer into a message. An event stream that came in its place is collected.
 *
 * @param body - body as text or bytes, or parsed.
 * @param context - context of `messagesToChat`, or of `translationContext`.
 * @param options - generator of ids.
 * @returns the message and warnings.
 * @throws CcpbError (code `provider_error`, its `cause` the `StreamFailure`) if the body is no answer or holds an
 *   error.
 * @example
 * ```ts
 * const { context } = messagesToChat(request, { model: "gpt-5.6" });
 * const answer = { choices: [{ message: { role: "assistant", content: "Hello." }, finish_reason: "stop" }] };
 * console.log(fromChatCompletion(answer, context).message.stop_reason); // end_turn
 * ```
 */
export function fromChatCompletion(
  body: unknown,
  context: TranslationContext,
  options: ChatResponseOptions = {},
): TranslatedMessage {
  const { generateId } = options;
  return translateAnswer(body, (maxHeldLength) => openChatDialect(context, { generateId, maxHeldLength }));
}
