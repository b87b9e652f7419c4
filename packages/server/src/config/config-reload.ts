import type { BalancerConfig, ReloadSummary } from "@ccpb/core";
import type { Excerpt } from "./excerpt.ts";
import { ConfigError, type LocatedProblem } from "./problems.ts";
import type { ServerSettings } from "./server-settings.ts";

/** Problem as `/providers/reload` shows it. */
export interface ProblemView {
  /** Absolute path; `null` if no file is concerned. */
  readonly file: string | null;
  /** Line, from 1; `null` if unknown. */
  readonly line: number | null;
  /** Column, from 1; `null` if unknown. */
  readonly column: number | null;
  /** Sentence that says what is wrong and what to do, in one line. */
  readonly message: string;
  /** Line of the file with its secrets masked, and the place of the caret; absent if the place is uncertain. */
  readonly excerpt?: Excerpt;
}

/** Result of a reload. */
export type ReloadResult =
  | (ReloadSummary & {
      readonly type: "applied";
      readonly message: string;
      /** Settings that changed in the file but need a restart. */
      readonly restartNeeded: readonly string[];
      readonly warnings: readonly ProblemView[];
    })
  | { readonly type: "rejected"; readonly message: string; readonly problems: readonly ProblemView[] };

/** Returns a problem as plain data for clients and logs. */
export function problemView({ file, line, column, message, excerpt }: LocatedProblem): ProblemView {
  return { file, line: line ?? null, column: column ?? null, message, ...(excerpt !== undefined && { excerpt }) };
}

/**
 * Makes the result of a configuration that was refused: all its problems, or the one error that reading it ended
 * with.
 */
export function rejection(error: unknown): ReloadResult {
  if (!(error instanceof ConfigError)) {
    const message = error instanceof Error ? error.message : "the configuration cannot be read";
    return { type: "rejected", message, problems: [{ file: null, line: null, column: null, message }] };
  }
  const errors = error.problems.filter(({ severity }) => severity === "error");
  const count = errors.length === 1 ? "1 problem" : `${errors.length} problems`;
  const message = `The configuration has ${count}; the one before stays in force.`;
  return { type: "rejected", message, problems: errors.map(problemView) };
}

/** Reads everything that the answer to a reload needs of its configuration; returns the function that makes the answer, which cannot fail. */
export function describeReload(
  next: { readonly config: BalancerConfig; readonly warnings?: readonly LocatedProblem[] },
  { reset, restartNeeded }: { readonly reset: boolean; readonly restartNeeded: readonly string[] },
): (summary: ReloadSummary) => ReloadResult {
  const count = next.config.providers.filter(({ enabled = true }) => enabled).length;
  const message = `Configuration reloaded: ${count} enabled ${count === 1 ? "provider" : "providers"}${reset ? ", circuits reset" : ""}.`;
  const warnings = (next.warnings ?? []).map(problemView);
  return (summary) => ({ type: "applied", message, ...summary, restartNeeded, warnings });
}

/** Lists settings that differ and are fixed when the server starts, by their names in the file. */
export function needsRestart(before: ServerSettings, after: ServerSettings): string[] {
  const fixed: readonly (readonly [string, unknown, unknown])[] = [
    ["host", before.host, after.host],
    ["port", before.port, after.port],
    ["log_file", before.logFile, after.logFile],
    ["log_keep", JSON.stringify(before.logKeep), JSON.stringify(after.logKeep)],
    ["usage_folder", before.usageFolder, after.usageFolder],
    ["tls", before.tls === undefined, after.tls === undefined],
    ["workers", before.workers, after.workers],
  ];
  return fixed.filter(([, old, now]) => old !== now).map(([name]) => name);
}
