import { isObject, parseJson } from "../../base/json.ts";

/** A chunk that has been parsed, and where in its text the one string stands that changes from chunk to chunk. */
interface Template {
  readonly prefix: string;
  readonly suffix: string;
  readonly chunk: unknown;
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

// Members that hold the tokens of an answer, in the delta itself or in the first of its tool calls.
const tokenKeys = ["content", "reasoning_content", "reasoning"];
const sentinel = "\u0001ccpb\u0001";
const maxMisses = 4;
const pauseLength = 128;
const tailLength = 16;

/**
 * Parses the chunks of one stream. Vendors send thousands that differ in a single string; once a chunk is known, only that string is parsed in the
 * next, and the known value is given out again with it. The result equals `JSON.parse`, and is valid until the next call.
 */
export class ChunkParser {
  #template: Template | undefined;
  #misses = 0;
  #pause = 0;
  #tail = "";

  /** Undefined where the text is not JSON. */
  parse(text: string): unknown {
    const template = this.#template;
    if (template !== undefined) {
      const token = tokenOf(text, template);
      if (token !== undefined) {
        this.#misses = 0;
        template.holder[template.key] = token;
        return template.chunk;
      }
    }
    const chunk = parseJson(text);
    if (this.#pause > 0) this.#pause -= 1;
    else this.#learn(text, chunk);
    return chunk;
  }

  #learn(text: string, chunk: unknown): void {
    // Chunks that end differently each time (OpenAI's and Mistral's padding) never repeat.
    const tail = text.slice(-tailLength);
    const isAlike = tail === this.#tail;
    this.#tail = tail;
    if (!isAlike) return;
    this.#template = makeTemplate(text, chunk);
    this.#misses += 1;
    // Streams whose chunks differ in more than one string are not worth the trouble.
    if (this.#misses <= maxMisses) return;
    this.#template = undefined;
    this.#misses = 0;
    this.#pause = pauseLength;
  }
}

function tokenOf(text: string, { prefix, suffix }: Template): string | undefined {
  const end = text.length - suffix.length;
  if (end - prefix.length < 2) return undefined;
  // Slices compare many times faster than `startsWith` and `endsWith` do.
  if (text.slice(0, prefix.length) !== prefix || text.slice(end) !== suffix) return undefined;
  const token = parseJson(text.slice(prefix.length, end));
  return typeof token === "string" ? token : undefined;
}

function makeTemplate(text: string, chunk: unknown): Template | undefined {
  const leaf = tokenLeaf(chunk);
  if (leaf === undefined) return undefined;
  const { holder, key, value } = leaf;
  const token = JSON.stringify(value);
  const name = `"${key}":`;
  let start = text.indexOf(name + token);
  if (start >= 0) start += name.length;
  else {
    start = text.indexOf(`${name} ${token}`);
    if (start < 0) return undefined;
    start += name.length + 1;
  }
  const prefix = text.slice(0, start);
  const suffix = text.slice(start + token.length);
  // The proof that the place is the right one: another string there must come out as the leaf. A string can then be put there without changing
  // anything else, because JSON has no context.
  const proof = tokenLeaf(parseJson(prefix + JSON.stringify(sentinel) + suffix));
  return proof?.value === sentinel && proof.key === key ? { prefix, suffix, chunk, holder, key } : undefined;
}

interface Leaf {
  readonly holder: Record<string, unknown>;
  readonly key: string;
  readonly value: string;
}

/** The one string of a chunk that is a token of the answer; undefined where there is none, or where there are several. */
function tokenLeaf(chunk: unknown): Leaf | undefined {
  const choices = isObject(chunk) ? chunk["choices"] : undefined;
  const choice: unknown = Array.isArray(choices) && choices.length === 1 ? choices[0] : undefined;
  const delta = isObject(choice) ? choice["delta"] : undefined;
  if (!isMutable(delta)) return undefined;
  // OpenRouter and others say their reasoning twice.
  if (Array.isArray(delta["reasoning_details"])) return undefined;
  const calls = delta["tool_calls"];
  if (Array.isArray(calls)) {
    const called: unknown = calls.length === 1 && isObject(calls[0]) ? calls[0]["function"] : undefined;
    return isMutable(called) ? leafOf(called, ["arguments"]) : undefined;
  }
  return leafOf(delta, tokenKeys);
}

function leafOf(holder: Record<string, unknown>, keys: readonly string[]): Leaf | undefined {
  let leaf: Leaf | undefined;
  for (const key of keys) {
    const value = holder[key];
    if (typeof value !== "string" || value === "") continue;
    if (leaf) return undefined;
    leaf = { holder, key, value };
  }
  return leaf;
}

/** Decides whether a value may be changed: freshly parsed JSON has no other owner. */
function isMutable(value: unknown): value is Record<string, unknown> {
  return isObject(value);
}
