import { CcpbError } from "../../base/errors.ts";
import type { AnyStreamEvent } from "../../conversation/answer/message-assembler.ts";
import type { ChatChunk } from "../../protocol/chat-answer.ts";
import type { ClientAnswerContext } from "../dialect.ts";
import { toChunk } from "./client-answer.ts";
import { ChatAnswerMachine, type ChatStep } from "./client-answer-machine.ts";

/**
 * Translates the events of a Messages stream into the chunks of a Chat Completions stream, pulled from `source` only as they are pulled from here.
 * Leaving the iteration closes the source.
 *
 * @param source The events, such as `anthropic.messages.create({ …, stream: true })` gives.
 * @param context What `chatToMessages` gave, with the `id` (`chatcmpl-…`) and the time of the answer.
 * @throws `CcpbError` where the stream holds an error, is malformed, or ends before its message does. What the source itself throws is thrown on.
 */
export async function* toChatStream(
  source: AsyncIterable<AnyStreamEvent>,
  context: ClientAnswerContext,
): AsyncGenerator<ChatChunk, void, undefined> {
  const machine = new ChatAnswerMachine(context);
  for await (const event of source) {
    for (const step of machine.push([event])) {
      throwError(step);
      const chunk = toChunk(step, context);
      if (chunk) yield chunk;
    }
    if (machine.state === "complete") return;
  }
  throw new CcpbError("stream_broken", "the provider's stream ended before its answer was complete", {
    status: 502,
    type: "api_error",
  });
}

function throwError(step: ChatStep): void {
  if (step.type !== "error") return;
  const { status, error } = step.error;
  throw new CcpbError("stream_broken", error.message, { status, type: error.type });
}
