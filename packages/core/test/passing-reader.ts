import { createReader } from "../src/call/create-reader.ts";
import { chatClient } from "../src/dialects/chat/client-dialect.ts";
import type { ReplyReader } from "../src/dialects/reader.ts";
import { responsesClient } from "../src/dialects/responses/client-dialect.ts";

/** An answer that passes through, because client and provider speak the same API of OpenAI's. */
export interface PassingAnswer {
  readonly dialect: "chat" | "responses";
  readonly stream: boolean;
  /** Name that is put back; undefined: no byte may change. */
  readonly answerModel: string | undefined;
}

const context = {
  model: "gpt-x",
  includeUsage: true,
  request: {},
  customTools: new Map(),
  id: "answer-1",
  createdAtMs: 0,
};

/** Makes the reader of such an answer as a call makes it. */
export function passingReader(
  { dialect, stream, answerModel }: PassingAnswer,
  generateId: (prefix: string) => string,
): ReplyReader {
  return createReader({
    stream,
    dialect,
    requestedModel: "gpt-x",
    answerModel,
    translation: undefined,
    client: { dialect: dialect === "chat" ? chatClient : responsesClient, context },
    generateId,
  });
}
