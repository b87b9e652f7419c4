const maxWords = 200;

/**
 * Returns a foreign text in one line for a log or a terminal: control and bidirectional characters become their escapes. At most 200 characters.
 */
export function printable(text: string): string {
  const escaped = text
    .slice(0, maxWords)
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (character) =>
      character === "\n" || character === "\r" || character === "\t"
        ? " "
        : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
  return escaped.length <= maxWords ? escaped : `${escaped.slice(0, maxWords - 1)}…`;
}
