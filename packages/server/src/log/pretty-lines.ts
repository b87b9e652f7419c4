import pc from "picocolors";
import { prettyFactory } from "pino-pretty";
import { renderProblems } from "../config/problems.ts";
import { callText } from "./call-text.ts";
import { readProblem } from "../config/read-problem.ts";
import { visible } from "../base/visible-text.ts";

/**
 * Makes the function that turns a JSON line of the log into a line for people: what happened; the rest is in the file. The problems of a refused
 * configuration follow as `ccpb check` shows them, with place and caret.
 */
export function createPrettifier(colorize: boolean): (line: string) => string {
  const { gray, green, yellow, red } = pc.createColors(colorize);
  const paint = new Map([
    ["DEBUG", gray],
    ["INFO", green],
    ["WARNING", yellow],
    ["ERROR", red],
  ]);
  const pretty = prettyFactory({
    colorize: false,
    messageKey: "message",
    timestampKey: "timestamp",
    levelKey: "level",
    translateTime: "SYS:yyyy-mm-dd HH:MM:ss",
    include: "level,timestamp",
    messageFormat: (line, messageKey) =>
      `${gray(visible(String(line["event"])))} ${visible(callText(line) ?? String(line[messageKey]))}${problemsOf(line["problems"], colorize)}`,
    customPrettifiers: {
      time: (time) => gray(text(time)),
      level: (level) => (paint.get(text(level)) ?? gray)(text(level)),
    },
  });
  return (line) => pretty(line) ?? line;
}

/** The `problems` of a line, as `ccpb check` shows them, from the next line on; empty for none. */
function problemsOf(value: unknown, color: boolean): string {
  if (!Array.isArray(value)) return "";
  const problems = value.flatMap((entry: unknown) => readProblem(entry, "error") ?? []);
  return problems.length === 0 ? "" : `\n${renderProblems(problems, { color, cwd: process.cwd() }).trimEnd()}`;
}

function text(value: string | object): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
