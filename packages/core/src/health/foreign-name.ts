/** The longest name of a provider or model that is read, in bytes of UTF-8. */
const nameLimit = 512;

// C0, DEL, C1, the bidirectional marks and overrides, and the separators that end a line.
// oxlint-disable-next-line no-control-regex
export const control: RegExp = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Returns whether a value of foreign JSON is a name of at most `limit` bytes of UTF-8, without control characters. */
export function isName(value: unknown, limit: number = nameLimit): value is string {
  if (typeof value !== "string" || value === "" || value.length > limit || value.search(control) >= 0) return false;
  // A UTF-16 unit takes up to 3 bytes of UTF-8.
  return value.length * 3 <= limit || new TextEncoder().encode(value).length <= limit;
}
