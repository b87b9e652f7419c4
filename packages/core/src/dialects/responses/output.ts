import { isObject, isText, parseJson, textOf, type JsonObject } from "../../base/json.ts";
import { OtherItem, type CallItem, type MessageItem, type ReasoningItem, type ResponseItem } from "./items.ts";
import { ResponseItemTable, type ItemPlace } from "./item-table.ts";
import type { ResponsesAnswer } from "./answer.ts";

const maxComparisons = 10_000; // a hundred items without ids among a hundred

/** The output of an answer: which of its items are there, and what whole items add to their pieces. */
export class ResponseOutput {
  readonly #answer: ResponsesAnswer;
  readonly #items = new ResponseItemTable();
  /** Pairs of items that `settle` has compared. */
  #comparisons = 0;

  constructor(answer: ResponsesAnswer) {
    this.#answer = answer;
  }

  message(place: ItemPlace): MessageItem {
    return this.#items.find("message", place) ?? this.#add(this.#answer.addMessage(undefined), place);
  }

  reasoning(place: ItemPlace): ReasoningItem {
    return this.#items.find("reasoning", place) ?? this.#add(this.#answer.addReasoning(), place);
  }

  call(place: ItemPlace): CallItem {
    return this.#items.find("call", place) ?? this.#add(this.#answer.addCall(), place);
  }

  #add<Item extends ResponseItem>(item: Item, place: ItemPlace): Item {
    this.#items.add(item, place);
    return item;
  }

  /** A text that is known whole. */
  text(message: MessageItem, part: number, text: string, kind: "text" | "refusal"): void {
    this.#answer.spoken(kind);
    message.whole(part, text);
  }

  /** An item begins. Where a vendor does not count, the place of one that is finished is given to the next. */
  announce(raw: JsonObject, place: ItemPlace): void {
    const item = this.#read(raw);
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
        this.#items.noteCall(call);
        return call;
      }
      default:
        if (known) return known;
        answer.passOver();
        return this.#add(new OtherItem(), place);
    }
  }

  /** The item that this one is said again of; another item may have the same place where a vendor does not count. */
  #known(item: JsonObject, place: ItemPlace): ResponseItem | undefined {
    const known = this.#items.at(kindOf(item), place);
    if (known?.type === "call") {
      const callId = textOf(item["call_id"]) ?? "";
      return callId === "" || known.callId === "" || callId === known.callId ? known : undefined;
    }
    return known;
  }

  /** An item is whole: what its pieces left out is in it. */
  end(raw: JsonObject, place: ItemPlace): void {
    const item = this.#read(raw);
    this.#finish(item, this.#begin(item, place, this.#known(item, place)));
  }

  #finish(item: JsonObject, known: ResponseItem): void {
    const isFirst = !known.isFinished;
    known.isFinished = true;
    switch (known.type) {
      case "message":
        this.#parts(item["content"], (part, text, kind) => this.text(known, part, text, kind));
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
  settle(raw: JsonObject, index: number): void {
    const item = this.#read(raw);
    const id = textOf(item["id"]) ?? "";
    const named = this.#called(item) ?? this.#items.named(kindOf(item), id);
    if (named === undefined && this.#isSaid(item)) return;
    const place: ItemPlace = { index, id };
    this.#finish(item, this.#begin(item, place, named ?? this.#known(item, place)));
  }

  /**
   * An item as it is meant: a message may come without its type, and a tool that was offered may be called as a custom one, with a text in place of
   * arguments. A text that is no JSON object becomes the member `input`.
   */
  #read(item: JsonObject): JsonObject {
    const { type, role, content, name, input } = item;
    if (type === undefined && role === "assistant" && content !== undefined) return { ...item, type: "message" };
    if (type !== "custom_tool_call" || !isText(name) || !this.#answer.offers(name)) return item;
    return { ...item, type: "function_call", arguments: argumentsOf(input) };
  }

  /** The whole text of a custom call that has begun. */
  customInput(place: ItemPlace, input: unknown): void {
    const call = this.#items.at("call", place);
    call?.whole(argumentsOf(input));
    call?.finish();
  }

  #called(item: JsonObject): CallItem | undefined {
    const { call_id: callId } = item;
    if (kindOf(item) !== "call" || !isText(callId)) return undefined;
    return this.#items.called(callId);
  }

  /**
   * Decides whether an item without a known id only repeats one of the stream. Every such item is compared with all
   * of its kind, so that their number is bounded. An item that is no longer compared counts as a repetition, because
   * a missing text costs less than a doubled one.
   */
  #isSaid(item: JsonObject): boolean {
    const type = kindOf(item);
    if (type === "call") return false;
    if (type === "other") return this.#items.holds("other");
    for (const known of this.#items.all) {
      if (known.type !== type) continue;
      this.#comparisons += 1;
      if (this.#comparisons > maxComparisons || this.#says(known, item)) return true;
    }
    return false;
  }

  #says(known: MessageItem | ReasoningItem, item: JsonObject): boolean {
    if (known.type === "message") return this.#saysAll(item["content"], (part, text) => known.says(part, text));
    return (
      this.#saysAll(item["summary"], (part, text) => known.says(`s${part}`, text)) &&
      this.#saysAll(item["content"], (part, text) => known.says(`r${part}`, text))
    );
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

function argumentsOf(input: unknown): string {
  const text = typeof input === "string" ? input : "";
  return isObject(parseJson(text)) ? text : JSON.stringify({ input: text });
}

function kindOf({ type }: JsonObject): ResponseItem["type"] {
  if (type === "message" || type === "reasoning") return type;
  return type === "function_call" ? "call" : "other";
}

function callIdOf(item: JsonObject): string {
  return textOf(item["call_id"]) ?? textOf(item["id"]) ?? "";
}
