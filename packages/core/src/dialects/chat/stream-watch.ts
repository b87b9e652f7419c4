import type { TokenUsage } from "../../base/events.ts";
import { isErrorObject } from "../../failures/error-text.ts";
import type { StreamFailure } from "../../base/outcome.ts";
import { errorFailure } from "../../conversation/answer/answer-body.ts";
import { type FinishKind, isToolFailure, readFinishReason } from "../../conversation/answer/stop-reason.ts";
import { isUsage, laterUsage, toMessageUsage, toTokenUsage } from "../../conversation/answer/usage.ts";
import { isObject, type JsonObject } from "../../base/json.ts";
import type { AnswerWatch, EventPlace, WriteError } from "../answer-watch.ts";
import type { ContentFrame } from "../content-frame.ts";
import { PlainChunks } from "./plain-chunks.ts";
import type { MessagesError } from "../../failures/messages-error.ts";

const encoder = new TextEncoder();
const done = encoder.encode("data: [DONE]\n\n");

// Whatever the model says, in any vendor's member.
const textMembers = ["content", "reasoning_content", "reasoning", "reasoning_text", "thinking", "refusal"];
const otherMembers = ["tool_calls", "function_call", "audio", "images", "reasoning_details"];

/** Watches the chunks of a Chat Completions answer that passes through. */
export class ChatStreamWatch implements AnswerWatch {
  readonly terminator: Uint8Array = done;
  readonly modelHolder: undefined = undefined;
  readonly hasModelInContent: boolean = true;
  readonly isTerminated: boolean = false;
  hasContent = false;
  failure: StreamFailure | undefined;
  stopReason: string | undefined;
  #usage: JsonObject | undefined;
  #choices = 1;
  #finished = 0;
  readonly #plain = new PlainChunks();
  readonly #writeError: WriteError;

  /** `writeError` writes the body of an error as the API has it. */
  constructor(writeError: WriteError) {
    this.#writeError = writeError;
  }

  get hasFinish(): boolean {
    return this.#finished >= this.#choices;
  }

  // Snowflake never gives a finish reason.
  get mayEnd(): boolean {
    return this.hasFinish || this.hasContent;
  }

  get frame(): ContentFrame | undefined {
    return this.#plain.frame;
  }

  get usage(): TokenUsage | undefined {
    return this.#usage && toTokenUsage(toMessageUsage(this.#usage));
  }

  passes(name: string, event: EventPlace): boolean {
    return name !== "error" && this.#plain.holds(event, this.#choices);
  }

  note(data: unknown, name: string): void {
    const chunk: unknown = Array.isArray(data) ? data[0] : data;
    if (!isObject(chunk)) {
      if (name === "error") this.failure = errorFailure({ message: String(chunk) });
      return;
    }
    const choices = (Array.isArray(chunk["choices"]) ? chunk["choices"] : []).filter((choice) => isObject(choice));
    for (const choice of choices) this.#noteContent(choice);
    this.#noteUsage(chunk["usage"] ?? choices[0]?.["usage"] ?? groqUsage(chunk));
    const isError = name === "error" || isErrorObject(chunk);
    for (const choice of choices) this.#noteFinish(choice, isError);
    if (isError) this.failure ??= errorFailure(chunk);
  }

  breakOff(error: MessagesError): Uint8Array {
    return encoder.encode(`data: ${JSON.stringify(this.#writeError(error))}\n\n`);
  }

  #noteContent(choice: JsonObject): void {
    this.#choices = Math.max(this.#choices, indexOf(choice) + 1);
    this.hasContent ||= hasText(choice["text"]) || saysSomething(choice["delta"]) || saysSomething(choice["message"]);
  }

  #noteFinish(choice: JsonObject, isError: boolean): void {
    const reason = choice["finish_reason"];
    const kind = readFinishReason(reason);
    if (isObject(choice["error"])) this.failure ??= errorFailure(choice);
    else if (kind === "error") this.failure ??= failedWith(String(choice["native_finish_reason"] ?? reason));
    else if (isWhole(kind, this.hasContent || !isError)) {
      this.#finished = Math.min(this.#finished + 1, this.#choices);
      this.stopReason ??= String(reason).slice(0, 100);
    }
  }

  #noteUsage(usage: unknown): void {
    if (isUsage(usage)) this.#usage = laterUsage(this.#usage, usage);
  }
}

/** A finish reason outweighs an error beside it where there is something to finish; `length` always does, as OpenRouter's limit comes with an error. */
function isWhole(kind: FinishKind | undefined, hasContent: boolean): boolean {
  return kind !== undefined && (hasContent || kind === "length");
}

function failedWith(reason: string): StreamFailure {
  const word = reason.slice(0, 100);
  return {
    type: "error",
    error: { message: `the provider ended its answer with finish_reason "${word}"` },
    ...(isToolFailure(word) && { status: 400 }),
  };
}

function saysSomething(holder: unknown): boolean {
  if (!isObject(holder)) return false;
  return (
    textMembers.some((name) => hasText(holder[name]) || isObject(holder[name]) || isFilled(holder[name])) ||
    otherMembers.some((name) => isObject(holder[name]) || isFilled(holder[name]))
  );
}

function hasText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}

/** The place of a choice, from 0. A vendor's absurd index must not make the answer endless. */
function indexOf({ index }: JsonObject): number {
  return typeof index === "number" && Number.isInteger(index) && index > 0 && index < 1_000 ? index : 0;
}

/** Groq's own place for what its older streams have nowhere else. */
function groqUsage(chunk: JsonObject): unknown {
  const groq = chunk["x_groq"];
  return isObject(groq) ? groq["usage"] : undefined;
}
