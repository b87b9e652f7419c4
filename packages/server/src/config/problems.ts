import { CcpbError } from "@ccpb/core";

/** A problem with its place. Lines and columns count from 1; `line` is undefined where the problem is in no file or no certain place of it. */
export interface LocatedProblem {
  /** Absolute path; null where no file is concerned. */
  readonly file: string | null;
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
  readonly severity: "error" | "warning";
  /** The line of the file with its secrets masked, and where the caret goes (0-based, in display cells). */
  readonly excerpt?: { readonly text: string; readonly caret: number; readonly width: number };
  /** An environment variable or option that the value came from. */
  readonly source?: string;
}

/** A configuration that cannot be used: everything that is wrong with it, at once. Code `configuration`, status 422. */
export declare class ConfigError extends CcpbError {
  readonly problems: readonly LocatedProblem[];
  constructor(problems: readonly LocatedProblem[]);
}

/** All problems as text for people: file:line:column, what is wrong and what to do, the line, a caret. Ends with a newline. */
export declare function renderProblems(
  problems: readonly LocatedProblem[],
  options?: { readonly color?: boolean; readonly cwd?: string },
): string;
