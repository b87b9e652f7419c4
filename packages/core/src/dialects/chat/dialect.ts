import type { AnswerDialect } from "../../conversation/answer/answer-dialect.ts";
import { checkContext, type TranslationContext } from "../../conversation/context.ts";
import type { AnswerOptions } from "../../conversation/answer/answer.ts";
import { ChatAnswer } from "./answer.ts";
import { ChatNormaliser, holdsChatCall } from "./normalise.ts";
import { ChunkParser } from "../../conversation/answer/chunk-parser.ts";

/** Chat Completions, for one answer. */
export function openChatDialect(context: TranslationContext, options: AnswerOptions): AnswerDialect {
  checkContext(context);
  const answer = new ChatAnswer(context, options);
  const normaliser = new ChatNormaliser(answer);
  const chunks = new ChunkParser();
  return {
    answer,
    parse: (data) => chunks.parse(data),
    chunk: (value) => normaliser.chunk(value),
    holdsCall: (value) => holdsChatCall(value),
    whole: (value) => normaliser.answer(value),
    // Snowflake never gives a finish reason. Without one, `[DONE]` must at least end something that is whole.
    mayEnd: () => answer.hasContent && !answer.writer.hasCutTool,
  };
}
