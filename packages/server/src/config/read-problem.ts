import type { Excerpt } from "./excerpt.ts";
import type { LocatedProblem } from "./problems.ts";

/**
 * Reads a problem from JSON: from a line of the log, or from the answer of `POST /providers/reload` of this version or a neighbouring one. Returns
 * undefined for what is no object.
 */
export function readProblem(entry: unknown, severity: LocatedProblem["severity"]): LocatedProblem | undefined {
  if (typeof entry !== "object" || entry === null) return undefined;
  const { file, line, column, message, excerpt }: Readonly<Record<string, unknown>> = { ...entry };
  const shown = readExcerpt(excerpt);
  return {
    file: typeof file === "string" ? file : null,
    ...(typeof line === "number" && { line }),
    ...(typeof column === "number" && { column }),
    message: String(message),
    severity,
    ...(shown !== undefined && { excerpt: shown }),
  };
}

function readExcerpt(value: unknown): Excerpt | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { text: line, caret, width }: Readonly<Record<string, unknown>> = { ...value };
  if (typeof line !== "string" || typeof caret !== "number" || typeof width !== "number") return undefined;
  return { text: line, caret, width };
}
