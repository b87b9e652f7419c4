import { isErrorObject } from "../../failures/error-text.ts";
import { isObject, isText, textOf, type JsonObject } from "../../base/json.ts";
import { unwrapped } from "../../conversation/answer/unwrapped.ts";
import type { ResponsesAnswer } from "./answer.ts";
import { responsesFailure } from "./failure.ts";
import { placeOf, type ItemPlace } from "./item-table.ts";
import { ResponseOutput } from "./output.ts";

/** Turns one vendor's events, or a whole answer, into items of the message. Nothing is trusted to be of its type. */
export class ResponsesNormaliser {
  readonly #answer: ResponsesAnswer;
  readonly #output: ResponseOutput;
  #isIdentified = false;

  constructor(answer: ResponsesAnswer) {
    this.#answer = answer;
    this.#output = new ResponseOutput(answer);
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
        this.#output.call(placeOf(value)).delta(deltaOf(value));
        return;
      case "response.reasoning_summary_text.delta":
      case "response.reasoning_summary.delta": // an older name
        this.#reasoning(value, `s${numberOf(value["summary_index"])}`);
        return;
      case "response.reasoning_text.delta":
      case "response.reasoning.delta": // an older name
        this.#reasoning(value, `r${numberOf(value["content_index"])}`);
        return;
      case "response.reasoning_summary_part.added":
        if (value["summary_index"] !== 0) this.#output.reasoning(placeOf(value)).beginPart();
        return;
      case "response.output_text.done":
      case "response.refusal.done":
        this.#textDone(value);
        return;
      case "response.function_call_arguments.done":
        this.#argumentsDone(value);
        return;
      case "response.custom_tool_call_input.done":
        this.#output.customInput(placeOf(value), value["input"]);
        return;
      case "response.reasoning_summary_text.done":
        this.#reasoningDone(value, `s${numberOf(value["summary_index"])}`);
        return;
      case "response.reasoning_text.done":
        this.#reasoningDone(value, `r${numberOf(value["content_index"])}`);
        return;
      case "response.output_item.added":
        if (isObject(value["item"])) this.#output.announce(value["item"], itemPlace(value["item"], value));
        return;
      case "response.output_item.done":
        if (isObject(value["item"])) this.#output.end(value["item"], itemPlace(value["item"], value));
        return;
      default:
        this.#outer(value, type);
    }
  }

  /** A parsed answer that is no stream. */
  whole(value: unknown): void {
    const response = unwrapped(value, "output");
    const answer = this.#answer;
    if (!isObject(response) || !(Array.isArray(response["output"]) || isText(response["output_text"]))) {
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
    answer.usage(usage);
    const word = typeof status === "string" && status !== "in_progress" && status !== "queued" ? status : event;
    const isError = isObject(response["error"]) && isErrorObject(response);
    if (word === "failed" || word === "cancelled" || word === "canceled" || (isError && word !== "completed")) {
      answer.fail(isError ? responsesFailure(response) : failedWithout(word === "failed"));
      return;
    }
    for (const [index, item] of (Array.isArray(output) ? output : []).entries()) {
      if (answer.isCutShort) return;
      if (!isObject(item)) continue;
      if (event === undefined) this.#output.end(item, { index, id: "" });
      else this.#output.settle(item, index);
    }
    const { output_text: text } = response;
    // The official SDKs write it into what they serialise; it is all there is where the items were left out.
    if (isText(text) && !answer.hasContent)
      this.#output.text(this.#output.message({ index: 0, id: "" }), 0, text, "text");
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
    this.#output.message(placeOf(event)).delta(numberOf(event["content_index"]), delta);
  }

  #textDone(event: JsonObject): void {
    const { text, refusal } = event;
    const message = this.#output.message(placeOf(event));
    if (isText(text)) this.#output.text(message, numberOf(event["content_index"]), text, "text");
    if (isText(refusal)) this.#output.text(message, numberOf(event["content_index"]), refusal, "refusal");
    message.finish();
  }

  #reasoning(event: JsonObject, part: string): void {
    const delta = deltaOf(event);
    if (delta !== "") this.#output.reasoning(placeOf(event)).delta(part, delta);
  }

  #reasoningDone(event: JsonObject, part: string): void {
    const { text } = event;
    if (isText(text)) this.#output.reasoning(placeOf(event)).whole(part, text);
  }

  #argumentsDone(event: JsonObject): void {
    const call = this.#output.call(placeOf(event));
    if (isText(event["name"])) call.name("", event["name"]);
    call.whole(event["arguments"]);
    call.finish();
  }
}

function itemPlace(item: JsonObject, event: JsonObject): ItemPlace {
  const place = placeOf(event);
  return { index: place.index, id: textOf(item["id"]) ?? place.id };
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
