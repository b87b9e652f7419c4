/** Returns the text in quotes, shortened to 60 characters and with control characters made visible; what looks like a key is described, not quoted. */
export function quote(text: string): string {
  if (looksLikeSecret(text)) return `a text of ${text.length} characters`;
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}…` : text).replace(
    // Characters that a terminal acts on, or that reorder the line.
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Returns a value as a message speaks of it: text is quoted, lists and sections are named as such. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return "empty";
  if (typeof value === "string") return quote(value);
  if (Array.isArray(value)) return "a list";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "object" ? "a section of keys" : `a ${typeof value}`;
}

/**
 * Decides whether a text may be a credential in the wrong place: a vendor's prefix, or a long word of letters and
 * digits.
 */
export function looksLikeSecret(text: string): boolean {
  if (/^(?:bearer |sk-|pk-|sk_|xai-|gsk_|ghp_|gho_|AIza|r8_|hf_|nvapi-|pplx-|eyJ)/i.test(text)) return true;
  return (
    text.length >= 20 && !/[\s*?]|:\/\//.test(text) && /\d/.test(text) && /[a-z]/i.test(text) && !isModelLike(text)
  );
}

// Model names are long and hold digits too, but their words are short: claude-3-5-haiku-20241022, google/gemini-2.5-pro-preview.
function isModelLike(text: string): boolean {
  return /[-/.:@]/.test(text) && text.split(/[-/.:@_]/).every((word) => word.length <= 14 && !/\d[a-z]+\d/i.test(word));
}
