import { isScalar, visit, type Document, type YAMLError } from "yaml";

/** Something that YAML itself finds wrong. */
export interface SourceFault {
  readonly offset: number;
  /** Sentence that says what is wrong and what to do; never holds text of the file. */
  readonly message: string;
  /** True if the rest of the file still has its meaning. */
  readonly isLocal: boolean;
}

// Mistakes that the parser reports in many ways, but that the line itself shows.
function usualMistake({ line }: Place): { message: string; column: number } | undefined {
  if (/^(?:<{7} |={7}$|>{7} )/.test(line)) return { message: mergeMessage, column: 0 };
  if (/^\s*(?:`{3}|~{3})/.test(line)) return { message: fenceMessage, column: line.search(/\S/) };
  const braces = line.search(/(?<!\$)\{\{/);
  if (braces !== -1) return { message: bracesMessage, column: braces };
  if (/^ *\t/.test(line)) return { message: tabMessage, column: line.indexOf("\t") };
  if (/^\s*(?:- +)*\*|[{[,]\s*\*/.test(line)) {
    return {
      message: 'a text that begins with * is an alias in YAML; put it in quotes, such as "*opus*"',
      column: line.indexOf("*"),
    };
  }
  const reference = line.indexOf("${");
  const before = line.slice(0, Math.max(reference, 0));
  if (!/[{[]/.test(before) || /["']$/.test(before)) return undefined;
  return { message: "${…} between { } or [ ] must be in quotes, because it holds braces itself", column: reference };
}

const mergeMessage =
  "this is the mark of a merge conflict that is not resolved; keep one of the two versions, and remove the marks";
const fenceMessage = "this is a fence of Markdown, from around the configuration that was copied; remove the line";
const bracesMessage = "{{…}} is how other programs write a variable; write ${NAME}";
const bareListMessage =
  "the list above stands without its key; write providers: above it, and indent each of its lines by two spaces";
const tabMessage = "a tab stands where the line is indented; write spaces, two a level";

interface Place {
  /** The line of the error, without its end. */
  readonly line: string;
  readonly lineStart: number;
  /** The offset within the line, from 0. */
  readonly column: number;
  /** The next line that is not empty. */
  readonly next: string;
  readonly nextStart: number;
}

/** Returns an error of the YAML parser in our own words: the parser's may quote the file, and the file holds secrets. */
export function explainYamlError(error: YAMLError, document: Document.Parsed, text: string): SourceFault {
  const offset = Math.min(error.pos[0], text.length);
  const place = placeOf(text, offset);
  const at = (message: string, from = offset): SourceFault => ({ offset: from, message, isLocal: false });
  const usual = usualMistake(place);
  if (usual !== undefined && error.code !== "DUPLICATE_KEY") return at(usual.message, place.lineStart + usual.column);
  if (/^[A-Za-z_]/.test(place.line) && startsWithList(text)) return at(bareListMessage, place.lineStart);
  switch (error.code) {
    case "DUPLICATE_KEY":
      return { ...at("this key stands twice in its section; remove one of them"), isLocal: true };
    case "TAG_RESOLVE_FAILED":
      return {
        ...at("tags (words that begin with !) mean nothing here; remove it, or put the text in quotes"),
        isLocal: true,
      };
    case "TAB_AS_INDENT":
      return at(tabMessage);
    case "BLOCK_AS_IMPLICIT_KEY":
    case "MULTILINE_IMPLICIT_KEY":
      return implicitKey(place, at);
    case "BAD_INDENT":
      return error.message.startsWith("Flow")
        ? at("a { or [ that was opened before is not closed here; close it with } or ]")
        : at(alignMessage, place.lineStart + indentOf(place.line));
    case "MISSING_CHAR":
      return missingCharacter(error, { place, document, at });
    case "MULTIPLE_DOCS":
      return at("a second document begins here; write everything into one, without --- in between");
    case "NON_STRING_KEY":
      return at("a key must be a plain word or a text in quotes");
    case "BAD_SCALAR_START":
      return at("a value cannot begin with this character; put it in quotes");
    case "BAD_DQ_ESCAPE":
      return at(
        "a backslash between double quotes begins an escape, and this is none; write \\\\, or use single quotes",
      );
    case "BAD_ALIAS":
    case "ALIAS_PROPS":
    case "MULTIPLE_ANCHORS":
    case "BAD_PROP_ORDER":
    case "MULTIPLE_TAGS":
      return at("an anchor (&), alias (*) or tag (!) is not well formed; correct it, or put the text in quotes");
    case "RESOURCE_EXHAUSTION":
      return at("sections lie inside sections too deep to be read; a configuration is not that deep");
    case "KEY_OVER_1024_CHARS":
      return at("a key is longer than 1,024 characters; is a colon or a quote missing?");
    case "BLOCK_IN_FLOW":
    case "BAD_COLLECTION_TYPE":
    case "BAD_DIRECTIVE":
    case "IMPOSSIBLE":
    case "UNEXPECTED_TOKEN":
      return at(unexpectedMessage(place));
  }
}

/**
 * Leaves out the faults that follow from an earlier one: where a line is indented wrongly, the parser takes the lines behind it for parts of a text and
 * finds a fault in each. Further lines with a tab, and faults that leave the rest of the file its meaning, stay.
 */
export function withoutConsequences(faults: readonly SourceFault[]): readonly SourceFault[] {
  const first = faults.findIndex(({ message }) => message === tabMessage || message === alignMessage);
  if (first === -1) return faults;
  return faults.filter(
    ({ message, isLocal }, index) => index <= first || isLocal || message === tabMessage || message === mergeMessage,
  );
}

const alignMessage = "this line is indented differently from the lines that it belongs to; align it with them";

/** Decides whether the first line of a file that is neither empty nor a comment is an entry of a list. */
function startsWithList(text: string): boolean {
  return (
    text
      .split("\n")
      .find((line) => line.trim() !== "" && !line.startsWith("#"))
      ?.startsWith("- ") === true
  );
}

function implicitKey(place: Place, at: (message: string, from?: number) => SourceFault): SourceFault {
  const rest = place.line.slice(place.column);
  if (/^\S*[^:\s]:[ \t]/.test(rest) && indentOf(place.next) > indentOf(place.line) + 1) {
    return at(alignMessage, place.nextStart + indentOf(place.next));
  }
  if (/:(?:\s|$)/.test(rest)) return at('a text with ": " in it must be in quotes');
  const isContinued = indentOf(place.next) > indentOf(place.line) && /:(?:\s|$)/.test(place.line);
  if (isContinued) return at(alignMessage, place.nextStart + indentOf(place.next));
  return /\w:\S/.test(rest)
    ? at("a space is missing after the colon; write key: value")
    : at("a colon is missing after the key; write key: value");
}

function missingCharacter(
  error: YAMLError,
  context: { place: Place; document: Document.Parsed; at: (message: string, from?: number) => SourceFault },
): SourceFault {
  const { place, document, at } = context;
  const { message } = error;
  if (message.startsWith("Missing closing")) {
    return at("a quote that opens here is never closed; close it, or remove it", openQuote(document, error.pos[0]));
  }
  if (message.startsWith("Sequence item")) return at(alignMessage, place.lineStart + indentOf(place.line));
  if (message.startsWith("Implicit map keys"))
    return at("a colon and a value are missing after the key; write key: value");
  if (message.startsWith("Comments")) return at("a space is missing before #, which begins a comment");
  if (/^Missing (?:, or :|,|space)/.test(message)) {
    return at("a comma, or a space after a colon, is missing between { } or [ ]");
  }
  return at(unexpectedMessage(place));
}

function unexpectedMessage({ line, column }: Place): string {
  if (/["']\s*$/.test(line.slice(0, column)))
    return "text follows after a closing quote; put all of it between the quotes";
  return "YAML cannot read this; look for a quote, bracket or colon that is missing or too many here or in the line above";
}

function openQuote(document: Document.Parsed, end: number): number {
  let offset = end;
  visit(document, {
    Scalar: (_, node) => {
      const isQuoted = isScalar(node) && (node.type === "QUOTE_DOUBLE" || node.type === "QUOTE_SINGLE");
      if (isQuoted && node.range && node.range[1] >= end) offset = Math.min(offset, node.range[0]);
    },
  });
  return offset;
}

function placeOf(text: string, offset: number): Place {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  const lineEnd = endOfLine(text, offset);
  let nextStart = lineEnd + 1;
  while (nextStart < text.length && text.slice(nextStart, endOfLine(text, nextStart)).trim() === "") {
    nextStart = endOfLine(text, nextStart) + 1;
  }
  return {
    line: text.slice(lineStart, lineEnd),
    lineStart,
    column: offset - lineStart,
    next: text.slice(nextStart, endOfLine(text, nextStart)),
    nextStart: Math.min(nextStart, text.length),
  };
}

function endOfLine(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  return end === -1 ? text.length : end;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
