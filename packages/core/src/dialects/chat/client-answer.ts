import { CcpbError } from "../../base/errors.ts";
import type { MessagesError } from "../../failures/messages-error.ts";
import type { MessageStreamEvent } from "../../protocol/anthropic.ts";
import type { ChatChunk, ChatCompletion } from "../../protocol/chat-answer.ts";
import { type AnyMessage, messageToEvents } from "../../conversation/answer/message-events.ts";
import type { ClientAnswerContext, ClientAnswerWriter } from "../dialect.ts";
import { ChatAnswerMachine, type ChatAnswerState, type ChatStep } from "./client-answer-machine.ts";
import { chatError } from "./client-error.ts";
import { addDelta, toAnswerMessage } from "./client-answer-message.ts";

/**
 * Writes the Server-Sent Events of a Chat Completions stream from the events of a Messages stream: first the role,
 * then pieces, one finish reason, the usage if the client asked for it, and `[DONE]`. It is synchronous; use one
 * writer for each answer.
 *
 * @example
 * ```ts
 * const { context } = chatToMessages({ model: "claude-opus-5", messages: [{ role: "user", content: "Hi" }] });
 * const writer = new ToChatStreamWriter({ ...context, id: "chatcmpl-1", createdAtMs: Date.now() });
 * const text = writer.push(messageToEvents(message));
 * console.log(text.endsWith("data: [DONE]\n\n")); // true
 * ```
 */
export class ToChatStreamWriter implements ClientAnswerWriter {
  readonly #machine: ChatAnswerMachine;
  readonly #before: string;
  readonly #behind: string;
  readonly #head: string;

  /**
   * @param context - context of `chatToMessages`, with the `id` (`chatcmpl-…`) and the time of the answer.
   */
  constructor(context: ClientAnswerContext) {
    this.#machine = new ChatAnswerMachine(context);
    const { id, object, created, model } = chunkHead(context);
    this.#head = `data: ${JSON.stringify({ id, object, created, model }).slice(0, -1)},"choices":[`;
    this.#before = `${this.#head}{"index":0,"delta":`;
    this.#behind = context.includeUsage ? '],"usage":null}\n\n' : "]}\n\n";
  }

  /** State of the answer. After `[DONE]`, and after it broke off, `push` returns nothing more. */
  get state(): ChatAnswerState {
    return this.#machine.state;
  }

  /** True if the answer broke off. */
  get isBroken(): boolean {
    return this.#machine.isBroken;
  }

  /**
   * Writes events. Events that break the grammar of the Messages API end the answer with an error chunk.
   *
   * @param events - next events of the Messages stream.
   * @returns the text of whole Server-Sent Events; `""` if there is none.
   */
  push(events: readonly MessageStreamEvent[]): string {
    let text = "";
    for (const step of this.#machine.push(events)) text += this.#encode(step);
    return text;
  }

  /**
   * Writes a sign of life.
   *
   * @returns an SSE comment, which every client ignores.
   */
  keepAlive(): string {
    return ": ping\n\n";
  }

  /**
   * Breaks the answer off.
   *
   * @param error - error for the client.
   * @returns an error chunk without `[DONE]`; `""` if the answer is over.
   */
  fail(error: MessagesError): string {
    let text = "";
    for (const step of this.#machine.fail(error)) text += this.#encode(step);
    return text;
  }

  #encode(step: ChatStep): string {
    switch (step.type) {
      case "delta":
        return `${this.#before}${JSON.stringify(step.delta)},"logprobs":null,"finish_reason":null}${this.#behind}`;
      case "finish":
        return `${this.#before}{},"logprobs":null,"finish_reason":"${step.reason}"}${this.#behind}`;
      case "usage":
        return `${this.#head}],"usage":${JSON.stringify(step.usage)}}\n\n`;
      case "error":
        return `data: ${JSON.stringify(chatError(step.error))}\n\n`;
      case "alive":
        return this.keepAlive();
      case "done":
        return "data: [DONE]\n\n";
    }
  }
}

/**
 * Writes a whole answer for a Chat Completions client. It equals the sum of the chunks of a stream.
 *
 * @param message - whole answer of the Messages API.
 * @param context - context of `chatToMessages`, with the `id` (`chatcmpl-…`) and the time of the answer.
 * @returns the body of the answer.
 * @throws CcpbError `provider_error` if the message holds a tool call without an id or a name.
 * @example
 * ```ts
 * const { context } = chatToMessages({ model: "claude-opus-5", messages: [{ role: "user", content: "Hi" }] });
 * const completion = toChatCompletion(message, { ...context, id: "chatcmpl-1", createdAtMs: Date.now() });
 * console.log(completion.choices[0]?.finish_reason); // stop
 * ```
 */
export function toChatCompletion(message: AnyMessage, context: ClientAnswerContext): ChatCompletion {
  const machine = new ChatAnswerMachine({ ...context, includeUsage: true });
  const whole = { ...message, stop_reason: message.stop_reason ?? ("end_turn" as const) };
  const answer = toAnswerMessage();
  let finishReason: ChatCompletion["choices"][number]["finish_reason"] = "stop";
  let { usage } = machine;
  for (const step of machine.push(messageToEvents(whole))) {
    if (step.type === "delta") addDelta(answer, step.delta);
    else if (step.type === "finish") finishReason = step.reason;
    else if (step.type === "usage") ({ usage } = step);
    else if (step.type === "error") throw answerError(step.error);
  }
  const { id, created, model } = chunkHead(context);
  const choice = { index: 0 as const, message: answer, logprobs: null, finish_reason: finishReason };
  return { id, object: "chat.completion", created, model, choices: [choice], usage };
}

function answerError({ status, error }: MessagesError): CcpbError {
  return new CcpbError("provider_error", error.message, { status, type: error.type });
}

/** Returns the chunk of a step; undefined for those that are no JSON of this kind (comments, errors, `[DONE]`). */
export function toChunk(step: ChatStep, context: ClientAnswerContext): ChatChunk | undefined {
  const head = chunkHead(context);
  const tail = context.includeUsage ? { usage: null } : {};
  switch (step.type) {
    case "delta":
      return { ...head, choices: [{ index: 0, delta: step.delta, logprobs: null, finish_reason: null }], ...tail };
    case "finish":
      return { ...head, choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: step.reason }], ...tail };
    case "usage":
      return { ...head, choices: [], usage: step.usage };
    case "error":
    case "alive":
    case "done":
      return undefined;
  }
}

function chunkHead({
  id,
  createdAtMs,
  model,
}: ClientAnswerContext): Pick<ChatChunk, "id" | "object" | "created" | "model"> {
  return { id, object: "chat.completion.chunk", created: Math.floor(createdAtMs / 1_000), model };
}
