import { CcpbError } from "../../base/errors.ts";
import type { AnyStreamEvent } from "../../conversation/answer/message-assembler.ts";
import type { ClientAnswerContext } from "../dialect.ts";
import { ResponsesAnswerMachine, type ResponsesStreamEvent } from "./client-answer.ts";

/**
 * Translates the events of a Messages stream into the events of a Responses stream, pulled from `source` only as they are pulled from here. Leaving the
 * iteration closes the source.
 *
 * @param source The events, such as `anthropic.messages.create({ …, stream: true })` gives.
 * @param context What `responsesToMessages` gave, with the `id` (`resp_…`) and the time of the answer.
 * @throws `CcpbError` where the stream holds an error, is malformed, or ends before its message does. What the source itself throws is thrown on.
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
