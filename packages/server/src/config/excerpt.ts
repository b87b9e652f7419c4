import {
  isFormatKey,
  isSecretKey,
  isSecretPath,
  looksLikeSecret,
  mayShow,
  mayShowKey,
  mayShowUnder,
} from "@ccpb/core/internal";
import stringWidth from "string-width";
import type { SourceRange, YamlSource } from "./yaml-source.ts";
import { isMisleading } from "../base/visible-text.ts";

/** A line of a source as it may be shown, and the stretch of it that is meant, in display cells from 0. */
export interface Excerpt {
  readonly text: string;
  readonly caret: number;
  readonly width: number;
}

const mask = "•••";
const brackets: ReadonlySet<string> = new Set("{[]},:|>\"'");
const widest = 110;
const longest = 1000;

/**
 * Returns the line in which `range` begins. Only what is known to be no secret is shown: keys of the format and values of keys that hold none, `${NAME}`
 * and punctuation; everything else, comments included, becomes `•••` or is left out.
 */
export function excerptOf(source: YamlSource, range: SourceRange): Excerpt {
  const { text } = source;
  const start = text.lastIndexOf("\n", range.start - 1) + 1;
  const newline = text.indexOf("\n", range.start);
  const end = newline === -1 ? text.length : newline;
  // The line keeps its length, because places in it are counted in UTF-16 units.
  const line = Array.from(text.slice(start, end).replace(/\r$/, ""), (character) =>
    character !== "\t" && isMisleading(character) ? "?".repeat(character.length) : character,
  ).join("");
  const shown = source.isReadable ? shownByTree(source, start, line) : shownByText(text.slice(0, start), line);
  return render(line, shown, { start: range.start - start, end: Math.min(range.end - start, line.length) });
}

// Visibility of a line: one entry for each character. "cut" ends the line (a comment).
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
      ? mayShowKey(path)
      : !isAliased && (text === "" || isPlainConstant(value, path) || mayShow(path, text));
    const from = Math.max(range.start, start) - start;
    const to = Math.min(range.end, end) - start;
    inside.fill(true, from, to);
    shown.fill(isShown ? "text" : "hidden", from, to);
    if (!isShown && isKey) showSwallowed(line, shown, from);
    if (!isShown && !isKey) showReferences(line, shown, from, to);
  }
  cutComment(line, shown, inside);
  return shown;
}

// Numbers and flags are never keys, and they help to find the mistake.
function isPlainConstant(value: unknown, path: readonly (string | number)[]): boolean {
  return (typeof value === "number" || typeof value === "boolean") && !isSecretPath(path);
}

function isPunctuation(character: string): boolean {
  return /[\s\-:,[\]{}?|>"']/.test(character);
}

// `auth_value:x` is one word to YAML: the key that was meant helps, the rest is its value.
function showSwallowed(line: string, shown: Shown, from: number): void {
  const word = /^\w+/.exec(line.slice(from))?.[0] ?? "";
  if (isFormatKey(word)) shown.fill("text", from, from + word.length);
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

// A file that YAML cannot read has no tree, so that the words of the line and the keys above it decide.
function shownByText(before: string, line: string): Shown {
  const shown: Shown = Array.from(line, () => "hidden");
  // A line of that length is not readable, and the expressions below would take too long.
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
    let end = token.length;
    while (end > 0 && brackets.has(token[end - 1]!)) end -= 1;
    shown.fill("text", index, index + lead.length);
    shown.fill("text", index + end, index + token.length);
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
    const word = /^[^,[\]{}]*/.exec(line.slice(valueStart))![0].split(/\s#/, 1)[0]!.trimEnd();
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
    const found = keyOf(earlier);
    if (found === undefined || found.indent >= indent) continue;
    keys.push(found.key);
    indent = found.indent;
  }
  return keys.reverse();
}

/** The key that a line begins with, and how far in it stands; dashes of list entries count as blanks. */
function keyOf(line: string): { readonly key: string; readonly indent: number } | undefined {
  let indent = 0;
  while (/\s/.test(line[indent] ?? "") || (line[indent] === "-" && /\s/.test(line[indent + 1] ?? ""))) indent += 1;
  const start = line[indent] === '"' || line[indent] === "'" ? indent + 1 : indent;
  let end = start;
  while (end < line.length && !/["':]/.test(line[end]!)) end += 1;
  const key = line.slice(start, end);
  const isQuoteClosed = line[end] === '"' || line[end] === "'";
  const behind = line.slice(isQuoteClosed ? end + 1 : end).trimStart();
  if (key === "" || /^[\s#]/.test(key) || !/^:(?:\s|$)/.test(behind)) return undefined;
  return { key: isQuoteClosed ? key : key.trimEnd(), indent };
}

function render(line: string, shown: Shown, range: SourceRange): Excerpt {
  let text = "";
  let caret = 0;
  let caretEnd = 0;
  for (let index = 0; index <= line.length; index++) {
    const isMasked = shown[index] === "hidden";
    const isNewMask = isMasked && shown[index - 1] !== "hidden";
    if (index === range.start) caret = text.length - (isMasked && !isNewMask ? mask.length : 0);
    if (isNewMask) text += mask;
    else if (index < line.length && shown[index] === "text") text += line[index] === "\t" ? "  " : line[index]!;
    if (index < range.end) caretEnd = text.length;
  }
  return clip(text.trimEnd(), caret, Math.max(caret + 1, caretEnd));
}

// A long line is shown around its caret. Offsets become display cells: wide characters take two.
function clip(text: string, caret: number, caretEnd: number): Excerpt {
  const isLong = text.length > widest;
  const from = isLong ? Math.max(0, Math.min(caret - 40, text.length - widest)) : 0;
  const to = isLong ? from + widest : text.length;
  const lead = from > 0 ? "…" : "";
  const width = stringWidth(text.slice(caret, Math.min(caretEnd, to)));
  return {
    text: `${lead}${text.slice(from, to)}${to < text.length ? "…" : ""}`,
    caret: stringWidth(lead + text.slice(from, caret)),
    width: Math.max(1, width),
  };
}
