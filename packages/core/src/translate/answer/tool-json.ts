import { isObject, parseJson, type JsonObject } from "../json-object.ts";

const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Follows the brackets of JSON that arrives in pieces: whether its top-level object or array is whole, and what would close it. */
export class JsonProgress {
  readonly #closers: string[] = [];
  #isInString = false;
  #isEscaped = false;
  #isComplete = false;

  /** The top-level object or array has been closed. Says nothing about what came after it. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Returns the offset in `text` behind the bracket that makes it whole; undefined where none of these does. */
  push(text: string): number | undefined {
    let end: number | undefined;
    // Local copies: this loop runs once per character of every tool call.
    let isInString = this.#isInString;
    let isEscaped = this.#isEscaped;
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (isEscaped) isEscaped = false;
      else if (code === quote) isInString = !isInString;
      else if (isInString) isEscaped = code === backslash;
      else if (code === openBrace) this.#closers.push("}");
      else if (code === openBracket) this.#closers.push("]");
      else if ((code === closeBrace || code === closeBracket) && this.#close()) end ??= index + 1;
    }
    this.#isInString = isInString;
    this.#isEscaped = isEscaped;
    return end;
  }

  /** Whether the top level has been closed by it, for the first time. */
  #close(): boolean {
    this.#closers.pop();
    if (this.#isComplete || this.#closers.length > 0) return false;
    this.#isComplete = true;
    return true;
  }

  /** What must follow so that every open string, array and object is closed; `""` where nothing is open. */
  closers(): string {
    const brackets = this.#closers.toReversed().join("");
    if (!this.#isInString) return brackets;
    return `${this.#isEscaped ? "\\" : ""}"${brackets}`;
  }
}

/** A tool call's arguments as the object that a `tool_use` block needs. `repair` says what had to be done to them. */
export interface ToolInput {
  readonly input: JsonObject;
  readonly repair?: "closed" | "cleaned" | "wrapped" | "invalid";
}

/**
 * Reads whole tool arguments in any form that vendors send: JSON text, an object, JSON in a string in JSON, a Markdown fence, nothing. What is
 * valid but no object is put under `value`; what cannot be repaired under `__invalid_json`, so that the model sees its own mistake.
 */
export function readToolInput(args: unknown): ToolInput {
  if (args === undefined || args === null) return { input: {} };
  if (isObject(args)) return { input: args };
  if (typeof args !== "string") return { input: { value: args }, repair: "wrapped" };
  const text = args.trim();
  if (text === "") return { input: {} };
  const parsed = parseJson(text);
  if (parsed !== undefined) return ofParsed(parsed);
  return repaired(text) ?? { input: { __invalid_json: args }, repair: "invalid" };
}

function ofParsed(parsed: unknown): ToolInput {
  if (parsed === null) return { input: {} };
  if (isObject(parsed)) return { input: parsed };
  const inner = typeof parsed === "string" ? parseJson(parsed) : undefined;
  if (isObject(inner)) return { input: inner, repair: "cleaned" };
  return { input: { value: parsed }, repair: "wrapped" };
}

function repaired(text: string): ToolInput | undefined {
  const unfenced = text.replace(/^```[a-z]*\s*/i, "").replace(/\s*```$/, "");
  const plain = parseJson(unfenced);
  if (isObject(plain)) return { input: plain, repair: "cleaned" };
  const progress = new JsonProgress();
  const end = progress.push(unfenced);
  // Models and parsers go on behind it: another bracket, the same call again, words.
  const first = end === undefined ? undefined : parseJson(unfenced.slice(0, end));
  if (isObject(first)) return { input: first, repair: "cleaned" };
  // vLLM's streams have lost the first bracket (vllm-project/vllm#35266).
  const opened = unfenced.startsWith('"') ? parseJson(`{${unfenced}`) : undefined;
  if (isObject(opened)) return { input: opened, repair: "cleaned" };
  const closed = parseJson(unfenced + progress.closers());
  if (isObject(closed)) return { input: closed, repair: "closed" };
  const withoutCommas = parseJson(withoutTrailingCommas(unfenced + progress.closers()));
  return isObject(withoutCommas) ? { input: withoutCommas, repair: "cleaned" } : undefined;
}

/** Drops commas before a closing bracket, but not inside strings. */
function withoutTrailingCommas(text: string): string {
  return text.replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_match, string: string | undefined) => string ?? "");
}
