import { expressionFault } from "./text-rules.ts";

/** Meaning of an entry of `unhealthy_response_body_patterns`. */
export type BodyPattern =
  /** The `match` of an error rule. */
  | { readonly type: "rule"; readonly match: string }
  /** Every error object counts as a failure anyway. */
  | { readonly type: "built-in" }
  /** It looks for JSON syntax, and rules read the error's text. */
  | { readonly type: "unmatchable" }
  | { readonly type: "invalid"; readonly reason: string };

/**
 * Reads one of the original's patterns: a Python regular expression over the raw body of an answer. Here bodies are parsed and rules read the
 * error's text, so that of `"message"\s*:\s*".*rate.?limit.*"` only `rate.?limit` is left.
 */
export function readBodyPattern(pattern: string): BodyPattern {
  if (/^(?:data|event):/.test(pattern)) return { type: "built-in" };
  const inner = /^"[\w.-]+"(?:\\s[*+]?)?:(?:\\s[*+]?)?"(?<value>.*?)"?$/s.exec(pattern)?.groups?.["value"] ?? pattern;
  const expression = withoutLastAnything(inner)
    .replace(/^\(\?i\)/, "")
    .replaceAll("(?P<", "(?<")
    .replace(/^(?:\\A)?(?:\.\*)+/, "");
  if (expression === "" || /^\^?error\$?$/i.test(expression)) return { type: "built-in" };
  const reason = expressionFault(expression);
  if (reason !== undefined) return { type: "invalid", reason };
  return /["{}]/.test(expression.replace(/\{\d{1,9}(?:,\d{0,9})?\}/g, ""))
    ? { type: "unmatchable" }
    : { type: "rule", match: `/${expression}/` };
}

/** Drops `.*` at the end, also in front of `\Z`: patterns are searched for, so that it changes nothing. */
function withoutLastAnything(pattern: string): string {
  const open = pattern.endsWith("\\Z") ? pattern.slice(0, -2) : pattern;
  let end = open.length;
  while (open.endsWith(".*", end) && open[end - 3] !== "\\") end -= 2;
  return end === open.length ? pattern : open.slice(0, end);
}
