import type { SourceFault } from "./yaml-faults.ts";

// Characters that look like the ones that YAML knows, by name, and what to write.
const lookalikes: Readonly<Record<string, string>> = {
  "\u00a0": "a no-break space",
  "\u3000": "a full-width space",
  "\u2002": "an en space",
  "\u2003": "an em space",
  "\u2009": "a thin space",
  "\u202f": "a narrow no-break space",
  "\u200b": "a zero-width space",
  "\u200c": "a zero-width non-joiner",
  "\u200d": "a zero-width joiner",
  "\u2060": "a word joiner",
  "\ufeff": "a byte order mark",
};
// The characters of the table.
const indentation = /^[ \t]*(?:- *)?([\u00a0\u2002\u2003\u2009\u200b-\u200d\u202f\u2060\u3000\ufeff])/u;
const afterColon =
  /^[ \t]*(?:- +)?[A-Za-z_][\w-]*: *([\u00a0\u2002\u2003\u2009\u200b-\u200d\u202f\u2060\u3000\ufeff])/u;
const fullWidthColon = /^[ \t]*(?:- +)?[A-Za-z_][\w-]*[ ]*(：)/;
// Dashes and bullets that begin an entry of a list, as word processors and input methods write them.
const oddDash = /^[ \t]*([\u2010-\u2015\u2022\u2212\uff0d])[ \u3000]?[A-Za-z_"']/u;
const curlyQuote = /^[ \t]*(?:- +)?(?:[A-Za-z_][\w-]*:[ ]+)?([“”‘’])/;

/**
 * Returns the characters that stand where YAML expects a colon, a space or a quote and only look like one: full-width and invisible ones, as input
 * methods and web pages leave them. At most one a line; comments are not read.
 */
export function oddCharacters(text: string): readonly SourceFault[] {
  const faults: SourceFault[] = [];
  let start = 0;
  for (const line of text.split("\n")) {
    const found = faultOf(line);
    if (found !== undefined && !(start === 0 && line.startsWith("\ufeff"))) {
      faults.push({ offset: start + found.column, message: found.message, isLocal: false });
    }
    start += line.length + 1;
  }
  return faults;
}

function faultOf(line: string): { readonly column: number; readonly message: string } | undefined {
  const space = indentation.exec(line) ?? afterColon.exec(line);
  if (space?.[1] !== undefined) {
    const name = lookalikes[space[1]] ?? "a character";
    const message = `${name} (${codePoint(space[1])}) stands where a plain space belongs; write a space, or remove it`;
    return { column: space[0].length - 1, message };
  }
  const dash = oddDash.exec(line);
  if (dash?.[1] !== undefined) {
    const message = `a character that only looks like a hyphen (${dash[1]}, ${codePoint(dash[1])}) begins the entry; write "- "`;
    return { column: line.indexOf(dash[1]), message };
  }
  const colon = fullWidthColon.exec(line);
  if (colon !== null) {
    return {
      column: colon[0].length - 1,
      message: 'a full-width colon ("：", U+FF1A) stands after the key; write ": "',
    };
  }
  const quote = curlyQuote.exec(line);
  if (quote?.[1] === undefined) return undefined;
  const message = `a typographic quote (${quote[1]}, ${codePoint(quote[1])}) is part of the text in YAML; write " or nothing`;
  return { column: quote[0].length - 1, message };
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
