import type { ServerToolUseBlock, WebSearchToolResultBlock } from "../../protocol/anthropic.ts";
import type { ReasoningDetail } from "./reasoning-details.ts";
import { lastArguments } from "./tool-arguments.ts";
import { isSameInput, JsonProgress, readToolInput, withoutEmptyObjects, type ToolInput } from "./tool-json.ts";

/** A text block on its way out. `pending` is what has not been given out; `index` is -1 until it is opened. */
export class TextBlock {
  readonly type = "text";
  index = -1;
  pending: string;
  /** Nothing more is known to come: what waits behind it may close it. */
  isDone: boolean;
  isClosed = false;
  /** Some of it is no white space: the API rejects blocks of white space when they come back in history, and they are not opened. */
  hasOutput: boolean;

  constructor(text: string, isDone = true) {
    this.pending = text;
    this.isDone = isDone;
    this.hasOutput = /\S/.test(text);
  }

  append(text: string): void {
    this.pending += text;
    this.hasOutput ||= /\S/.test(text);
  }
}

/** A thinking block on its way out. `details` are what its signature must carry back to the provider. */
export class ThinkingBlock {
  readonly type = "thinking";
  index = -1;
  pending: string;
  isDone: boolean;
  isClosed = false;
  readonly details: ReasoningDetail[];
  /** Some of it is no white space: vendors send a line feed as reasoning between two pieces of text. */
  hasOutput: boolean;

  constructor(text: string, details: ReasoningDetail[] = [], isDone = true) {
    this.pending = text;
    this.details = details;
    this.isDone = isDone;
    this.hasOutput = /\S/.test(text);
  }

  append(text: string): void {
    this.pending += text;
    this.hasOutput ||= /\S/.test(text);
  }
}

/**
 * A tool call on its way out. It cannot be opened before it has a name. Its arguments are streamed once they turn out to be a JSON object (`live`);
 * anything else is held to be put right at the end.
 */
export class ToolBlock {
  readonly type = "tool";
  index = -1;
  id = "";
  name = "";
  /** All that has come, but for what stood behind whole arguments. To read it while it grows would copy it each time. */
  args = "";
  /** Arguments that have come and are not given out until the call is `live`. */
  pending = "";
  mode: "undecided" | "live" | "held" = "undecided";
  isClosed = false;
  /** True once text behind the arguments was left out, or control characters in them were escaped. */
  isCleaned = false;
  /** The upstream has given it an id or begun to name it. */
  hasIdentity = false;
  #isEnded = false;
  #isEmptyObject = false;
  #isBare = false;
  #progress = new JsonProgress();
  #isSaid = false;
  #endedLength: number | undefined;
  /** The arguments as they were read last, and how long they were. */
  #read: { readonly length: number; readonly input: ToolInput | undefined } | undefined;

  /** Some of the arguments is no white space. */
  get hasBegun(): boolean {
    return this.#isSaid;
  }

  /**
   * Decides whether a text calls the tool with the same input. Many texts can be compared: the block's own arguments
   * are read once.
   */
  says(args: string): boolean {
    if (args === this.args) return true;
    const { length } = this.args;
    if (this.#read?.length !== length) this.#read = { length, input: readToolInput(this.args) };
    return isSameInput(args, this.#read.input);
  }

  /** The arguments are a whole JSON object or array, so that nothing can follow. */
  get isComplete(): boolean {
    return this.#progress.isComplete && !this.#isBare;
  }

  /** Arguments have begun and are not whole, or none have come and the upstream has not said that none follow. */
  get isUnfinished(): boolean {
    return !this.isComplete && !this.#isEnded;
  }

  /** Nothing of a call has come: some servers fill the place of a call that there is none of. */
  get isBlank(): boolean {
    return !this.hasIdentity && !this.#isSaid;
  }

  /**
   * Decides whether a piece can be part of the arguments. Whole ones accept no further piece, except that empty ones
   * are replaced by the real ones (envoyproxy/ai-gateway#1465).
   */
  takes(fragment: string): boolean {
    return !this.isComplete || (this.#isEmptyObject && fragment.trimStart().startsWith("{"));
  }

  /** Open, and nothing more is to come. */
  get isDone(): boolean {
    return this.index >= 0 && (this.#isEnded || this.isComplete);
  }

  get hasOutput(): boolean {
    return this.name !== "";
  }

  /** Nothing of the arguments is given out before the call ends; to be called before any have come. */
  hold(): void {
    this.mode = "held";
  }

  /** The upstream has said that no arguments follow. Those that are cut inside a value stay unfinished: the answer's end decides about them. */
  finish(): void {
    const { length } = this.args;
    // The same arguments are not read again for each further word of their end.
    if (this.#isEnded || this.#endedLength === length) return;
    this.#endedLength = length;
    this.#isEnded = lastArguments(this) !== undefined;
  }

  /** Returns by how many characters the arguments have grown; negative where real ones took the place of an empty object. */
  append(fragment: string): number {
    const before = this.args.length;
    this.#isSaid ||= /\S/.test(fragment);
    let piece = fragment;
    if (this.mode === "undecided" && fragment.trim() !== "") {
      const known = this.args + piece;
      piece = withoutEmptyObjects(known);
      if (piece.length < known.length) this.#restart();
      else piece = fragment;
    }
    const escaped = this.#progress.escape(piece);
    this.isCleaned ||= escaped !== piece;
    piece = escaped;
    const end = this.#progress.push(piece);
    if (end !== undefined) piece = this.#withoutRest(piece, end);
    this.args += piece;
    if (this.mode === "live") this.pending += piece;
    else if (this.mode === "undecided" && piece.trim() !== "") this.#decide();
    return this.args.length - before;
  }

  #restart(): void {
    this.args = "";
    this.#isEmptyObject = false;
    this.#progress = new JsonProgress();
  }

  /** Cuts what follows the object. Blank space stays, because vendors repeat a call with it. */
  #withoutRest(fragment: string, end: number): string {
    const isObject =
      this.mode === "live" || (this.mode === "undecided" && (this.args + fragment).trimStart().startsWith("{"));
    if (!isObject || fragment.slice(end).trim() === "") return fragment;
    this.isCleaned = true;
    return fragment.slice(0, end);
  }

  #decide(): void {
    const begun = this.args.trimStart();
    if (begun === "" || isOpenBracketOnly(begun)) return;
    this.#isEmptyObject = /^\{\s*\}\s*$/.test(begun);
    // It is given out at the end, if nothing else has come by then.
    if (this.#isEmptyObject) return;
    // A text, or members whose first bracket is missing: what closes one of them closes nothing else.
    this.#isBare = begun.startsWith('"');
    this.mode = begun.startsWith("{") ? "live" : "held";
    this.pending = begun;
  }
}

/** An object that has begun and can still be an empty one. */
function isOpenBracketOnly(text: string): boolean {
  return text.startsWith("{") && text.slice(1).trim() === "";
}

/** A search that the provider made by itself, and what it found: two blocks that are whole when they come. */
export class SearchBlock {
  readonly type = "search";
  readonly index = -1;
  readonly isDone = true;
  readonly hasOutput = true;
  isClosed = false;
  readonly call: ServerToolUseBlock;
  readonly result: WebSearchToolResultBlock;

  constructor(call: ServerToolUseBlock, result: WebSearchToolResultBlock) {
    this.call = call;
    this.result = result;
  }
}

export type Block = TextBlock | ThinkingBlock | ToolBlock | SearchBlock;
