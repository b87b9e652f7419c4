/** Foreign JSON whose members are still to be looked at. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Decides whether a foreign value is an object and neither null nor an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Decides whether a foreign value is a text that is not empty. */
export function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** Returns a foreign value that is a text and not empty; undefined for any other. */
export function textOf(value: unknown): string | undefined {
  return isText(value) ? value : undefined;
}

/** Returns the JSON of a foreign text, or undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** JSON inside of JSON may be nested this deep: `JSON.stringify` exhausts the stack at some thousand levels. */
const maxNesting = 1_000;

/**
 * Parses the JSON of a foreign text that is written again as a part of other JSON, such as the arguments of a tool call.
 *
 * @returns undefined where the text is no JSON, or is nested deeper than 1,000 levels, which no JSON text could be made of again.
 */
export function parseNestedJson(text: string): unknown {
  return isNestedTooDeep(text) ? undefined : parseJson(text);
}

function isNestedTooDeep(text: string): boolean {
  if (text.length < maxNesting * 2) return false;
  let depth = 0;
  for (let at = 0, isInString = false; at < text.length; at += 1) {
    const character = text[at];
    if (isInString && character === "\\") at += 1;
    else if (character === '"') isInString = !isInString;
    else if (isInString) continue;
    else if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") depth -= 1;
    if (depth > maxNesting) return true;
  }
  return false;
}

/** JSON text, or undefined where a foreign value is nested too deep for it. */
export function stringifyJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** The largest count of tokens that is believed: above it, numbers of JSON are no longer whole. */
export const maxTokenCount: number = 2 ** 53;

/** Decides whether a foreign value is a count: finite, whole, not negative, and at most 2^53. */
export function isTokenCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= maxTokenCount;
}
