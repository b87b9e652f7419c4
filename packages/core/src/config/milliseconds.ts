import { isSection, type Section } from "./plain-data.ts";
import { warningAt, type ConfigPath, type ConfigProblem } from "./problem.ts";

// Round thousands above these bounds (seconds) are most likely milliseconds.
const usualBounds: Readonly<Record<string, number>> = {
  request_timeout: 1000,
  failure_cooldown: 10_000,
  unhealthy_reset_timeout: 10_000,
  max_cooldown: 100_000,
  queue_timeout: 1000,
  drain_timeout: 1000,
  early_headers: 1000,
};
const timeoutBound = 2000;

/** Returns a warning for each time of `settings` that reads like milliseconds: all of them are seconds. */
export function millisecondWarnings(settings: Section): readonly ConfigProblem[] {
  const timeouts = isSection(settings["timeouts"]) ? settings["timeouts"] : {};
  return [
    ...Object.entries(usualBounds).flatMap(([key, bound]) => warningOf(["settings", key], settings[key], bound)),
    ...timeoutWarnings(["settings", "timeouts"], timeouts),
  ];
}

/** Returns a warning for each of `timeouts` that reads like milliseconds. `path`: where the section stands. */
export function timeoutWarnings(path: ConfigPath, timeouts: Section): readonly ConfigProblem[] {
  return Object.entries(timeouts).flatMap(([key, value]) => warningOf([...path, key], value, timeoutBound));
}

function warningOf(path: ConfigPath, value: unknown, bound: number): readonly ConfigProblem[] {
  if (typeof value !== "number" || value < bound || value % 500 !== 0) return [];
  const hours = Math.round(value / 360) / 10;
  const name = path.filter((part) => typeof part === "string" && part !== "providers").join(".");
  const message = `${name} is ${value} seconds (${hours} hours); times are in seconds, so write ${value / 1000} if milliseconds were meant`;
  return [warningAt(path, "value", message)];
}
