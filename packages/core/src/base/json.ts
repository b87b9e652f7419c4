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

/** The JSON of a foreign text, or undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
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
