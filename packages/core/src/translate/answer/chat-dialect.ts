import type { AnswerDialect } from "../answer-stream.ts";
import type { TranslationContext } from "../context.ts";
import type { AnswerOptions } from "./answer.ts";
import { ChatAnswer } from "./chat-answer.ts";
import { ChatNormaliser, holdsChatCall } from "./chat-normalise.ts";
import { ChunkParser } from "./chunk-parser.ts";

/** Chat Completions, for one answer. */
export function openChatDialect(context: TranslationContext, options: AnswerOptions): AnswerDialect {
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
