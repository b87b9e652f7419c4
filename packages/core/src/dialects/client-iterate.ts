import { toFailureError } from "../failures/messages-error.ts";
import { chatClient } from "./chat/client-dialect.ts";
import { responsesClient } from "./responses/client-dialect.ts";
import { ClientStreamReader } from "./client-reader.ts";
import { PassedEvents } from "./passed-events.ts";
import type { ClientAnswerContext, ClientDialect } from "./dialect.ts";
import { NativeStreamReader } from "./messages/stream.ts";

/**
 * Makes a transform of bytes that reads the Server-Sent Events of a Messages stream and writes those of a Chat
 * Completions stream. A stream that fails before its first content errors the transform with a `CcpbError`. One that
 * breaks later ends with an error chunk and without `[DONE]`.
 *
 * @param context - context of `chatToMessages`, with the `id` (`chatcmpl-…`) and the time of the answer.
 * @returns the transform, for one answer.
 * @example
 * ```ts
 * const { context } = chatToMessages({ model: "claude-opus-5", stream: true, messages: [{ role: "user", content: "Hi" }] });
 * const upstream = new Response(encodeEvents(messageToEvents(message)));
 * const chunks = upstream.body?.pipeThrough(toChatStreamTransform({ ...context, id: "chatcmpl-1", createdAtMs: Date.now() }));
 * console.log((await new Response(chunks).text()).includes("chat.completion.chunk")); // true
 * ```
 */
export function toChatStreamTransform(context: ClientAnswerContext): TransformStream<Uint8Array, Uint8Array> {
  return clientStreamTransform(chatClient, context);
}

/**
 * Makes a transform of bytes that reads the Server-Sent Events of a Messages stream and writes those of a Responses
 * stream. A stream that fails before its first content errors the transform with a `CcpbError`. One that breaks later
 * ends with `response.failed`.
 *
 * @param context - context of `responsesToMessages`, with the `id` (`resp_…`) and the time of the answer.
 * @returns the transform, for one answer.
 * @example
 * ```ts
 * const { context } = responsesToMessages({ model: "claude-opus-5", stream: true, input: "Hi" });
 * const upstream = new Response(encodeEvents(messageToEvents(message)));
 * const events = upstream.body?.pipeThrough(toResponsesStreamTransform({ ...context, id: "resp_1", createdAtMs: Date.now() }));
 * console.log((await new Response(events).text()).includes("response.completed")); // true
 * ```
 */
export function toResponsesStreamTransform(context: ClientAnswerContext): TransformStream<Uint8Array, Uint8Array> {
  return clientStreamTransform(responsesClient, context);
}

/** Makes the same for a client of any dialect. */
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
