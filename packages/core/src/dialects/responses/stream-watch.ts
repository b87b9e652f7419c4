import type { TokenUsage } from "../../base/events.ts";
import { isErrorObject } from "../../failures/error-text.ts";
import type { MessagesError } from "../../failures/messages-error.ts";
import type { StreamFailure } from "../../base/outcome.ts";
import { responsesFailure } from "./failure.ts";
import { isPartEvent } from "./part-events.ts";
import { isUsage, toMessageUsage, toTokenUsage } from "../../conversation/answer/usage.ts";
import { isObject, type JsonObject } from "../../base/json.ts";
import type { AnswerWatch, EventPlace, WriteError } from "../answer-watch.ts";

const encoder = new TextEncoder();

/** Watches the events of a Responses answer that passes through. */
export class ResponsesStreamWatch implements AnswerWatch {
  readonly terminator: Uint8Array = new Uint8Array();
  readonly modelHolder: string = "response";
  readonly hasModelInContent: boolean = false;
  // The number of an event differs from that of the one before.
  readonly frame: undefined = undefined;
  readonly hasFinish: boolean = false;
  readonly mayEnd: boolean = false;
  hasContent = false;
  isTerminated = false;
  failure: StreamFailure | undefined;
  usage: TokenUsage | undefined;
  stopReason: string | undefined;
  /** The answer as its first event had it: the end of a broken stream repeats it. */
  #response: JsonObject = {};
  /** The number of the next event. */
  #sequence = 0;
  readonly #writeError: WriteError;
  readonly #onResponseId: ((id: string) => void) | undefined;

  /** `writeError` writes the body of an error as the API has it; `onResponseId` is called with the id of the answer. */
  constructor(writeError: WriteError, onResponseId?: (id: string) => void) {
    this.#writeError = writeError;
    this.#onResponseId = onResponseId;
  }

  passes(_name: string, event: EventPlace): boolean {
    const isPlain = isPartEvent(event);
    if (isPlain) this.#sequence += 1;
    return isPlain;
  }

  note(value: unknown, name: string): void {
    const data: unknown = Array.isArray(value) ? value[0] : value;
    if (!isObject(data)) {
      if (name === "error") this.failure = responsesFailure({ message: String(data) });
      return;
    }
    const number = data["sequence_number"];
    if (typeof number === "number") this.#sequence = number;
    this.#noteEvent(data, name);
    // An event that tells of a failure does not go to the client: the end of the stream takes its number.
    if (this.failure === undefined) this.#sequence += 1;
  }

  breakOff(error: MessagesError): Uint8Array {
    const body = this.#writeError(error)["error"];
    const { code, message } = isObject(body) ? body : { code: "server_error", message: error.error.message };
    const response = { ...this.#response, status: "failed", error: { code: code ?? "server_error", message } };
    const data = { type: "response.failed", sequence_number: this.#sequence, response };
    return encoder.encode(`event: response.failed\ndata: ${JSON.stringify(data)}\n\n`);
  }

  #noteEvent(data: JsonObject, name: string): void {
    const type = typeof data["type"] === "string" ? data["type"] : name;
    const response = isObject(data["response"]) ? data["response"] : undefined;
    if (response) this.#noteResponse(response);
    switch (type) {
      case "response.completed":
      case "response.incomplete":
      case "response.done": // OpenRouter's documentation has it
        this.#noteEnd(response ?? {}, type);
        return;
      case "response.failed":
      case "response.cancelled":
      case "response.canceled":
        this.failure = failureOf(response ?? {}, type);
        return;
      case "error":
        this.failure = responsesFailure(data);
        return;
      default:
        this.#noteContent(data, type);
    }
  }

  #noteResponse(response: JsonObject): void {
    const { id } = response;
    if (Object.keys(this.#response).length === 0 && typeof id === "string") {
      this.#response = response;
      this.#onResponseId?.(id);
    }
    const usage = response["usage"];
    if (isUsage(usage)) this.usage = toTokenUsage(toMessageUsage(usage));
  }

  /** Notes the end. The status in the answer outweighs the name of its event. */
  #noteEnd(response: JsonObject, type: string): void {
    const { status, incomplete_details: details } = response;
    if (status === "failed" || status === "cancelled") {
      this.failure = failureOf(response, `response.${status}`);
      return;
    }
    this.isTerminated = true;
    const reason = isObject(details) && typeof details["reason"] === "string" ? details["reason"] : undefined;
    this.stopReason = reason ?? (type === "response.incomplete" ? "incomplete" : "completed");
  }

  #noteContent(event: JsonObject, type: string): void {
    const { item, delta } = event;
    if (type === "response.output_item.added") this.hasContent ||= isObject(item) && !isSilent(item["type"]);
    else if (type === "response.output_item.done") this.hasContent = true;
    else if (type.endsWith(".delta")) this.hasContent ||= delta !== "" && delta !== undefined && delta !== null;
    else if (type.endsWith(".done")) this.hasContent ||= hasText(event["text"]) || hasText(event["arguments"]);
    else if (!type.startsWith("response.") && isErrorObject(event)) this.failure = responsesFailure(event);
  }
}

/** Items that begin before the model has said anything. */
function isSilent(type: unknown): boolean {
  return type === "message" || type === "reasoning";
}

function failureOf(response: JsonObject, type: string): StreamFailure {
  if (isObject(response["error"]) && isErrorObject(response)) return responsesFailure(response);
  const message = `the provider's answer was ${type === "response.failed" ? "a failure" : "cancelled"}`;
  return { type: "error", error: { message } };
}

function hasText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}
