/**
 * Matches characters that a terminal acts on, that reorder a line, or that are not seen where they mislead: control characters (C0, DEL, C1), format
 * characters (bidi, zero width, tags), line and paragraph separators, lone surrogates, fillers. A joiner (U+200C, U+200D) between two characters beyond
 * ASCII belongs to a script or to an emoji, and is none of them.
 */
const misleading =
  /(?!(?<=[^\0-\x7f])[\u200c\u200d](?=[^\0-\x7f]))(?:[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u115f\u1160\u2065\u3164\uffa0]|\u034f|\u17b4|\u17b5|[\u180b-\u180f])/gu;
const printableAscii = /^[ -~]*$/;
const printableAsciiLines = /^[\n -~]*$/;

/** Decides whether `character`, one code point, is shown escaped. */
export function isMisleading(character: string): boolean {
  return replaceMisleading(character, () => "") === "";
}

/**
 * Returns the text with every misleading character as its escape, such as `\u202e`. Everything that the configuration, a client, a server or an upstream
 * named goes through here on its way to a terminal, a table, a label of a metric, a header or the status page.
 */
export function visible(text: string): string {
  return printableAscii.test(text) ? text : replaceMisleading(text, escapeOf);
}

/** Escapes like `visible`, and keeps line feeds. */
export function visibleLines(text: string): string {
  if (printableAsciiLines.test(text)) return text;
  return replaceMisleading(text, (character) => (character === "\n" ? character : escapeOf(character)));
}

/** Returns JSON with misleading characters inside its texts as JSON escapes: reading it gives the same value as before. */
export function visibleJson(json: string): string {
  if (printableAsciiLines.test(json)) return json;
  // Between the texts JSON has no misleading characters but the line feeds of its indentation.
  return replaceMisleading(json, (character) => (character === "\n" ? character : jsonEscapeOf(character)));
}

/** Returns the plain data with every text in it `visible`; names of properties are ours and stay. */
export function visibleData<Data>(data: Data): Data {
  if (typeof data === "string") return visible(data) as Data & string;
  if (Array.isArray(data)) return data.map((item: unknown) => visibleData(item)) as Data & unknown[];
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([name, item]) => [name, visibleData(item)])) as Data & object;
}

function replaceMisleading(text: string, replacement: (character: string) => string): string {
  return text.replace(misleading, replacement);
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16).padStart(4, "0");
  return digits.length === 4 ? `\\u${digits}` : `\\u{${digits}}`;
}

// JSON knows escapes of UTF-16 units only.
function jsonEscapeOf(character: string): string {
  let escaped = "";
  for (let index = 0; index < character.length; index += 1)
    escaped += `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`;
  return escaped;
}
