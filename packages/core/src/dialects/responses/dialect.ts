import type { AnswerDialect } from "../../conversation/answer/answer-dialect.ts";
import { checkContext, type TranslationContext } from "../../conversation/context.ts";
import { isObject, parseJson } from "../../base/json.ts";
import type { Answer, AnswerOptions } from "../../conversation/answer/answer.ts";
import { openChatDialect } from "../chat/dialect.ts";
import { ResponsesAnswer } from "./answer.ts";
import { ResponsesNormaliser } from "./normalise.ts";

/** OpenAI Responses, for one answer. A gateway that answers in Chat Completions' dialect all the same is understood too. */
export function openResponsesDialect(context: TranslationContext, options: AnswerOptions): AnswerDialect {
  checkContext(context);
  return new ResponsesDialect(context, options);
}

class ResponsesDialect implements AnswerDialect {
  readonly #context: TranslationContext;
  readonly #options: AnswerOptions;
  readonly #answer: ResponsesAnswer;
  readonly #normaliser: ResponsesNormaliser;
  #chat: AnswerDialect | undefined;
  #isSettled = false;

  constructor(context: TranslationContext, options: AnswerOptions) {
    this.#context = context;
    this.#options = options;
    this.#answer = new ResponsesAnswer(context, options);
    this.#normaliser = new ResponsesNormaliser(this.#answer);
  }

  get answer(): Answer {
    return this.#chat?.answer ?? this.#answer;
  }

  parse(data: string): unknown {
    return parseJson(data);
  }

  chunk(data: unknown, name: string | undefined): void {
    const value: unknown = Array.isArray(data) ? data[0] : data;
    if (!this.#isSettled) this.#settle(value);
    if (this.#chat) this.#chat.chunk(value, name);
    else this.#normaliser.event(value, name);
  }

  whole(value: unknown): void {
    this.#settle(Array.isArray(value) ? value[0] : value);
    if (this.#chat) this.#chat.whole(value);
    else this.#normaliser.whole(value);
  }

  holdsCall(value: unknown): boolean {
    if (this.#chat) return this.#chat.holdsCall(value);
    if (!isObject(value)) return false;
    const { type, item } = value;
    return [type, isObject(item) ? item["type"] : undefined].some(
      (name) => typeof name === "string" && name.includes("function_call"),
    );
  }

  /** Only an answer's own last event makes it whole, unless it is in the other dialect. */
  mayEnd(): boolean {
    return this.#chat?.mayEnd() ?? false;
  }

  #settle(value: unknown): void {
    if (!isObject(value)) return;
    this.#isSettled = true;
    const isChat = Array.isArray(value["choices"]) && value["type"] === undefined && value["output"] === undefined;
    if (isChat) this.#chat = openChatDialect(this.#context, this.#options);
  }
}
