/** A JSON object whose members are not known. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Decides whether a value is an object, and neither null nor an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reads an object from JSON text; undefined for text that is no JSON, or another kind of value. */
export function readObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    // A line that was cut off, or an answer of another program.
    return undefined;
  }
}

/**
 * Returns a value of JSON as text: a text, number, boolean or null as it is, and `…` for an object or an array. `String` throws for an object that has a
 * `toString` of its own, and for arrays that are nested deeply.
 */
export function textOfJson(value: unknown): string {
  return typeof value === "object" && value !== null ? "…" : String(value);
}
