import { appendFileSync } from "node:fs";
import type { Writable } from "node:stream";
import type { LogLevel } from "@ccpb/core/config";
import { LineBuffer } from "./line-buffer.ts";
import { StreamSink, type LineSink } from "./line-sink.ts";
import { LogFile } from "./log-file.ts";
import { LineFormat } from "./log-line.ts";
import type { Log, LogData, LogEvent } from "./log-types.ts";
import { createRedactor, redactLines } from "./redact.ts";

/** Receives losses of log lines, and never throws. */
export interface LogLosses {
  /** Called at once, for the metrics. */
  onLinesDropped(count: number): void;
  /** Called now and then while lines are lost, for people, with the number since the last call. */
  onLinesLost(count: number): void;
}

export interface LogOptions {
  readonly level: LogLevel;
  /** Absolute path of the JSONL file; null: none. */
  readonly file: string | null;
  /** Stream for lines besides the file; null: none. */
  readonly console: Writable | null;
  /** Turns a JSON line into a line for people; absent: the console gets JSON too. For a console that is written at once only. */
  readonly prettify?: (line: string) => string;
  /** Milliseconds that a line may wait to be written together with others. Default 0: each is written at once. */
  readonly joinMs?: number;
  readonly secrets: readonly string[];
  /** Returns who is told of lines that did not get into the file; asked at each loss, since a log is opened before what is told. */
  readonly losses?: () => LogLosses | undefined;
  /** Bytes after which the file is rotated; default 20 MB. */
  readonly rotateBytes?: number;
  /** Number of rotated files that are kept; default 5. */
  readonly keptFiles?: number;
  /** Opens the file, instead of one that rotates itself. */
  readonly openFile?: (path: string) => Writable;
  /** The number of this worker, for every line. */
  readonly worker?: number;
}

/**
 * Milliseconds that lines wait if no person watches them. Writing each by itself costs a busy server half of what a
 * small request costs altogether.
 */
export const usualJoinMs = 100;

const ranks: Readonly<Record<LogLevel, number>> = { DEBUG: 0, INFO: 1, WARNING: 2, ERROR: 3 };
const usualKeptFiles = 5;
const usualRotateBytes = 20_000_000;
const fileMode = 0o640;

/**
 * Opens the log: one JSON line an event to a rotating file and to the console, redacted as whole lines. A file that cannot be written is
 * said once on the console, and tried again; the service goes on.
 */
export function openLog(options: LogOptions): Log {
  const { file: path } = options;
  let redact = createRedactor(options.secrets);
  let rank = ranks[options.level];
  const format = new LineFormat(options.worker);
  const console = options.console === null ? undefined : consoleSink(options.console, options.prettify);
  const file = path === null ? undefined : fileSink(path, { ...options, report });
  const lines = new LineBuffer(options.joinMs ?? 0, (text, count) => {
    const clean = redactLines(text, redact);
    file?.write(clean, count);
    console?.write(clean, count);
  });

  // About the log itself: to the console alone, since the file is what is in trouble.
  function report(level: LogLevel, message: string, data: LogData): void {
    console?.write(redactLines(format.line(level, "log_problem", message, data), redact), 1);
  }

  return {
    write: (level: LogLevel, event: LogEvent, message: string, data?: LogData) => {
      if (ranks[level] >= rank) lines.add(format.line(level, event, message, data));
    },
    isEnabled: (level) => ranks[level] >= rank,
    setLevel: (level) => {
      rank = ranks[level];
    },
    setRedactor: (next) => {
      // Lines that wait may hold secrets that only the redactor before knows.
      lines.flush();
      redact = next;
    },
    writeOut: () => {
      const { text, count } = lines.take();
      if (count === 0) return;
      const clean = redactLines(text, redact);
      console?.write(clean, count);
      if (path !== null) appendNow(path, clean);
    },
    close: async () => {
      lines.flush();
      await Promise.all([file?.close(), console?.close()]);
    },
  };
}

interface FileSinkOptions extends Pick<LogOptions, "losses" | "rotateBytes" | "keptFiles" | "openFile"> {
  readonly report: (level: LogLevel, message: string, data: LogData) => void;
}

function fileSink(path: string, options: FileSinkOptions): LineSink {
  const { report, losses, rotateBytes: bytes = usualRotateBytes, keptFiles: files = usualKeptFiles } = options;
  const onProblem = (error: Error): void =>
    report("WARNING", `the log file cannot be rotated: ${error.message}`, { file: path });
  const { openFile = (path) => new LogFile(path, { bytes, files, onProblem }) } = options;
  return new StreamSink({
    open: () => openFile(path),
    onProblem: (error) => report("WARNING", `the log file cannot be written: ${error.message}`, { file: path }),
    onDropped: (count) => losses?.()?.onLinesDropped(count),
    onLoss: (count) => {
      report("WARNING", `${count} lines did not get into the log file`, { file: path, dropped: count });
      losses?.()?.onLinesLost(count);
    },
  });
}

function appendNow(path: string, text: string): void {
  try {
    appendFileSync(path, text, { mode: fileMode });
  } catch {
    // The process ends, so a failure cannot be reported any more; the console has the lines.
  }
}

function consoleSink(stream: Writable, prettify: ((line: string) => string) | undefined): LineSink {
  let isGone = false;
  // The reader may leave (`ccpb | head`), or the terminal be gone: that must not end the service. One error switches this sink off, since a line about a
  // failed write would fail as well.
  stream.on("error", () => (isGone = true));
  return {
    write: (text) => {
      if (isGone || stream.writableLength >= 1_000_000) return;
      try {
        stream.write(prettify === undefined ? text : prettify(text));
      } catch {
        // A stream of an embedder may throw instead: writing a line never does.
        isGone = true;
      }
    },
    close: () => Promise.resolve(),
  };
}
