import { isFormatKey, isSecretKey, isSecretPath, looksLikeSecret, mayShow, mayShowUnder } from "@ccpb/core/config";
import type { SourceRange, YamlSource } from "./yaml-source.ts";

/** A line of a source as it may be shown, and the stretch of it that is meant, in display cells from 0. */
export interface Excerpt {
  readonly text: string;
  readonly caret: number;
  readonly width: number;
}

const mask = "•••";
const widest = 110;
const longest = 1000;

/**
 * The line in which `range` begins. Only what is known to be no secret is shown: keys of the format and values of keys that hold none, `${NAME}`
 * and punctuation; everything else, comments included, becomes `•••` or is left out.
 */
export function excerptOf(source: YamlSource, range: SourceRange): Excerpt {
  const { text } = source;
  const start = text.lastIndexOf("\n", range.start - 1) + 1;
  const newline = text.indexOf("\n", range.start);
  const end = newline === -1 ? text.length : newline;
  const line = text.slice(start, end).replace(/\r$/, "");
  const shown = source.isReadable ? shownByTree(source, start, line) : shownByText(text.slice(0, start), line);
  return render(line, shown, { start: range.start - start, end: Math.min(range.end - start, line.length) });
}

// What may be shown of a line: one entry a character. "cut" ends the line (a comment).
type Shown = ("text" | "hidden" | "cut")[];

function shownByTree(source: YamlSource, start: number, line: string): Shown {
  const end = start + line.length;
  const shown: Shown = Array.from(line, (_, index) => (isPunctuation(line[index]!) ? "text" : "hidden"));
  const inside = Array.from(line, () => false);
  const secret = source.aliased(isSecretPath);
  for (const { path, isKey, range, value } of source.scalars()) {
    if (range.end <= start || range.start >= end) continue;
    const isAliased = secret.some((other) => range.start >= other.start && range.end <= other.end);
    const text = String(value);
    const isShown = isKey
      ? mayShowKey(path, text)
      : !isAliased && (text === "" || isPlainConstant(value, path) || mayShow(path, text));
    const from = Math.max(range.start, start) - start;
    const to = Math.min(range.end, end) - start;
    inside.fill(true, from, to);
    shown.fill(isShown ? "text" : "hidden", from, to);
    if (!isShown && !isKey) showReferences(line, shown, from, to);
  }
  cutComment(line, shown, inside);
  return shown;
}

function mayShowKey(path: readonly (string | number)[], key: string): boolean {
  const above = path.slice(0, -1);
  return !looksLikeSecret(key) && (!isSecretPath(above) || above.at(-1) === "headers");
}

// Numbers and flags are nobody's key, and seeing them helps.
function isPlainConstant(value: unknown, path: readonly (string | number)[]): boolean {
  return (typeof value === "number" || typeof value === "boolean") && !isSecretPath(path);
}

function isPunctuation(character: string): boolean {
  return /[\s\-:,[\]{}?|>"']/.test(character);
}

// The names of variables are no secrets, their defaults may be.
function showReferences(line: string, shown: Shown, from: number, to: number): void {
  for (const match of line.slice(from, to).matchAll(/\$\{[A-Za-z_][A-Za-z0-9_]*(?:\}|:-)/g)) {
    shown.fill("text", from + match.index, from + match.index + match[0].length);
  }
}

function cutComment(line: string, shown: Shown, inside: readonly boolean[]): void {
  for (let index = 0; index < line.length; index++) {
    if (line[index] !== "#" || inside[index] === true || (index > 0 && !/\s/.test(line[index - 1]!))) continue;
    shown.fill("cut", index);
    return;
  }
}

// Where YAML cannot read the file there is no tree: the words of the line and the keys above it must do.
function shownByText(before: string, line: string): Shown {
  const shown: Shown = Array.from(line, () => "hidden");
  // Nobody reads a line of that length, and the expressions below are not made for it.
  if (line.length > longest) return shown;
  const above = keysAbove(before, line);
  shown.fill("text", 0, /^\s*(?:-\s+)*/.exec(line)![0].length);
  if (above.some(isSecretKey)) {
    showReferences(line, shown, 0, line.length);
    return shown;
  }
  for (const { 0: gap, index } of line.matchAll(/\s+/g)) shown.fill("text", index, index + gap.length);
  for (const { 0: token, index } of line.matchAll(/\S+/g)) {
    // Brackets and quotes around a word, never what could be inside it.
    const [lead] = /^[-{[\]},:?|>"']*/.exec(token)!;
    const [trail] = /[{[\]},:|>"']*$/.exec(token)!;
    shown.fill("text", index, index + lead.length);
    shown.fill("text", index + token.length - trail.length, index + token.length);
  }
  showWords(line, shown, above);
  cutComment(line, shown, []);
  return shown;
}

function showWords(line: string, shown: Shown, above: readonly string[]): void {
  if (patternSections.has(above.at(-1) ?? "")) return showHarmless(line, shown, 0);
  for (const match of line.matchAll(/(?<![\w.-])(["']?)([A-Za-z_][\w-]*)\1(?:(\s*:)(?:\s+|$)|\s)/g)) {
    const { 0: whole, 1: quote = "", 2: key = "", 3: colon, index } = match;
    const valueStart = index + whole.length;
    if (isSecretKey(key)) {
      // Not even where its words begin and end.
      shown.fill("hidden", valueStart);
      showReferences(line, shown, valueStart, line.length);
    }
    if (!isFormatKey(key)) continue;
    shown.fill("text", index + quote.length, index + quote.length + key.length);
    if (isSecretKey(key)) return;
    if (patternSections.has(key)) return showHarmless(line, shown, valueStart);
    const word = /^[^,[\]{}]*/
      .exec(line.slice(valueStart))![0]
      .replace(/\s+#.*$/, "")
      .trimEnd();
    const isShown = colon !== undefined && mayShowUnder([...above, key], word.replaceAll(/["']/g, ""));
    if (isShown) shown.fill("text", valueStart, valueStart + word.length);
  }
}

// Below these keys stand model names, and patterns of them as keys.
const patternSections: ReadonlySet<string> = new Set(["models", "model_routes"]);

function showHarmless(line: string, shown: Shown, from: number): void {
  for (const { 0: word, index } of line.slice(from).matchAll(/[^\s{}[\],"']+/g)) {
    if (!looksLikeSecret(word)) shown.fill("text", from + index, from + index + word.length);
  }
}

// The keys of less indented lines above, outermost first.
function keysAbove(before: string, line: string): readonly string[] {
  const keys: string[] = [];
  let indent = line.length - line.trimStart().length;
  // A list may stand as far left as its key.
  if (/^\s*-\s/.test(line)) indent++;
  for (const earlier of before.split("\n").reverse()) {
    const match = /^(\s*(?:-\s+)*)["']?([^\s"':#][^"':]*)["']?\s*:(?:\s|$)/.exec(earlier);
    if (match === null || match[1]!.length >= indent) continue;
    keys.unshift(match[2]!);
    indent = match[1]!.length;
  }
  return keys;
}

function render(line: string, shown: Shown, range: SourceRange): Excerpt {
  let text = "";
  let cells = 0;
  let caret = -1;
  let caretEnd = -1;
  const add = (piece: string): void => {
    text += piece;
    cells += widthOf(piece);
  };
  for (let index = 0; index <= line.length; index++) {
    const kind = shown[index];
    if (index === range.start) caret = cells;
    if (index < line.length && kind === "text") add(visible(line[index]!));
    else if (kind === "hidden" && shown[index - 1] !== "hidden") add(mask);
    if (index === range.start && kind === "hidden" && shown[index - 1] === "hidden") caret = cells - mask.length;
    if (index < range.end) caretEnd = cells;
  }
  const start = Math.max(caret, 0);
  return clip(text.trimEnd(), start, Math.max(1, caretEnd - start));
}

// A long line is shown around its caret.
function clip(text: string, caret: number, width: number): Excerpt {
  if (text.length <= widest) return { text, caret, width: Math.min(width, Math.max(1, text.length - caret)) };
  const from = Math.max(0, Math.min(caret - 40, text.length - widest));
  const piece = text.slice(from, from + widest);
  const lead = from > 0 ? "…" : "";
  return {
    text: `${lead}${piece}${from + widest < text.length ? "…" : ""}`,
    caret: caret - from + lead.length,
    width: Math.max(1, Math.min(width, widest - (caret - from))),
  };
}

function visible(character: string): string {
  if (character === "\t") return "  ";
  // What a terminal could act on, or what could reorder the line.
  return /[\p{Cc}\p{Cf}\u2028\u2029]/u.test(character) ? "?" : character;
}

function widthOf(text: string): number {
  let width = 0;
  for (const character of text) {
    width += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(
      character,
    )
      ? 2
      : 1;
  }
  return width;
}
