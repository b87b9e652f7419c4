import { redactSecrets } from "@ccpb/core/translate";
import { visibleJson } from "../base/visible-text.ts";

const mask = "[redacted]";
// Shorter ones are no secrets, and would black out ordinary words.
const minimumLength = 6;

/**
 * Makes the function that takes secrets out of a text: the given ones, also as JSON writes them, and everything that core's `redactSecrets` knows as a
 * credential by its form.
 */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const known = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < minimumLength) continue;
    known.add(secret);
    known.add(JSON.stringify(secret).slice(1, -1));
    known.add(visibleJson(JSON.stringify(secret)).slice(1, -1));
  }
  if (known.size === 0) return redactSecrets;
  // The longest first: one secret may be the beginning of another.
  const longestFirst = [...known].sort((a, b) => b.length - a.length).map(escapeForPattern);
  const pattern = new RegExp(longestFirst.join("|"), "g");
  return (text) => redactSecrets(text.replace(pattern, mask));
}

/**
 * Applies a redactor to lines of JSON, each with its newline. A line in which something is found, or may be hidden by an escape, is read, redacted text by
 * text, and written again: a credential's form may end amid an escape, and cutting there would leave a line that is no JSON.
 */
export function redactLines(lines: string, redact: (text: string) => string): string {
  if (!lines.includes("\\") && redact(lines) === lines) return lines;
  return lines
    .split("\n")
    .map((line) => (line === "" ? line : redactLine(line, redact)))
    .join("\n");
}

function redactLine(line: string, redact: (text: string) => string): string {
  try {
    const clean: unknown = JSON.parse(line, (_name, value: unknown) =>
      typeof value === "string" ? redact(value) : value,
    );
    return visibleJson(JSON.stringify(clean));
  } catch {
    // Lines of the log are JSON; whatever else comes here must hold no secret either.
    return redact(line);
  }
}

function escapeForPattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
