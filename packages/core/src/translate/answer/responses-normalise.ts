import { isErrorObject } from "../error/error-text.ts";
import { isObject, type JsonObject } from "../json-object.ts";
import type { ResponsesAnswer } from "./responses-answer.ts";
import { responsesFailure } from "./responses-failure.ts";
import { OtherItem, type CallItem, type MessageItem, type ReasoningItem, type ResponseItem } from "./response-items.ts";
import { placeOf, ResponseItemTable, type ItemPlace } from "./response-item-table.ts";
import { isUsage } from "./usage.ts";

/** Turns one vendor's events, or a whole answer, into items of the message. Nothing is trusted to be of its type. */
export class ResponsesNormaliser {
  readonly #answer: ResponsesAnswer;
  readonly #items = new ResponseItemTable();
  #isIdentified = false;

  constructor(answer: ResponsesAnswer) {
    this.#answer = answer;
  }

  /** One parsed event of a stream, and the name on its `event:` line. Events that are not known are keep-alives. */
  event(value: unknown, name: string | undefined): void {
    if (!isObject(value)) return;
    if (!this.#isIdentified) this.#identify(value);
    const type = typeof value["type"] === "string" ? value["type"] : (name ?? "");
    switch (type) {
      case "response.output_text.delta":
      case "response.content_part.delta": // OpenRouter's documentation has it
        this.#text(value, "text");
        return;
      case "response.refusal.delta":
        this.#text(value, "refusal");
        return;
      case "response.function_call_arguments.delta":
        this.#call(value).delta(deltaOf(value));
        return;
      case "response.reasoning_summary_text.delta":
        this.#reasoning(value, `s${numberOf(value["summary_index"])}`);
        return;
      case "response.reasoning_text.delta":
      case "response.reasoning.delta": // an older name
        this.#reasoning(value, `r${numberOf(value["content_index"])}`);
        return;
      case "response.output_text.done":
      case "response.refusal.done":
        this.#textDone(value);
        return;
      case "response.function_call_arguments.done":
        this.#argumentsDone(value);
        return;
      case "response.reasoning_summary_text.done":
        this.#reasoningDone(value, `s${numberOf(value["summary_index"])}`);
        return;
      case "response.reasoning_text.done":
        this.#reasoningDone(value, `r${numberOf(value["content_index"])}`);
        return;
      case "response.output_item.added":
        if (isObject(value["item"])) this.#announce(value["item"], itemPlace(value["item"], value));
        return;
      case "response.output_item.done":
        if (isObject(value["item"])) this.#end(value["item"], itemPlace(value["item"], value));
        return;
      default:
        this.#outer(value, type);
    }
  }

  /** A parsed answer that is no stream. */
  whole(value: unknown): void {
    const body: unknown = Array.isArray(value) ? value[0] : value;
    const response = isObject(body) && isObject(body["response"]) ? body["response"] : body;
    const answer = this.#answer;
    if (!isObject(response) || !Array.isArray(response["output"])) {
      answer.fail(
        isObject(response) && isErrorObject(response)
          ? responsesFailure(response)
          : { type: "not-an-answer", detail: "the provider sent JSON that is no answer" },
      );
      return;
    }
    answer.identify(idOf(response), response);
    const isUnfinished = response["status"] === "in_progress" || response["status"] === "queued";
    if (isUnfinished)
      answer.fail({ type: "not-an-answer", detail: "the provider sent an answer that is not finished" });
    else this.#close(response, undefined);
  }

  /** Events about the answer as a whole. */
  #outer(event: JsonObject, type: string): void {
    const response = isObject(event["response"]) ? event["response"] : undefined;
    switch (type) {
      case "response.completed":
      case "response.incomplete":
      case "response.failed":
      case "response.cancelled":
      case "response.canceled":
      case "response.done": // OpenRouter's documentation has it
        this.#close(response ?? {}, type.slice("response.".length));
        return;
      case "error":
        this.#answer.fail(responsesFailure(event));
        return;
      default:
        if (response) this.#identify(event);
        else if (!type.startsWith("response.") && isErrorObject(event)) this.#answer.fail(responsesFailure(event));
    }
  }

  /** The last word; what an answer says of itself outweighs the name of its event. */
  #close(response: JsonObject, event: string | undefined): void {
    const answer = this.#answer;
    const { status, usage, output, incomplete_details: details } = response;
    if (isUsage(usage)) answer.usage(usage);
    const word = typeof status === "string" && status !== "in_progress" && status !== "queued" ? status : event;
    const isError = isObject(response["error"]) && isErrorObject(response);
    if (word === "failed" || word === "cancelled" || word === "canceled" || (isError && word !== "completed")) {
      answer.fail(isError ? responsesFailure(response) : failedWithout(word === "failed"));
      return;
    }
    for (const [index, item] of (Array.isArray(output) ? output : []).entries()) {
      if (answer.isCutShort) return;
      if (!isObject(item)) continue;
      if (event === undefined) this.#end(item, { index, id: "" });
      else this.#settle(item, index);
    }
    const reason = isObject(details) && typeof details["reason"] === "string" ? details["reason"] : undefined;
    const isIncomplete = word === "incomplete" || event === "incomplete";
    answer.finish(isIncomplete ? (reason ?? "incomplete") : undefined);
  }

  #identify(event: JsonObject): void {
    const response = isObject(event["response"]) ? event["response"] : undefined;
    this.#answer.identify(response ? idOf(response) : "", event);
    this.#isIdentified = true;
  }

  #text(event: JsonObject, kind: "text" | "refusal"): void {
    const delta = deltaOf(event);
    if (delta === "") return;
    this.#answer.spoken(kind);
    this.#message(event).delta(numberOf(event["content_index"]), delta);
  }

  #textDone(event: JsonObject): void {
    const { text, refusal } = event;
    const message = this.#message(event);
    if (isText(text)) this.#wholeText(message, numberOf(event["content_index"]), text, "text");
    if (isText(refusal)) this.#wholeText(message, numberOf(event["content_index"]), refusal, "refusal");
    message.finish();
  }

  #wholeText(message: MessageItem, part: number, text: string, kind: "text" | "refusal"): void {
    this.#answer.spoken(kind);
    message.whole(part, text);
  }

  #reasoning(event: JsonObject, part: string): void {
    const delta = deltaOf(event);
    if (delta !== "") this.#thought(event).delta(part, delta);
  }

  #reasoningDone(event: JsonObject, part: string): void {
    const { text } = event;
    if (isText(text)) this.#thought(event).whole(part, text);
  }

  #argumentsDone(event: JsonObject): void {
    const call = this.#call(event);
    if (isText(event["name"])) call.name("", event["name"]);
    call.whole(event["arguments"]);
    call.finish();
  }

  #message(event: JsonObject): MessageItem {
    return this.#items.find("message", placeOf(event)) ?? this.#add(this.#answer.addMessage(undefined), placeOf(event));
  }

  #thought(event: JsonObject): ReasoningItem {
    return this.#items.find("reasoning", placeOf(event)) ?? this.#add(this.#answer.addReasoning(), placeOf(event));
  }

  #call(event: JsonObject): CallItem {
    return this.#items.find("call", placeOf(event)) ?? this.#add(this.#answer.addCall(), placeOf(event));
  }

  #add<Item extends ResponseItem>(item: Item, place: ItemPlace): Item {
    this.#items.add(item, place);
    return item;
  }

  /** An item begins. Where a vendor does not count, the place of one that is finished is given to the next. */
  #announce(item: JsonObject, place: ItemPlace): void {
    const known = this.#known(item, place);
    const isNext =
      known?.isFinished === true && known.type !== "call" && place.id !== "" && !this.#items.isCalled(known, place.id);
    this.#begin(item, place, isNext ? undefined : known);
  }

  #begin(item: JsonObject, place: ItemPlace, known: ResponseItem | undefined): ResponseItem {
    const answer = this.#answer;
    if (known) this.#items.alias(known, place.id);
    switch (item["type"]) {
      case "message":
        return known ?? this.#add(answer.addMessage(textOf(item["phase"])), place);
      case "reasoning":
        return known ?? this.#add(answer.addReasoning(), place);
      case "function_call": {
        const call = known?.type === "call" ? known : this.#add(answer.addCall(), place);
        call.name(callIdOf(item), textOf(item["name"]) ?? "");
        return call;
      }
      default:
        return known ?? this.#add(new OtherItem(), place);
    }
  }

  /** The item that this one is said again of; another item may have the same place where a vendor does not count. */
  #known(item: JsonObject, place: ItemPlace): ResponseItem | undefined {
    const type = item["type"];
    const kind =
      type === "message" || type === "reasoning"
        ? type
        : type === "function_call"
          ? ("call" as const)
          : ("other" as const);
    const known = this.#items.at(kind, place);
    if (known?.type === "call") {
      const callId = textOf(item["call_id"]) ?? "";
      return callId === "" || known.callId === "" || callId === known.callId ? known : undefined;
    }
    return known;
  }

  /** An item is whole: what its pieces left out is in it. */
  #end(item: JsonObject, place: ItemPlace): void {
    const known = this.#begin(item, place, this.#known(item, place));
    const isFirst = !known.isFinished;
    known.isFinished = true;
    switch (known.type) {
      case "message":
        this.#parts(item["content"], (part, text, kind) => this.#wholeText(known, part, text, kind));
        known.finish();
        return;
      case "reasoning":
        this.#parts(item["summary"], (part, text) => known.whole(`s${part}`, text));
        this.#parts(item["content"], (part, text) => known.whole(`r${part}`, text));
        known.finish(item);
        return;
      case "call":
        known.whole(item["arguments"]);
        known.finish();
        return;
      case "other":
        if (isFirst) this.#answer.addOther(item);
    }
  }

  /** An item of the finished answer. Its place in the output need not be the one that it had in the stream. */
  #settle(item: JsonObject, index: number): void {
    const place: ItemPlace = { index, id: textOf(item["id"]) ?? "" };
    if (this.#known(item, place) === undefined && this.#isSaid(item)) return;
    this.#end(item, place);
  }

  #isSaid(item: JsonObject): boolean {
    const { type, call_id: callId } = item;
    return this.#items.all.some((known) => {
      switch (known.type) {
        case "message":
          return type === "message" && this.#saysAll(item["content"], (part, text) => known.says(part, text));
        case "reasoning":
          return (
            type === "reasoning" &&
            this.#saysAll(item["summary"], (part, text) => known.says(`s${part}`, text)) &&
            this.#saysAll(item["content"], (part, text) => known.says(`r${part}`, text))
          );
        case "call":
          return type === "function_call" && isText(callId) && known.callId === callId;
        case "other":
          return type !== "message" && type !== "reasoning" && type !== "function_call";
      }
    });
  }

  #saysAll(parts: unknown, says: (part: number, text: string) => boolean): boolean {
    let isSaid = true;
    this.#parts(parts, (part, text) => {
      isSaid &&= says(part, text);
    });
    return isSaid;
  }

  #parts(parts: unknown, each: (part: number, text: string, kind: "text" | "refusal") => void): void {
    if (!Array.isArray(parts)) {
      if (isText(parts)) each(0, parts, "text");
      return;
    }
    for (const [index, part] of parts.entries()) {
      if (!isObject(part) || this.#answer.isCutShort) continue;
      if (isText(part["text"])) each(index, part["text"], "text");
      else if (isText(part["refusal"])) each(index, part["refusal"], "refusal");
    }
  }
}

function itemPlace(item: JsonObject, event: JsonObject): ItemPlace {
  const place = placeOf(event);
  return { index: place.index, id: textOf(item["id"]) ?? place.id };
}

function callIdOf(item: JsonObject): string {
  return textOf(item["call_id"]) ?? textOf(item["id"]) ?? "";
}

function deltaOf(event: JsonObject): string {
  const { delta } = event;
  if (typeof delta === "string") return delta;
  return isObject(delta) ? (textOf(delta["text"]) ?? "") : "";
}

function idOf(response: JsonObject): string {
  return textOf(response["id"]) ?? "";
}

function failedWithout(isFailure: boolean): { readonly type: "error"; readonly error: { readonly message: string } } {
  return {
    type: "error",
    error: { message: `the provider's answer was ${isFailure ? "a failure" : "cancelled"}` },
  };
}

function numberOf(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function textOf(value: unknown): string | undefined {
  return isText(value) ? value : undefined;
}
