import { toFailureError } from "../failures/messages-error.ts";
import { chatClient } from "./chat/client-dialect.ts";
import { responsesClient } from "./responses/client-dialect.ts";
import { ClientStreamReader } from "./client-reader.ts";
import { PassedEvents } from "./passed-events.ts";
import type { ClientAnswerContext, ClientDialect } from "./dialect.ts";
import { NativeStreamReader } from "./messages/stream.ts";

/**
 * Returns a transform of bytes: the Server-Sent Events of a Messages stream in, those of a Chat Completions stream out. A stream that fails before its
 * first content errors the transform with a `CcpbError`; one that breaks later ends with an error chunk and without `[DONE]`.
 *
 * @param context What `chatToMessages` gave, with the `id` (`chatcmpl-…`) and the time of the answer.
 *
 * @example
 * ```ts
 * return new Response(upstream.body.pipeThrough(toChatStreamTransform(context)), { headers: { "content-type": "text/event-stream" } });
 * ```
 */
export function toChatStreamTransform(context: ClientAnswerContext): TransformStream<Uint8Array, Uint8Array> {
  return clientStreamTransform(chatClient, context);
}

/**
 * Returns a transform of bytes: the Server-Sent Events of a Messages stream in, those of a Responses stream out. A stream that fails before its first content
 * errors the transform with a `CcpbError`; one that breaks later ends with `response.failed`.
 *
 * @param context What `responsesToMessages` gave, with the `id` (`resp_…`) and the time of the answer.
 */
export function toResponsesStreamTransform(context: ClientAnswerContext): TransformStream<Uint8Array, Uint8Array> {
  return clientStreamTransform(responsesClient, context);
}

/** The same for a client of any dialect. */
export function clientStreamTransform(
  dialect: ClientDialect,
  context: ClientAnswerContext,
): TransformStream<Uint8Array, Uint8Array> {
  const reader = new ClientStreamReader(new PassedEvents(new NativeStreamReader()), { dialect, context });
  let hasBegun = false;
  const give = (bytes: Uint8Array | undefined, controller: TransformStreamDefaultController<Uint8Array>): void => {
    if (bytes) {
      hasBegun = true;
      controller.enqueue(bytes);
    }
    const { failure, state } = reader;
    if (failure) {
      const error = toFailureError(failure);
      if (!hasBegun) {
        controller.error(error);
        return;
      }
      const { status, type, message } = error;
      controller.enqueue(reader.breakOff({ status, error: { type, message } }));
    }
    if (failure || state === "complete") controller.terminate();
  };
  return new TransformStream({
    transform: (bytes, controller) => give(reader.push(bytes), controller),
    flush: (controller) => give(reader.end(), controller),
  });
}
