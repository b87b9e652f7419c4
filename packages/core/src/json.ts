/** Whether a parsed JSON value is an object (no array, no null). */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The largest count of tokens that is believed: above it, numbers of JSON are no longer whole. */
export const maxTokenCount: number = 2 ** 53;

/** Whether a foreign value is a count: finite, whole, not negative, and at most 2^53. */
export function isTokenCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= maxTokenCount;
}
