import type { ChatDelta } from "../../protocol/chat-answer.ts";
import { isObject, type JsonObject, parseJson, stringifyJson } from "../../base/json.ts";
import { customInput } from "./client-tools.ts";

interface AnswerCallOptions {
  /** The client's own custom tools, by name. */
  readonly customTools: ReadonlyMap<string, JsonObject>;
  /** Calls go out as `function_call`. */
  readonly isLegacy: boolean;
  readonly give: (delta: ChatDelta) => void;
}

interface OpenCall {
  readonly position: number;
  readonly isCustom: boolean;
  readonly name: string;
  /** Input that a vendor has put into the start of the block. */
  readonly input: unknown;
  /** All pieces that have come: whether they are JSON is known at the end. */
  json: string;
}

/** Gives out the tool calls of an answer, and knows whether all of them are whole. */
export class AnswerCalls {
  readonly #options: AnswerCallOptions;
  /** Open calls by the index of the block; undefined for a block that is no call of the client's. */
  readonly #open = new Map<unknown, OpenCall | undefined>();
  readonly #ids = new Set<string>();
  #count = 0;
  #hasBroken = false;

  constructor(options: AnswerCallOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#count;
  }

  get isLegacy(): boolean {
    return this.#options.isLegacy;
  }

  /** A call was cut, or its arguments are no JSON. */
  get hasBroken(): boolean {
    return this.#hasBroken;
  }

  /** Begins a call; false where it has no id or no name. An event that comes twice begins nothing new. */
  start(index: unknown, { id, name, input }: JsonObject): boolean {
    if (typeof id !== "string" || id === "" || typeof name !== "string" || name === "") return false;
    if (this.#ids.has(id)) return true;
    this.stop(index);
    this.#ids.add(id);
    const isCustom = this.#options.customTools.has(name);
    const call: OpenCall = { position: this.#count, isCustom, name, input, json: "" };
    this.#count += 1;
    this.#open.set(index, call);
    // The input of a custom tool is text: it is given out once the JSON around it is whole.
    const type = isCustom ? { type: "custom" as const, custom: { name, input: "" } } : undefined;
    if (this.isLegacy) {
      if (call.position === 0) this.#options.give({ function_call: { name, arguments: "" } });
    } else {
      const named = type ?? { type: "function" as const, function: { name, arguments: "" } };
      this.#options.give({ tool_calls: [{ index: call.position, id, ...named }] });
    }
    return true;
  }

  /** Notes a block whose input is not the client's, such as a search of the server's. */
  ignore(index: unknown): void {
    if (this.#open.get(index) === undefined) this.#open.set(index, undefined);
  }

  /** Adds to a call; false where no call is open there. */
  input(index: unknown, json: string): boolean {
    const call = this.#open.get(index);
    if (call === undefined) return this.#open.has(index) || json === "";
    if (json === "") return true;
    call.json += json;
    if (!call.isCustom) this.#arguments(call, json);
    return true;
  }

  stop(index: unknown): void {
    const call = this.#open.get(index);
    this.#open.delete(index);
    if (call) this.#finish(call);
  }

  /** The answer is over: what is still open was cut. */
  settle(): void {
    for (const call of this.#open.values()) this.#hasBroken ||= call !== undefined;
    this.#open.clear();
  }

  #finish(call: OpenCall): void {
    const isBare = call.json.trim() === "";
    const text = isBare ? ((isObject(call.input) ? stringifyJson(call.input) : undefined) ?? "{}") : call.json;
    const parsed = parseJson(text);
    if (parsed === undefined) {
      this.#hasBroken = true;
      return;
    }
    if (call.isCustom) {
      const input = isObject(parsed) && typeof parsed[customInput] === "string" ? parsed[customInput] : text;
      this.#options.give({ tool_calls: [{ index: call.position, custom: { input } }] });
    } else if (isBare) this.#arguments(call, text);
  }

  #arguments({ position }: OpenCall, json: string): void {
    if (!this.isLegacy) this.#options.give({ tool_calls: [{ index: position, function: { arguments: json } }] });
    else if (position === 0) this.#options.give({ function_call: { arguments: json } });
  }
}
