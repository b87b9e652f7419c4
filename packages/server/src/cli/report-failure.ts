import { ConfigError, renderProblems } from "../config/problems.ts";
import { exitCodes } from "../base/exit-codes.ts";
import { complain, hasColor } from "./output.ts";

/** Explains on stderr what a verb could not do: every problem of a configuration with its place, else one line. Answers the exit code. */
export function reportFailure(error: unknown): number {
  if (error instanceof ConfigError) {
    process.stderr.write(renderProblems(error.problems, { color: hasColor(process.stderr), cwd: process.cwd() }));
    return exitCodes.usage;
  }
  const isConfiguration = error instanceof Error && "code" in error && error.code === "configuration";
  return complain(
    error instanceof Error ? error.message : String(error),
    isConfiguration ? exitCodes.usage : exitCodes.failed,
  );
}
