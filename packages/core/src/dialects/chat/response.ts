import type { GenerateId } from "../../conversation/answer/answer.ts";
import { translateAnswer, type TranslatedMessage } from "../../conversation/answer/answer-message.ts";
import { openChatDialect } from "./dialect.ts";
import type { TranslationContext } from "../../conversation/context.ts";

/** How an answer is translated. */
export interface ChatResponseOptions {
  /** Makes ids for the message and for tool calls that have none; default: ids made of the upstream's own id of the answer. */
  readonly generateId?: GenerateId;
}

/**
 * Translates a Chat Completions answer that is no stream: its body as text or bytes, or parsed already. An event stream that came in its place is
 * collected. Throws `CcpbError` (code `provider_error`, its `cause` the `StreamFailure`) where it is no answer or says that it is an error.
 */
export function fromChatCompletion(
  body: unknown,
  context: TranslationContext,
  options: ChatResponseOptions = {},
): TranslatedMessage {
  const { generateId } = options;
  return translateAnswer(body, (maxHeldLength) => openChatDialect(context, { generateId, maxHeldLength }));
}
