import { relative, sep } from "node:path";
import { CcpbError } from "@ccpb/core";
import { createColors } from "picocolors";
import type { Excerpt } from "./excerpt.ts";
import { visible } from "../base/visible-text.ts";

/** A problem with its place. Lines and columns count from 1; they are undefined where the problem is in no file or no certain place of it. */
export interface LocatedProblem {
  /** Absolute path; null where no file is concerned. */
  readonly file: string | null;
  readonly line?: number;
  readonly column?: number;
  /** What is wrong and what to do, in one line. */
  readonly message: string;
  readonly severity: "error" | "warning";
  /** The line of the file with its secrets masked, and where the caret goes. */
  readonly excerpt?: Excerpt;
}

export interface RenderProblemsOptions {
  /** Default: no colours. */
  readonly color?: boolean;
  /** Paths below it are shown relative to it. */
  readonly cwd?: string;
}

/** A configuration that cannot be used, with everything that is wrong with it. Code `configuration`, status 422. */
export class ConfigError extends CcpbError {
  /** Errors, and the warnings beside them, in the order of the file. */
  readonly problems: readonly LocatedProblem[];

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
 * Problems as text for people: `file:line:column: error: message`, then the line with a caret under it; at the end how many there are. Ends with a
 * newline; empty for no problems.
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
