import { callText } from "../log/call-text.ts";
import { linesFromEnd } from "../log/lines-from-end.ts";
import { readObject, textOfJson } from "../base/json-object.ts";

/** One line of the log, as far as the status page shows it. */
export interface LogLineView {
  readonly timestamp: string;
  readonly level: string;
  readonly event: string;
  /** Of a call that ended, the line of the terminal: `opus → anthropic ✗ 429 → kimi ✓ 1.2 s, 26k → 1.3k, $0.08`. */
  readonly message: string;
  readonly request_id: string | null;
  /** The number of the worker that wrote it; null where one process serves. */
  readonly worker: number | null;
}

/** The last lines of the log, the newest first. */
export interface LogTail {
  readonly lines: readonly LogLineView[];
  /** True if there are no lines before them. */
  readonly isComplete: boolean;
}

const mostLines = 2_000;
const maxBytes = 4 * 1024 * 1024;
const longestMessage = 2_000;
const longest = 200;

/** Reads the last 2,000 lines of a log, from its last 4 MiB. */
export async function readTail(path: string): Promise<LogTail> {
  const lines: LogLineView[] = [];
  for await (const text of linesFromEnd(path, { maxBytes, maxFiles: 1 })) {
    if (lines.length >= mostLines) return { lines, isComplete: false };
    const line = readLine(text);
    if (line !== undefined) lines.push(line);
  }
  return { lines, isComplete: true };
}

const levels: readonly string[] = ["DEBUG", "INFO", "WARNING", "ERROR"];

/** Returns the newest `limit` of the lines that are at least of a level and have all words, which are in lower case. */
export function chooseLines(
  { lines }: Pick<LogTail, "lines">,
  { level, words, limit }: { readonly level: string; readonly words: readonly string[]; readonly limit: number },
): readonly LogLineView[] {
  const least = Math.max(0, levels.indexOf(level));
  const chosen: LogLineView[] = [];
  for (const line of lines) {
    if (chosen.length >= limit) break;
    if (levels.indexOf(line.level) < least) continue;
    const text = `${line.event}\n${line.message}\n${line.request_id ?? ""}`.toLowerCase();
    if (words.every((word) => text.includes(word))) chosen.push(line);
  }
  return chosen;
}

function readLine(text: string): LogLineView | undefined {
  const line = readObject(text);
  // Half of a line, as a full disk leaves it.
  if (line === undefined) return undefined;
  const { timestamp, level, event, message, request_id: id, worker } = line;
  if (typeof timestamp !== "string" || typeof level !== "string") return undefined;
  return {
    timestamp: timestamp.slice(0, longest),
    level: level.slice(0, longest),
    event: textOfJson(event).slice(0, longest),
    message: (callText(line) ?? textOfJson(message)).slice(0, longestMessage),
    request_id: typeof id === "string" ? id.slice(0, longest) : null,
    worker: typeof worker === "number" ? worker : null,
  };
}
