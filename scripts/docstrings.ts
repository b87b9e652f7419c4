import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One `/** … *\/` comment of a source. */
export interface Docstring {
  /** Line of its first character, from 1. */
  readonly line: number;
  /** Text without its frame of asterisks, in one line. */
  readonly text: string;
}

/** Finds openings without a verb or a thing, which leave the reader to find the subject; also behind a tag. */
const headless =
  /(?:^|@(?:param \S+ -|returns|throws|defaultValue) )(?:What|Who|Whom|Whose|How|By how|Whether|Tells whether|As in|Where|When|Why|Since when|With what|Such as|That|Not known)\b/i;

/** Finds words that hide the actor. */
const riddle = /\b(?:nobody|whoever|anybody|somebody|(?:lets?|letting) go of)\b/i;

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

/** Decides whether a docstring, or the text of one of its tags, begins without a verb or a thing. */
export function isHeadless(text: string): boolean {
  return headless.test(text);
}

/** Decides whether a docstring hides the actor behind a word such as `nobody`. */
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
 * Finds the docstrings of all packages that `isHeadless` or `isRiddle` is true for.
 *
 * @param root - folder of the repository.
 * @returns `file:line text` for each.
 */
export function unclearDocstrings(root: string): readonly string[] {
  return packageSources(root).flatMap((file) =>
    docstringsOf(readFileSync(join(root, file), "utf8"))
      .filter(({ text }) => isHeadless(text) || isRiddle(text))
      .map(({ line, text }) => `${file}:${line} ${text}`),
  );
}
