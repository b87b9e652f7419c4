import { isObject, parseJson, stringifyJson, type JsonObject } from "../../base/json.ts";

const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const firstPrintable = 0x20;

// Deeper arguments are never taken for the same: comparing them would exhaust the stack.
const maxDepth = 200;

/** Follows the brackets of JSON that arrives in pieces: whether its top-level object or array is whole, and which brackets are missing. */
export class JsonProgress {
  readonly #closers: string[] = [];
  #isInString = false;
  #isEscaped = false;
  #isComplete = false;

  /** The top-level object or array has been closed. Says nothing about what came after it. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /**
   * Reads on.
   *
   * @returns the offset in `text` behind the bracket that makes the top level whole, where this text holds it; undefined otherwise. Text behind that
   * bracket is not read.
   */
  push(text: string): number | undefined {
    if (this.#isComplete) return undefined;
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
      else if (code === closeBrace || code === closeBracket) {
        this.#closers.pop();
        this.#isComplete = this.#closers.length === 0;
        if (this.#isComplete) return index + 1;
      }
    }
    this.#isInString = isInString;
    this.#isEscaped = isEscaped;
    return undefined;
  }

  /**
   * Writes the control characters inside strings of the next piece as JSON has them: models put line breaks into the text of a file as they are. Blank
   * space between values stays.
   */
  escape(text: string): string {
    if (this.#isComplete || !hasControl(text)) return text;
    let escaped = "";
    let kept = 0;
    let isInString = this.#isInString;
    let isEscaped = this.#isEscaped;
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (isInString && code < firstPrintable) {
        // A backslash in front of it escapes nothing: a shell's line that goes on, so that it is one of the text.
        escaped += `${text.slice(kept, index)}${isEscaped ? "\\" : ""}${escapes(code)}`;
        kept = index + 1;
        isEscaped = false;
      } else if (isEscaped) isEscaped = false;
      else if (code === quote) isInString = !isInString;
      else if (isInString) isEscaped = code === backslash;
    }
    return escaped + text.slice(kept);
  }

  /** Returns the brackets that would close what is open, `""` where nothing is; undefined inside a string, which must never be closed for a tool. */
  closers(): string | undefined {
    return this.#isInString ? undefined : this.#closers.toReversed().join("");
  }
}

function hasControl(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) < firstPrintable) return true;
  return false;
}

/** The escape of a control character: `\\n`, `\\u0001`. */
function escapes(code: number): string {
  return JSON.stringify(String.fromCharCode(code)).slice(1, -1);
}

/**
 * Finds the brackets that JSON text lacks at its end.
 *
 * @returns the missing brackets, where the text ends behind a complete value and is JSON with them. Undefined where it ends inside a string, a
 * number or a literal, behind a comma, a colon or an opening bracket: the rest of such a text is unknown, and a call made up of it must not run.
 */
export function missingBrackets(text: string): string | undefined {
  if (!endsInValue(text)) return undefined;
  const progress = new JsonProgress();
  progress.push(text);
  const closers = progress.closers();
  return closers !== undefined && closers !== "" && parseJson(text + closers) !== undefined ? closers : undefined;
}

/**
 * Decides whether the last token of a text can only be a whole value. A digit at the very end may have more after it.
 */
function endsInValue(text: string): boolean {
  const trimmed = text.trimEnd();
  const last = trimmed.charCodeAt(trimmed.length - 1);
  if (last === quote || last === closeBrace || last === closeBracket) return true;
  if (last >= 0x30 && last <= 0x39) return trimmed.length < text.length;
  return ["true", "false", "null"].some((literal) => trimmed.endsWith(literal));
}

/** A tool call's arguments as the object that a `tool_use` block needs. `repair` says what had to be done to them. */
export interface ToolInput {
  readonly input: JsonObject;
  readonly repair?: "closed" | "cleaned" | "wrapped";
}

/**
 * Reads whole tool arguments in any form that vendors send: JSON text, an object, JSON in a string in JSON, a Markdown fence, nothing. Valid JSON
 * that is no object is put under `value`.
 *
 * @returns undefined where the arguments are cut inside a value or are no JSON: such a call must not be given to a client as a whole one.
 */
export function readToolInput(args: unknown): ToolInput | undefined {
  if (args === undefined || args === null) return { input: {} };
  if (isObject(args)) return { input: args };
  if (typeof args !== "string") return { input: { value: args }, repair: "wrapped" };
  const text = args.trim();
  if (text === "") return { input: {} };
  const parsed = parseJson(text);
  return parsed === undefined ? repaired(text) : ofParsed(parsed);
}

/** Returns the JSON text of arguments in any form: `""` where there are none. Arguments nested too deep for JSON become `[`, which is no JSON. */
export function argumentsText(args: unknown): string {
  if (typeof args === "string") return args;
  if (args === undefined || args === null) return "";
  return stringifyJson(args) ?? "[";
}

/**
 * Decides whether a text of arguments calls a tool with the same input as another that `readToolInput` has read,
 * regardless of white space, order of members and encoding.
 */
export function isSameInput(args: string, other: ToolInput | undefined): boolean {
  const read = other && readToolInput(args);
  return read !== undefined && isSameValue(read.input, other?.input);
}

function isSameValue(one: unknown, other: unknown, depth = 0): boolean {
  if (one === other) return true;
  if (depth > maxDepth) return false;
  if (Array.isArray(one)) {
    if (!Array.isArray(other) || one.length !== other.length) return false;
    return one.every((value, index) => isSameValue(value, other[index], depth + 1));
  }
  if (!isObject(one) || !isObject(other)) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSameValue(one[key], other[key], depth + 1))
  );
}

function ofParsed(parsed: unknown): ToolInput | undefined {
  if (parsed === null) return { input: {} };
  if (isObject(parsed)) return { input: parsed };
  if (typeof parsed !== "string" || !parsed.trimStart().startsWith("{")) {
    return { input: { value: parsed }, repair: "wrapped" };
  }
  // An object in a string: its own end can be missing as well.
  const inner = parseJson(parsed) ?? repaired(parsed.trim())?.input;
  return isObject(inner) ? { input: inner, repair: "cleaned" } : undefined;
}

function repaired(text: string): ToolInput | undefined {
  const unfenced = withoutFence(text);
  const plain = parseJson(unfenced);
  if (isObject(plain)) return { input: plain, repair: "cleaned" };
  const real = new JsonProgress().escape(withoutEmptyObjects(unfenced));
  const whole = parseJson(real);
  if (isObject(whole)) return { input: whole, repair: "cleaned" };
  // Models and parsers go on behind it: another bracket, the same call again, words.
  const end = new JsonProgress().push(real);
  const first = end === undefined ? undefined : parseJson(real.slice(0, end));
  if (isObject(first)) return { input: first, repair: "cleaned" };
  // vLLM's streams have lost the first bracket (vllm-project/vllm#35266).
  const opened = real.startsWith('"') ? parseJson(`{${real}`) : undefined;
  if (isObject(opened)) return { input: opened, repair: "cleaned" };
  const closers = missingBrackets(real);
  const closed = closers === undefined ? undefined : parseJson(real + closers);
  if (isObject(closed)) return { input: closed, repair: "closed" };
  const withoutCommas = parseJson(withoutTrailingCommas(real));
  return isObject(withoutCommas) ? { input: withoutCommas, repair: "cleaned" } : undefined;
}

/** Takes a Markdown code fence off. A scan from either end: a regular expression would backtrack over white space. */
function withoutFence(text: string): string {
  let inner = text;
  if (inner.startsWith("```")) {
    let start = 3;
    while (start < inner.length && isLetter(inner.charCodeAt(start))) start += 1;
    inner = inner.slice(start);
  }
  if (inner.endsWith("```")) inner = inner.slice(0, -3);
  return inner.trim();
}

/** Drops empty objects in front of another one: some servers begin each call with `{}` (envoyproxy/ai-gateway#1465). */
export function withoutEmptyObjects(text: string): string {
  let start = 0;
  for (;;) {
    const open = skipBlank(text, start);
    const close = skipBlank(text, open + 1);
    if (text.charCodeAt(open) !== openBrace || text.charCodeAt(close) !== closeBrace) return text.slice(start);
    const next = skipBlank(text, close + 1);
    if (text.charCodeAt(next) !== openBrace) return text.slice(start);
    start = next;
  }
}

function skipBlank(text: string, from: number): number {
  let at = from;
  while (at < text.length && isBlank(text.charCodeAt(at))) at += 1;
  return at;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function isLetter(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}

/** Drops commas before a closing bracket, but not inside strings. */
function withoutTrailingCommas(text: string): string {
  let cleaned = "";
  let kept = 0;
  let commaAt = -1;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isInString) {
      if (code === backslash) at += 1;
      else isInString = code !== quote;
    } else if (code === quote) {
      isInString = true;
      commaAt = -1;
    } else if (code === comma) commaAt = at;
    else if ((code === closeBrace || code === closeBracket) && commaAt >= 0) {
      cleaned += text.slice(kept, commaAt);
      kept = commaAt + 1;
      commaAt = -1;
    } else if (!isBlank(code)) commaAt = -1;
  }
  return cleaned + text.slice(kept);
}
