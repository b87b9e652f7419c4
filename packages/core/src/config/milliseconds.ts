import { allSettings } from "./settings-schema.ts";
import { isSection, type Section } from "./plain-data.ts";
import { warningAt, type ConfigPath, type ConfigProblem } from "./problem.ts";

// Round thousands above this bound (seconds) are most likely milliseconds.
const timeoutBound = 2000;

/** Returns a warning for each time of `settings` that reads like milliseconds: all of them are seconds. */
export function millisecondWarnings(settings: Section): readonly ConfigProblem[] {
  const timeouts = isSection(settings["timeouts"]) ? settings["timeouts"] : {};
  return [
    ...allSettings.flatMap(({ key, others = {}, section, usuallyBelow }) =>
      usuallyBelow === undefined
        ? []
        : [...(section === undefined ? [key] : []), ...Object.keys(others)].flatMap((each) =>
            warningOf(["settings", each], settings[each], usuallyBelow),
          ),
    ),
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
