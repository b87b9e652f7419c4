import { isSection, valueAt } from "./plain-data.ts";
import type { ConfigPath } from "./problem.ts";
import { quote } from "./quote.ts";

/**
 * Writes the name of a place for messages: `provider "a": base_url`, `settings.port`,
 * `model_routes["*opus*"][0].model`.
 */
export function labelOf(path: ConfigPath, document: unknown): string {
  if (path.length === 0) return "the configuration";
  if (path[0] === "providers" && typeof path[1] === "number") {
    const rest = dotted(path.slice(2));
    return rest === "" ? providerLabel(path[1], document) : `${providerLabel(path[1], document)}: ${rest}`;
  }
  return dotted(path);
}

/** Returns the same for a section that holds keys: `timeouts of provider "a"`. */
export function sectionLabel(path: ConfigPath, document: unknown): string {
  const isInside = path[0] === "providers" && typeof path[1] === "number" && path.length > 2;
  return isInside ? `${dotted(path.slice(2))} of ${providerLabel(Number(path[1]), document)}` : labelOf(path, document);
}

/** Returns a provider by its name, or by its place in the list, from 1, where it has none. */
export function providerLabel(index: number, document: unknown): string {
  const provider = valueAt(document, ["providers", index]);
  const name = isSection(provider) ? provider["name"] : undefined;
  return typeof name === "string" && name.trim() !== "" ? `provider ${quote(name)}` : `provider ${index + 1}`;
}

function dotted(path: ConfigPath): string {
  return path
    .map((step, index) => {
      if (typeof step === "number") return `[${step}]`;
      if (!/^[A-Za-z_][\w-]*$/.test(step)) return `[${quote(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join("");
}
