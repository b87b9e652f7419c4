import pc from "picocolors";
import { prettyFactory } from "pino-pretty";
import { visible } from "../visible-text.ts";

/** Makes the function that turns a JSON line of the log into a line for people: what happened; the rest is in the file. */
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
    translateTime: "SYS:HH:MM:ss",
    include: "level,timestamp",
    messageFormat: (line, messageKey) => `${gray(visible(String(line["event"])))} ${visible(String(line[messageKey]))}`,
    customPrettifiers: {
      time: (time) => gray(text(time)),
      level: (level) => (paint.get(text(level)) ?? gray)(text(level)),
    },
  });
  return (line) => pretty(line) ?? line;
}

function text(value: string | object): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
