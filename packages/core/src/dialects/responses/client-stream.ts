import { CcpbError } from "../../base/errors.ts";
import type { AnyStreamEvent } from "../../conversation/answer/message-assembler.ts";
import type { ClientAnswerContext } from "../dialect.ts";
import { ResponsesAnswerMachine, type ResponsesStreamEvent } from "./client-answer-machine.ts";

/**
 * Translates the events of a Messages stream into the events of a Responses stream. It pulls from `source` only as its
 * own events are pulled. Leaving the iteration closes the source.
 *
 * @param source - events, such as those of `anthropic.messages.create({ …, stream: true })`.
 * @param context - context of `responsesToMessages`, with the `id` (`resp_…`) and the time of the answer.
 * @returns the events.
 * @throws CcpbError if the stream holds an error, is malformed, or ends before its message does. Errors of the source are rethrown.
 * @example
 * ```ts
 * const { context } = responsesToMessages({ model: "claude-opus-5", stream: true, input: "Hi" });
 * async function* source() {
 *   yield* messageToEvents(message);
 * }
 * for await (const event of toResponsesStream(source(), { ...context, id: "resp_1", createdAtMs: Date.now() })) {
 *   if (event.type === "response.completed") console.log(event.type); // response.completed
 * }
 * ```
 */
export async function* toResponsesStream(
  source: AsyncIterable<AnyStreamEvent>,
  context: ClientAnswerContext,
): AsyncGenerator<ResponsesStreamEvent, void, undefined> {
  const machine = new ResponsesAnswerMachine(context);
  for await (const event of source) {
    for (const made of machine.push([event])) {
      if (made.type === "error") throw broken(String(made["message"]));
      yield made;
    }
    if (machine.hasEnded) return;
  }
  throw broken("the provider's stream ended before its answer was complete");
}

function broken(message: string): CcpbError {
  return new CcpbError("stream_broken", message, { status: 502, type: "api_error" });
}
