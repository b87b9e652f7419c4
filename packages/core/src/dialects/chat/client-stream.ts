import { CcpbError } from "../../base/errors.ts";
import type { AnyStreamEvent } from "../../conversation/answer/message-assembler.ts";
import type { ChatChunk } from "../../protocol/chat-answer.ts";
import type { ClientAnswerContext } from "../dialect.ts";
import { toChunk } from "./client-answer.ts";
import { ChatAnswerMachine, type ChatStep } from "./client-answer-machine.ts";

/**
 * Translates the events of a Messages stream into the chunks of a Chat Completions stream. It pulls from `source` only
 * as its own events are pulled. Leaving the iteration closes the source.
 *
 * @param source - events, such as those of `anthropic.messages.create({ …, stream: true })`.
 * @param context - context of `chatToMessages`, with the `id` (`chatcmpl-…`) and the time of the answer.
 * @returns the chunks, without `[DONE]`.
 * @throws CcpbError if the stream holds an error, is malformed, or ends before its message does. Errors of the source are rethrown.
 * @example
 * ```ts
 * const { context } = chatToMessages({ model: "claude-opus-5", messages: [{ role: "user", content: "Hi" }] });
 * async function* events() {
 *   yield* messageToEvents(message);
 * }
 * for await (const chunk of toChatStream(events(), { ...context, id: "chatcmpl-1", createdAtMs: Date.now() })) {
 *   if (chunk.choices[0]?.delta.content) console.log(chunk.choices[0].delta.content); // Hello.
 * }
 * ```
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
