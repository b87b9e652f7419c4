import { basename, dirname } from "node:path";
import type { Writable } from "node:stream";
import type { LogLevel } from "@ccpb/core/config";
import { pino, type Level } from "pino";
import { createStream } from "rotating-file-stream";
import { BufferedSink, type LineSink } from "./log/line-sink.ts";
import type { Log, LogData, LogEvent } from "./log/log-types.ts";
import { createRedactor } from "./redact.ts";

export interface LogOptions {
  readonly level: LogLevel;
  /** Absolute path of the JSONL file; null: none. */
  readonly file: string | null;
  /** Where lines go besides the file; null: nowhere. */
  readonly console: Writable | null;
  /** Turns a JSON line into a line for people; absent: the console gets JSON too. */
  readonly prettify?: (line: string) => string;
  readonly secrets: readonly string[];
  /** Lines that were lost, for the metrics. */
  readonly onDropped?: (count: number) => void;
  /** Bytes after which the file is rotated; default 20 MB. */
  readonly rotateBytes?: number;
}

const pinoLevels: Readonly<Record<LogLevel, Level>> = { DEBUG: "debug", INFO: "info", WARNING: "warn", ERROR: "error" };
const words: Readonly<Record<string, LogLevel>> = {
  debug: "DEBUG",
  info: "INFO",
  warn: "WARNING",
  error: "ERROR",
  fatal: "ERROR",
};
const keptFiles = 5;

/**
 * Opens the log: one JSON line an event to a rotating file and to the console, redacted as a whole line. A file that cannot be written is
 * said once on the console, and tried again; the service goes on.
 */
export function openLog(options: LogOptions): Log {
  let redact = createRedactor(options.secrets);
  const console = options.console === null ? undefined : consoleSink(options.console, options.prettify);
  const file = options.file === null ? undefined : fileSink(options.file, options, report);
  const destination = {
    write(line: string): void {
      const clean = redact(line);
      file?.write(clean);
      console?.write(clean);
    },
  };
  const logger = pino(
    {
      level: pinoLevels[options.level],
      base: null,
      messageKey: "message",
      timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: words[label] ?? label }) },
    },
    destination,
  );

  // About the log itself: to the console alone, since the file is what is in trouble.
  function report(level: LogLevel, message: string, data: LogData): void {
    const line = { level, timestamp: new Date().toISOString(), event: "log_problem", ...data, message };
    console?.write(redact(`${JSON.stringify(line)}\n`));
  }

  return {
    write: (level: LogLevel, event: LogEvent, message: string, data?: LogData) =>
      logger[pinoLevels[level]](data === undefined ? { event } : { event, ...data }, message),
    isEnabled: (level) => logger.isLevelEnabled(pinoLevels[level]),
    setLevel: (level) => {
      logger.level = pinoLevels[level];
    },
    setSecrets: (secrets) => {
      redact = createRedactor(secrets);
    },
    close: async () => {
      await Promise.all([file?.close(), console?.close()]);
    },
  };
}

type Report = (level: LogLevel, message: string, data: LogData) => void;

function fileSink(path: string, options: LogOptions, report: Report): LineSink {
  return new BufferedSink({
    open: () => openRotating(path, options.rotateBytes ?? 20_000_000),
    onProblem: (error) => report("WARNING", `the log file cannot be written: ${error.message}`, { file: path }),
    onDropped: (count) => {
      options.onDropped?.(count);
      report("WARNING", `${count} lines did not get into the log file`, { file: path, dropped: count });
    },
  });
}

// Rotation by number: the live file keeps its name, the one before is `.1`, the oldest is dropped.
function openRotating(path: string, size: number): Writable {
  return createStream(basename(path), { path: dirname(path), size: `${size}B`, rotate: keptFiles, mode: 0o640 });
}

function consoleSink(stream: Writable, prettify: ((line: string) => string) | undefined): LineSink {
  let isGone = false;
  // The reader may leave (`ccpb | head`): that must not end the service.
  stream.on("error", () => (isGone = true));
  return {
    write: (line) => {
      if (!isGone && stream.writableLength < 1_000_000) stream.write(prettify === undefined ? line : prettify(line));
    },
    close: () => Promise.resolve(),
  };
}
