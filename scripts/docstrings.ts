import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One docstring, or comment, of a source. */
export interface Docstring {
  /** Line of its first character, from 1. */
  readonly line: number;
  /** Text without its frame of asterisks, in one line. */
  readonly text: string;
}

/** Finds openings without a verb or a thing, which leave the reader to find the subject; also behind a tag. */
const headless =
  /(?:^|@(?:param \S+ -|returns|throws|defaultValue) )(?:What|Who|Whom|Whose|How|By how|Whether|Tells whether|As in|Where|When|Why|Since when|With what|Such as|That|Not known)\b/i;

/** Finds such openings of later sentences. */
const headlessSentence = /[.;] (?:What|Who|Whom|Whose)\b/;

/** Finds words that hide the actor. */
const riddle = /\b(?:nobody|whoever|anybody|somebody|(?:lets?|letting) go of)\b/i;

/** Finds comments within code that begin so. */
const headlessComment = /^(?:What|Who|Whom|Whose|How|Whether)\b/i;

/**
 * Reads the comments of one source that begin with `//` on a line of their own; lines that follow each other are one comment.
 *
 * @param source - text of a TypeScript file.
 */
export function commentsOf(source: string): readonly Docstring[] {
  return [...source.matchAll(/^[ \t]*\/\/.*(?:\n[ \t]*\/\/.*)*/gm)].map(({ 0: text, index }) => ({
    line: source.slice(0, index).split("\n").length,
    text: text
      .replaceAll(/^\s*\/\/ ?/gm, "")
      .replaceAll(/\s+/g, " ")
      .trim(),
  }));
}

/**
 * Reads the docstrings of one source.
 *
 * @param source - text of a TypeScript file.
 */
export function docstringsOf(source: string): readonly Docstring[] {
  return [...source.matchAll(/\/\*\*([\s\S]*?)\*\//g)].map(({ 1: text = "", index }) => ({
    line: source.slice(0, index).split("\n").length,
    text: text
      .replaceAll(/^\s*\* ?/gm, "")
      .replaceAll(/\s+/g, " ")
      .trim(),
  }));
}

/** Decides whether a docstring, the text of one of its tags or a sentence in it begins without a verb or a thing. */
export function isHeadless(text: string): boolean {
  return headless.test(text) || headlessSentence.test(text);
}

/** Decides whether a comment within code, or a sentence in it, begins without a verb or a thing. */
export function isHeadlessComment(text: string): boolean {
  return headlessComment.test(text) || headlessSentence.test(text);
}

/** Decides whether a text contains an indefinite word, such as `nobody`, in the place of the actor's name. */
export function isRiddle(text: string): boolean {
  return riddle.test(text);
}

/**
 * Lists the sources of all packages, without tests and declarations.
 *
 * @param root - folder of the repository.
 * @returns paths from the root on, sorted, with slashes.
 */
export function packageSources(root: string): readonly string[] {
  return readdirSync(join(root, "packages"))
    .flatMap((name) => {
      const folder = `packages/${name}/src`;
      return filesIn(join(root, folder)).map((file) => `${folder}/${file}`);
    })
    .filter(isSource)
    .sort();
}

/** Decides whether a path is one of a source of a package, and no test. */
export function isSource(path: string): boolean {
  return /^packages\/[\w-]+\/src\/.*\.ts$/.test(path) && !path.endsWith(".test.ts");
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => file.replaceAll("\\", "/"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/**
 * Finds the docstrings and comments of all packages that `isHeadless`, `isHeadlessComment` or `isRiddle` is true for.
 *
 * @param root - folder of the repository.
 * @returns `file:line text` for each.
 */
export function unclearTexts(root: string): readonly string[] {
  return packageSources(root).flatMap((file) => {
    const source = readFileSync(join(root, file), "utf8");
    const docstrings = docstringsOf(source).filter(({ text }) => isHeadless(text) || isRiddle(text));
    const comments = commentsOf(source).filter(({ text }) => isHeadlessComment(text) || isRiddle(text));
    return [...docstrings, ...comments].map(({ line, text }) => `${file}:${line} ${text}`);
  });
}
