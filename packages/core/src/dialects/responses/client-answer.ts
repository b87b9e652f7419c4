import type { MessagesError } from "../../failures/messages-error.ts";
import type { AnyStreamEvent } from "../../conversation/answer/message-assembler.ts";
import { type AnyMessage, messageToEvents } from "../../conversation/answer/message-events.ts";
import { isObject, type JsonObject } from "../../base/json.ts";
import type { ClientAnswerContext, ClientAnswerWriter } from "../dialect.ts";
import { ResponsesAnswerMachine, type ResponsesStreamEvent } from "./client-answer-machine.ts";

/**
 * Writes the events of a Messages stream as the Server-Sent Events of a Responses stream. It is synchronous; use one
 * writer for each answer.
 *
 * @example
 * ```ts
 * const { context } = responsesToMessages({ model: "claude-opus-5", input: "Hi" });
 * const writer = new ToResponsesStreamWriter({ ...context, id: "resp_1", createdAtMs: Date.now() });
 * writer.push(messageToEvents(message));
 * console.log(writer.hasEnded); // true
 * ```
 */
export class ToResponsesStreamWriter implements ClientAnswerWriter {
  readonly #machine: ResponsesAnswerMachine;

  /**
   * @param context - context of `responsesToMessages`, with the `id` (`resp_…`) and the time of the answer.
   */
  constructor(context: ClientAnswerContext) {
    this.#machine = new ResponsesAnswerMachine(context);
  }

  /** True after the last event of the response, of whatever kind; nothing more is written. */
  get hasEnded(): boolean {
    return this.#machine.hasEnded;
  }

  /** True once the answer has ended with an error, because the provider's events make up no whole answer. */
  get isBroken(): boolean {
    return this.#machine.isBroken;
  }

  /**
   * Writes events.
   *
   * @param events - next events of the Messages stream.
   * @returns the text of whole Server-Sent Events; `""` if there is none.
   */
  push(events: readonly AnyStreamEvent[]): string {
    return encodeResponsesEvents(this.#machine.push(events));
  }

  /**
   * Writes a sign of life.
   *
   * @returns an SSE comment, because the API has no ping.
   */
  keepAlive(): string {
    return ": keep-alive\n\n";
  }

  /**
   * Breaks the answer off.
   *
   * @param error - error for the client.
   * @returns the text of `response.failed`; `""` if the answer is over.
   */
  fail(error: MessagesError): string {
    return encodeResponsesEvents(this.#machine.fail(error));
  }
}

/** Returns events as SSE text: an `event:` line that equals the event's type, one `data:` line, a blank line. */
export function encodeResponsesEvents(events: readonly ResponsesStreamEvent[]): string {
  let text = "";
  for (const event of events) text += `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
  return text;
}

/**
 * Writes a whole answer as a response object: the one with which the stream of the same answer would end. An answer
 * without a stop reason counts as complete.
 *
 * @param message - whole answer of the Messages API.
 * @param context - context of `responsesToMessages`, with the `id` (`resp_…`) and the time of the answer.
 * @returns the response object.
 * @example
 * ```ts
 * const { context } = responsesToMessages({ model: "claude-opus-5", input: "Hi" });
 * console.log(toResponse(message, { ...context, id: "resp_1", createdAtMs: Date.now() })["status"]); // completed
 * ```
 */
export function toResponse(message: AnyMessage, context: ClientAnswerContext): JsonObject {
  const writer = new ResponsesAnswerMachine(context);
  const whole = { ...message, stop_reason: message.stop_reason ?? ("end_turn" as const) };
  const response = writer.push(messageToEvents(whole)).at(-1)?.["response"];
  return isObject(response) ? response : {};
}
