import { relative, sep } from "node:path";
import { CcpbError } from "@ccpb/core";
import { createColors } from "picocolors";
import type { Excerpt } from "./excerpt.ts";
import { visible } from "../base/visible-text.ts";

/** Problem with its place. Lines and columns count from 1; they are absent if the place is unknown or in no file. */
export interface LocatedProblem {
  /** Absolute path; `null` if no file is concerned. */
  readonly file: string | null;
  /** Line, from 1. */
  readonly line?: number;
  /** Column, from 1. */
  readonly column?: number;
  /** Sentence that says what is wrong and what to do, in one line. */
  readonly message: string;
  /** `error`: the configuration cannot be used. `warning`: it can. */
  readonly severity: "error" | "warning";
  /** Line of the file with its secrets masked, and the place of the caret. */
  readonly excerpt?: Excerpt;
}

export interface RenderProblemsOptions {
  /** Default: no colours. */
  readonly color?: boolean;
  /** Paths below it are shown relative to it. */
  readonly cwd?: string;
}

/**
 * Reports a configuration that cannot be used, with all its problems. Code `configuration`, status 422.
 *
 * @example
 * ```ts
 * const problem: LocatedProblem = { file: null, severity: "error", message: "providers is missing; add it" };
 * console.log(new ConfigError([problem]).problems.length); // 1
 * ```
 */
export class ConfigError extends CcpbError {
  /** Errors, and the warnings besides, in the order of the file. */
  readonly problems: readonly LocatedProblem[];

  /**
   * @param problems - all problems; at least one is an error.
   */
  constructor(problems: readonly LocatedProblem[]) {
    super("configuration", summaryOf(problems), { status: 422, type: "invalid_request_error" });
    this.name = "ConfigError";
    this.problems = problems;
  }
}

function summaryOf(problems: readonly LocatedProblem[]): string {
  const errors = problems.filter((problem) => problem.severity === "error");
  const [first] = errors;
  if (first === undefined) return "the configuration cannot be used";
  const place = placeOf(first, undefined);
  const others = errors.length === 1 ? "" : `, and ${errors.length - 1} more`;
  return `${first.message}${place === undefined ? "" : ` (${place})`}${others}`;
}

/**
 * Writes problems as text for people: `file:line:column: error: message`, the line with a caret under it, and the
 * number of problems at the end.
 *
 * @param problems - problems of a configuration.
 * @param options - colours, and the folder that paths are relative to.
 * @returns the text, which ends with a newline; empty without problems.
 * @example
 * ```ts
 * process.stderr.write(renderProblems([{ file: null, severity: "error", message: "providers is missing; add it" }]));
 * ```
 */
export function renderProblems(problems: readonly LocatedProblem[], options: RenderProblemsOptions = {}): string {
  if (problems.length === 0) return "";
  const colors = createColors(options.color ?? false);
  const blocks = problems.map((problem) => {
    const place = placeOf(problem, options.cwd);
    const paint = problem.severity === "error" ? colors.red : colors.yellow;
    const head = `${place === undefined ? "" : `${colors.bold(`${visible(place)}:`)} `}${paint(`${problem.severity}:`)} ${visible(problem.message)}`;
    return [head, ...excerptLines(problem, paint, colors.dim)].join("\n");
  });
  return `${blocks.join("\n\n")}\n\n${countOf(problems)}\n`;
}

function placeOf({ file, line, column }: LocatedProblem, cwd: string | undefined): string | undefined {
  if (file === null) return undefined;
  const path = cwd === undefined ? file : relative(cwd, file);
  const shown = path === "" || path.startsWith(`..${sep}`) || path === ".." ? file : path;
  return line === undefined ? shown : `${shown}:${line}:${column ?? 1}`;
}

function excerptLines(
  { excerpt, line }: LocatedProblem,
  paint: (text: string) => string,
  dim: (text: string) => string,
): readonly string[] {
  if (excerpt === undefined || line === undefined) return [];
  const number = String(line).padStart(5);
  return [
    `${dim(`${number} |`)} ${excerpt.text}`,
    `${dim(`${" ".repeat(number.length)} |`)} ${" ".repeat(excerpt.caret)}${paint("^".repeat(excerpt.width))}`,
  ];
}

function countOf(problems: readonly LocatedProblem[]): string {
  const count = (severity: LocatedProblem["severity"]): string | undefined => {
    const number = problems.filter((problem) => problem.severity === severity).length;
    return number === 0 ? undefined : `${number} ${severity}${number === 1 ? "" : "s"}`;
  };
  return [count("error"), count("warning")].filter((text) => text !== undefined).join(", ");
}
