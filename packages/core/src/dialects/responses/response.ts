import type { GenerateId } from "../../conversation/answer/answer.ts";
import { translateAnswer, type TranslatedMessage } from "../../conversation/answer/answer-message.ts";
import { openResponsesDialect } from "./dialect.ts";
import type { TranslationContext } from "../../conversation/context.ts";

/** Options of translating a whole answer. */
export interface ResponseOptions {
  /** Makes ids for the message and for tool calls that have none; default: ids made of the upstream's own id of the answer. */
  readonly generateId?: GenerateId;
}

/**
 * Translates a whole answer of OpenAI's Responses API into a message. An event stream that came in its place is
 * collected.
 *
 * @param body - body as text or bytes, or parsed.
 * @param context - context of `messagesToResponses`, or of `translationContext`.
 * @param options - generator of ids.
 * @returns the message and warnings.
 * @throws CcpbError (code `provider_error`, its `cause` the `StreamFailure`) if the body is no answer or holds an
 *   error.
 * @example
 * ```ts
 * const { context } = messagesToResponses(request, { model: "gpt-5.6" });
 * const output = [{ type: "message", role: "assistant", content: [{ type: "output_text", text: "Hello." }] }];
 * console.log(fromResponse({ status: "completed", output }, context).message.stop_reason); // end_turn
 * ```
 */
export function fromResponse(
  body: unknown,
  context: TranslationContext,
  options: ResponseOptions = {},
): TranslatedMessage {
  const { generateId } = options;
  return translateAnswer(body, (maxHeldLength) => openResponsesDialect(context, { generateId, maxHeldLength }));
}
