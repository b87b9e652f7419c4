import { isObject, parseJson, type JsonObject } from "../../base/json.ts";
import type { ItemStatus } from "./client-calls.ts";
import type { Emit, OutputItem } from "./client-items.ts";

/** A search of the web that the provider made itself: its call and what it found are two blocks in the Messages API and one item here. */
export class SearchItem implements OutputItem {
  readonly type = "search";
  readonly #emit: Emit;
  readonly #id: string;
  readonly #outputIndex: number;
  /** The id of the call, by which its result is found. */
  readonly toolUseId: unknown;
  readonly #input: JsonObject;
  readonly #json: string[] = [];
  #sources: readonly JsonObject[] = [];
  #isAdded = false;
  #hasFailed = false;

  constructor(place: { readonly emit: Emit; readonly id: string; readonly outputIndex: number }, block: JsonObject) {
    this.#emit = place.emit;
    this.#id = place.id;
    this.#outputIndex = place.outputIndex;
    this.toolUseId = block["id"];
    this.#input = isObject(block["input"]) ? block["input"] : {};
  }

  delta({ type, partial_json: json }: JsonObject): void {
    if (type === "input_json_delta" && typeof json === "string" && !this.#isAdded) this.#json.push(json);
  }

  /** The query is known: the search begins. */
  endBlock(): void {
    if (this.#isAdded) return;
    this.#isAdded = true;
    this.#emit("response.output_item.added", { output_index: this.#outputIndex, item: this.#item("in_progress") });
    this.#progress("in_progress");
    this.#progress("searching");
  }

  /** Adds the results of the search. */
  found(content: unknown): void {
    this.endBlock();
    this.#hasFailed = isObject(content);
    const results = Array.isArray(content) ? content : [];
    this.#sources = results.flatMap((result: unknown) =>
      isObject(result) && typeof result["url"] === "string" ? [{ type: "url", url: result["url"] }] : [],
    );
  }

  close(status: ItemStatus): JsonObject {
    this.endBlock();
    this.#progress("completed");
    return this.#item(this.#hasFailed ? "failed" : status);
  }

  #progress(state: string): void {
    this.#emit(`response.web_search_call.${state}`, { item_id: this.#id, output_index: this.#outputIndex });
  }

  #item(status: string): JsonObject {
    const parsed = parseJson(this.#json.join(""));
    const { query, url } = isObject(parsed) ? parsed : this.#input;
    const action =
      typeof url === "string"
        ? { type: "open_page", url }
        : { type: "search", query: typeof query === "string" ? query : "", sources: this.#sources };
    return { id: this.#id, type: "web_search_call", status, action };
  }
}
