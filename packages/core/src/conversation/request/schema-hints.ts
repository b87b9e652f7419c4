import { stringifyJson } from "../../base/json.ts";

const longestLimit = 200; // UTF-16 units: a default or a map's schema can be anything

/** Returns a keyword in words, for the description: none where it says nothing or too much. */
export function hintsOf(name: string, value: unknown): string[] {
  if (value === undefined || value === null || (name === "additionalProperties" && typeof value === "boolean"))
    return [];
  const text = stringifyJson(value);
  return text === undefined || text.length > longestLimit ? [] : [`${name}: ${text}`];
}
