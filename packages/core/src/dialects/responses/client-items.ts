import { isObject, type JsonObject, parseJson } from "../../base/json.ts";
import { type CallParts, callItem, isStreamedCall, type ItemStatus } from "./client-calls.ts";
import { CustomInput } from "./custom-input.ts";
import { type SealedThinking, sealThinking } from "./thinking-envelope.ts";

/** Takes the events of an item: their type and members. */
export type Emit = (type: string, members: JsonObject) => void;

/** An item of the output that is being written. Each gives out its own events; `close` gives the last, and returns the item as it was at its end. */
export interface OutputItem {
  /** A piece of the block that was begun last. */
  delta(delta: JsonObject): void;
  /** The block that was begun last has ended. */
  endBlock(): void;
  /** Ends the item. Returns undefined where there was nothing to show. */
  close(status: ItemStatus): JsonObject | undefined;
}

interface ItemPlace {
  readonly emit: Emit;
  readonly id: string;
  readonly outputIndex: number;
}

/** A message: each text block is one of its parts. Nothing is there before the first character. */
export class MessageItem implements OutputItem {
  readonly type = "message";
  readonly #place: ItemPlace;
  readonly #content: JsonObject[] = [];
  #text: string[] = [];
  #citations: JsonObject[] = [];
  #isOpen = false;
  #isAdded = false;

  constructor(place: ItemPlace) {
    this.#place = place;
  }

  delta(delta: JsonObject): void {
    const { type, text, citation } = delta;
    if (type === "citations_delta" && isObject(citation)) this.#citations.push(citation);
    if (type !== "text_delta" || typeof text !== "string" || text === "") return;
    this.#openPart();
    this.#text.push(text);
    const { emit, id, outputIndex } = this.#place;
    // Written out: it is nearly all that an answer consists of.
    emit("response.output_text.delta", {
      item_id: id,
      output_index: outputIndex,
      content_index: this.#content.length,
      delta: text,
      logprobs: [],
    });
  }

  /** A refusal that is known whole, as a part of its own. */
  refuse(refusal: string): void {
    this.endBlock();
    this.#add();
    const place = this.#part();
    this.#emit("response.content_part.added", { ...place, part: { type: "refusal", refusal: "" } });
    this.#emit("response.refusal.delta", { ...place, delta: refusal });
    this.#emit("response.refusal.done", { ...place, refusal });
    this.#endPart(place, { type: "refusal", refusal });
  }

  endBlock(): void {
    if (this.#isOpen) {
      const place = this.#part();
      const text = this.#text.join("");
      const annotations = this.#citations.flatMap((citation) => urlCitation(citation, text.length));
      for (const [index, annotation] of annotations.entries()) {
        this.#emit("response.output_text.annotation.added", { ...place, annotation_index: index, annotation });
      }
      this.#emit("response.output_text.done", { ...place, text, logprobs: [] });
      this.#isOpen = false;
      this.#endPart(place, { type: "output_text", annotations, logprobs: [], text });
    }
    this.#text = [];
    this.#citations = [];
  }

  close(status: ItemStatus): JsonObject | undefined {
    this.endBlock();
    return this.#isAdded ? this.#item(status) : undefined;
  }

  #openPart(): void {
    this.#add();
    if (this.#isOpen) return;
    this.#isOpen = true;
    const part = { type: "output_text", annotations: [], logprobs: [], text: "" };
    this.#emit("response.content_part.added", { ...this.#part(), part });
  }

  #endPart(place: JsonObject, part: JsonObject): void {
    this.#emit("response.content_part.done", { ...place, part });
    this.#content.push(part);
  }

  #add(): void {
    if (this.#isAdded) return;
    this.#isAdded = true;
    this.#emit("response.output_item.added", {
      output_index: this.#place.outputIndex,
      item: this.#item("in_progress"),
    });
  }

  #item(status: ItemStatus): JsonObject {
    return { id: this.#place.id, type: "message", status, content: [...this.#content], role: "assistant" };
  }

  #part(): JsonObject {
    const { id, outputIndex } = this.#place;
    return { item_id: id, output_index: outputIndex, content_index: this.#content.length };
  }

  #emit(type: string, members: JsonObject): void {
    this.#place.emit(type, members);
  }
}

/** Anthropic cites for a whole block of text. Citations of documents have no URL and no form in this API. */
function urlCitation({ url, title }: JsonObject, length: number): readonly JsonObject[] {
  if (typeof url !== "string" || url === "") return [];
  const name = typeof title === "string" ? title : url;
  return [{ type: "url_citation", url, title: name, start_index: 0, end_index: length }];
}

/** A thinking block: its text is the summary, and the block itself is the encrypted content. */
export class ReasoningItem implements OutputItem {
  readonly type = "reasoning";
  readonly #place: ItemPlace;
  readonly #redacted: string | undefined;
  readonly #text: string[] = [];
  #signature = "";
  #isEnded = false;

  /** `data`: of a redacted block. */
  constructor(place: ItemPlace, data: string | undefined) {
    this.#place = place;
    this.#redacted = data;
    place.emit("response.output_item.added", { output_index: place.outputIndex, item: this.#item([], undefined) });
  }

  delta(delta: JsonObject): void {
    const { type, thinking, signature } = delta;
    if (type === "signature_delta" && typeof signature === "string") this.#signature = signature;
    if (type !== "thinking_delta" || typeof thinking !== "string" || thinking === "" || this.#isEnded) return;
    if (this.#text.length === 0) {
      const part = { type: "summary_text", text: "" };
      this.#emit("response.reasoning_summary_part.added", { part });
    }
    this.#text.push(thinking);
    this.#emit("response.reasoning_summary_text.delta", { delta: thinking });
  }

  endBlock(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (this.#text.length === 0) return;
    const text = this.#text.join("");
    this.#emit("response.reasoning_summary_text.done", { text });
    this.#emit("response.reasoning_summary_part.done", { part: { type: "summary_text", text } });
  }

  close(): JsonObject {
    this.endBlock();
    const thinking = this.#text.join("");
    const sealed: SealedThinking =
      this.#redacted === undefined
        ? { type: "thinking", thinking, signature: this.#signature }
        : { type: "redacted_thinking", data: this.#redacted };
    return this.#item(thinking === "" ? [] : [{ type: "summary_text", text: thinking }], sealThinking(sealed));
  }

  #item(summary: readonly JsonObject[], encrypted: string | undefined): JsonObject {
    return {
      id: this.#place.id,
      type: "reasoning",
      summary,
      ...(encrypted !== undefined && { encrypted_content: encrypted }),
    };
  }

  #emit(type: string, members: JsonObject): void {
    const { emit, id, outputIndex } = this.#place;
    emit(type, { item_id: id, output_index: outputIndex, summary_index: 0, ...members });
  }
}

/** Names of a call. */
export interface CallNames {
  readonly callId: string;
  readonly name: string;
  /** The client's own tool; undefined for an ordinary function. */
  readonly tool: JsonObject | undefined;
  /** Arguments that were there at the start; vendors send them so. */
  readonly input: JsonObject;
}

/** A tool call in the form of the client's tool. */
export class CallItem implements OutputItem {
  readonly type = "call";
  readonly #place: ItemPlace;
  readonly #names: CallNames;
  readonly #json: string[] = [];
  /** The text of a custom tool. */
  readonly #input: CustomInput | undefined;
  readonly #isStreamed: boolean;
  #isEnded = false;

  constructor(place: ItemPlace, names: CallNames) {
    this.#place = place;
    this.#names = names;
    this.#isStreamed = isStreamedCall(names.tool);
    if (names.tool?.["type"] === "custom") this.#input = new CustomInput();
    if (this.#isStreamed) this.#add("");
  }

  delta(delta: JsonObject): void {
    const { type, partial_json: json } = delta;
    if (type !== "input_json_delta" || typeof json !== "string" || json === "" || this.#isEnded) return;
    this.#json.push(json);
    if (this.#input) this.#showInput(this.#input.push(json));
    else this.#emit("response.function_call_arguments.delta", { delta: json });
  }

  endBlock(): void {
    if (this.#isEnded) return;
    const { input } = this.#names;
    if (this.#json.length === 0) this.delta({ type: "input_json_delta", partial_json: JSON.stringify(input) });
    this.#isEnded = true;
    if (this.#input) {
      this.#showInput(this.#input.end());
      this.#emit("response.custom_tool_call_input.done", { input: this.#input.text });
    } else this.#emit("response.function_call_arguments.done", { arguments: this.#json.join("") });
  }

  /** Its arguments are JSON: those of a call that was cut are not. */
  get isWhole(): boolean {
    return this.#json.length === 0 || parseJson(this.#json.join("")) !== undefined;
  }

  close(status: ItemStatus): JsonObject {
    this.endBlock();
    const args = this.#input ? this.#input.text : this.#json.join("");
    if (!this.#isStreamed) this.#add(args);
    return callItem(this.#parts(args, status));
  }

  #showInput(delta: string): void {
    if (delta !== "") this.#emit("response.custom_tool_call_input.delta", { delta });
  }

  #add(args: string): void {
    const { emit, outputIndex } = this.#place;
    emit("response.output_item.added", { output_index: outputIndex, item: callItem(this.#parts(args, "in_progress")) });
  }

  #parts(args: string, status: ItemStatus): CallParts {
    const { tool, name, callId } = this.#names;
    return { tool, name, id: this.#place.id, callId, json: args, status };
  }

  #emit(type: string, members: JsonObject): void {
    const { emit, id, outputIndex } = this.#place;
    if (this.#isStreamed) emit(type, { item_id: id, output_index: outputIndex, ...members });
  }
}
