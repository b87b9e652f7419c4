import { errorFailure } from "../../conversation/answer/answer-body.ts";
import { addParts, imageNote } from "./answer-parts.ts";
import type { ChatOperations } from "./chat-operations.ts";
import { readThoughtSignature } from "./tool-calls.ts";
import { unwrapped } from "../../conversation/answer/unwrapped.ts";
import { isErrorObject } from "../../failures/error-text.ts";
import { isObject, isText, type JsonObject } from "../../base/json.ts";
import { readOpaqueMembers, readReasoningDetails, visibleText } from "../../conversation/answer/reasoning-details.ts";
import { isToolFailure, readFinishReason, type FinishKind } from "../../conversation/answer/stop-reason.ts";

// The first that is not empty counts: OpenRouter and others send the same text under two of these names.
const reasoningKeys = ["reasoning_content", "reasoning", "reasoning_text", "thinking"];

/** Turns one vendor's chunks, or a whole answer, into neutral operations. Nothing is trusted to be of its type. */
export class ChatNormaliser {
  readonly #operations: ChatOperations;
  #hasPlainReasoning = false;

  constructor(operations: ChatOperations) {
    this.#operations = operations;
  }

  /** One parsed chunk of a stream. Chunks without choices and without an error are keep-alives. */
  chunk(value: unknown): void {
    const chunk = unwrapped(value, "choices");
    if (!isObject(chunk)) return;
    const operations = this.#operations;
    operations.identify(typeof chunk["id"] === "string" ? chunk["id"] : "", chunk);
    const choice = firstChoice(chunk["choices"]);
    if (choice) this.#choice(choice);
    this.#usage(chunk, choice);
    const kind = choice && readFinishReason(choice["finish_reason"]);
    const isError = isErrorObject(chunk);
    if (choice && isWhole(kind, operations.hasContent || !isError)) operations.finish(kind, choice);
    if (isError) operations.fail(errorFailure(chunk));
    else if (choice && isObject(choice["error"])) operations.fail(errorFailure(choice));
    else if (kind === "error") this.#failByReason(choice);
  }

  /** A parsed answer that is no stream. */
  answer(value: unknown): void {
    const answer = unwrapped(value, "choices");
    const operations = this.#operations;
    if (!isObject(answer)) {
      operations.fail({ type: "not-an-answer", detail: "the provider sent JSON that is no answer" });
      return;
    }
    operations.identify(typeof answer["id"] === "string" ? answer["id"] : "", answer);
    const { choices } = answer;
    const choice =
      firstChoice(choices) ?? (Array.isArray(choices) ? choices.find((item) => isObject(item)) : undefined);
    const isError = isErrorObject(answer);
    if (isError && !isWhole(readFinishReason(choice?.["finish_reason"]), hasMessage(choice))) {
      operations.fail(errorFailure(answer));
    } else if (choice === undefined) {
      operations.fail({ type: "not-an-answer", detail: "the provider returned no choices" });
    } else {
      this.#wholeChoice(answer, choice);
      if (isError) operations.fail(errorFailure(answer));
    }
  }

  #wholeChoice(answer: JsonObject, choice: JsonObject): void {
    const message = isObject(choice["message"]) ? choice["message"] : choice["delta"];
    // Azure leaves the message out where its filter took everything.
    const isAnswer = isObject(message) || isText(choice["text"]) || isText(choice["finish_reason"]);
    const kind = readFinishReason(choice["finish_reason"]);
    if (isObject(choice["error"])) this.#operations.fail(errorFailure(choice));
    else if (kind === "error") this.#failByReason(choice);
    else if (!isAnswer)
      this.#operations.fail({ type: "not-an-answer", detail: "the provider returned a choice without a message" });
    else {
      if (isObject(message)) this.#message(message);
      else this.#legacyText(choice);
      this.#splitCalls(answer, choice);
      this.#usage(answer, choice);
      this.#operations.finish(kind ?? "stop", choice);
    }
  }

  /** Copilot gives the text of a Claude model in one choice and its tool calls in the next, neither of them numbered. */
  #splitCalls(answer: JsonObject, choice: JsonObject): void {
    const { choices } = answer;
    if (!Array.isArray(choices) || choices.length < 2 || readFinishReason(choice["finish_reason"]) !== "tool") return;
    for (const other of choices) {
      if (other === choice || !isObject(other) || other["index"] !== undefined || !isObject(other["message"])) continue;
      this.#operations.toolCalls(callsOf(other["message"]), "whole", undefined);
    }
  }

  #choice(choice: JsonObject): void {
    const { delta, message } = choice;
    if (isObject(delta)) this.#delta(delta);
    else if (!isObject(message)) this.#legacyText(choice);
    // A whole message beside the deltas repeats them (Perplexity); alone, it is the answer.
    const isAlone = !isObject(delta) || isText(choice["finish_reason"]);
    if (isAlone && isObject(message) && !this.#operations.hasContent) this.#message(message);
  }

  /** The older Completions API, which some servers answer with. */
  #legacyText(choice: JsonObject): void {
    if (isText(choice["text"])) this.#operations.text(choice["text"]);
  }

  #delta(delta: JsonObject): void {
    const { content } = delta;
    this.#reasoning(delta);
    if (typeof content === "string") {
      if (content !== "") this.#operations.text(content);
    } else if (content !== undefined && content !== null)
      addParts(this.#operations, content, callsOf(delta).length > 0);
    if (isText(delta["refusal"])) this.#operations.refusal(delta["refusal"]);
    const calls = callsOf(delta);
    if (calls.length > 0) this.#operations.toolCalls(calls, "pieces", readThoughtSignature(delta));
    if (isObject(delta["function_call"])) this.#operations.toolCalls([delta["function_call"]], "pieces", undefined);
    this.#media(delta, isText(content));
  }

  #message(message: JsonObject): void {
    const { content } = message;
    this.#reasoning(message);
    if (isText(content)) this.#operations.text(content);
    else if (content !== undefined && content !== null)
      addParts(this.#operations, content, callsOf(message).length > 0);
    if (isText(message["refusal"])) this.#operations.refusal(message["refusal"]);
    this.#media(message, isText(content));
    const calls = [...callsOf(message), ...(isObject(message["function_call"]) ? [message["function_call"]] : [])];
    if (calls.length > 0) this.#operations.toolCalls(calls, "whole", readThoughtSignature(message));
  }

  #reasoning(holder: JsonObject): void {
    let plain = "";
    for (const key of reasoningKeys) {
      plain = reasoningText(holder[key]);
      if (plain !== "") break;
    }
    // LiteLLM gives a Claude's blocks beside the text; where that is missing they are all there is.
    if (plain === "" && !this.#hasPlainReasoning) plain = reasoningText(holder["thinking_blocks"]);
    if (plain !== "") {
      this.#hasPlainReasoning = true;
      this.#operations.reasoning(plain);
    }
    for (const detail of readOpaqueMembers(holder)) this.#operations.reasoningDetail(detail);
    const details = holder["reasoning_details"];
    if (details === undefined || details === null) return;
    for (const detail of readReasoningDetails(details)) {
      const text = this.#hasPlainReasoning ? "" : visibleText(detail);
      if (text !== "") this.#operations.reasoning(text);
      this.#operations.reasoningDetail(detail);
    }
  }

  /** Images and sound beside the content. Of sound, the transcript is left. */
  #media(holder: JsonObject, hasText: boolean): void {
    const { audio, images } = holder;
    if (Array.isArray(images) && images.length > 0) {
      this.#operations.note(imageNote);
    }
    if (!isObject(audio)) return;
    if (isText(audio["transcript"])) {
      if (!hasText) this.#operations.text(audio["transcript"]);
    } else if (isText(audio["data"]) && isText(audio["id"])) {
      this.#operations.note("[audio omitted: the Messages API has no audio in answers]");
    }
  }

  #usage(chunk: JsonObject, choice: JsonObject | undefined): void {
    const usage = chunk["usage"] ?? choice?.["usage"] ?? groqUsage(chunk);
    this.#operations.usage(usage);
  }

  #failByReason(choice: JsonObject | undefined): void {
    const reason = String(choice?.["native_finish_reason"] ?? choice?.["finish_reason"]).slice(0, 100);
    this.#operations.fail({
      type: "error",
      error: { message: `the provider ended its answer with finish_reason "${reason}"` },
      ...(isToolFailure(reason) && { status: 400 }),
    });
  }
}

/**
 * Decides whether a finish reason makes an answer whole, so that it outweighs an error beside it: any if there is
 * content to finish, `length` always (OpenRouter's "Token limit reached" comes with it).
 */
function isWhole(kind: FinishKind | undefined, hasContent: boolean): kind is Exclude<FinishKind, "error"> {
  return kind !== undefined && kind !== "error" && (hasContent || kind === "length");
}

function hasMessage(choice: JsonObject | undefined): boolean {
  const message = choice?.["message"];
  return (
    isObject(message) && (isText(message["content"]) || isObject(message["content"]) || callsOf(message).length > 0)
  );
}

/** Finds the choice numbered 0, or not numbered. Others (n > 1) are ignored. */
function firstChoice(choices: unknown): JsonObject | undefined {
  if (!Array.isArray(choices)) return undefined;
  for (const choice of choices) {
    if (isObject(choice) && (choice["index"] === 0 || choice["index"] === undefined || choice["index"] === null)) {
      return choice;
    }
  }
  return undefined;
}

/** Groq's own place for what its older streams have nowhere else. */
function groqUsage(chunk: JsonObject): unknown {
  const groq = chunk["x_groq"];
  return isObject(groq) ? groq["usage"] : undefined;
}

/** Decides whether a chunk has a tool call, or a part of one. */
export function holdsChatCall(chunk: unknown): boolean {
  const choice = isObject(chunk) ? firstChoice(chunk["choices"]) : undefined;
  return [choice?.["delta"], choice?.["message"]].some(
    (holder) => isObject(holder) && (callsOf(holder).length > 0 || isObject(holder["function_call"])),
  );
}

const noCalls: readonly unknown[] = [];

/** An array of calls, or (older TGI) the one call itself. */
function callsOf(holder: JsonObject): readonly unknown[] {
  const calls = holder["tool_calls"];
  if (Array.isArray(calls)) return calls;
  return isObject(calls) ? [calls] : noCalls;
}

/** Reasoning as text, as one part or as an array of them. */
function reasoningText(value: unknown): string {
  if (typeof value === "string") return value;
  const parts: readonly unknown[] = Array.isArray(value) ? value : [value];
  return parts
    .flatMap((part) => (isObject(part) ? [part["text"], part["thinking"], part["content"], part["summary"]] : [part]))
    .filter(isText)
    .join("");
}
