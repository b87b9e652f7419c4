import { didYouMean } from "../base/did-you-mean.ts";
import { labelOf, providerLabel } from "./label.ts";
import { isSection, type Section } from "./plain-data.ts";
import { errorAt, warningAt, type ConfigPath, type ConfigProblem } from "./problem.ts";
import { viewProviders, type ProviderView } from "./provider-view.ts";
import { quote } from "./quote.ts";
import { repetitions } from "./spellings.ts";

/** Finds contradictions between providers, their models and `model_routes`. */
export function modelProblems(document: unknown): readonly ConfigProblem[] {
  const views = viewProviders(document);
  const routes = isSection(document) && isSection(document["model_routes"]) ? document["model_routes"] : {};
  // The clouds have names of their own for all of Anthropic's models.
  const named = views.filter(({ type, enabled }) => enabled && type !== "bedrock" && type !== "vertex");
  return [
    ...named.flatMap((view) => missingModels(view, routes, document)),
    ...views.flatMap(({ section: { models }, index }) =>
      isSection(models) ? repeatedPatterns(["providers", index, "models"], models, document) : [],
    ),
    ...repeatedPatterns(["model_routes"], routes, document),
    ...Object.entries(routes).flatMap(([pattern, candidates]) =>
      Array.isArray(candidates) ? routeProblems(pattern, candidates, views, document) : [],
    ),
  ];
}

interface ModelClass {
  readonly key: "big_model" | "small_model";
  readonly names: string;
  /** Decides whether a pattern of a provider's own map concerns the class. */
  readonly touches: (pattern: string) => boolean;
  /** Decides whether patterns of routes together cover the class, so that the list of providers is not asked. */
  readonly isCovered: (patterns: readonly string[]) => boolean;
}

const everything = /^(?:\*+|\**claude\*+)$/i;

const classes: readonly ModelClass[] = [
  {
    key: "big_model",
    names: "other models",
    touches: (pattern) => !/haiku/i.test(pattern),
    isCovered: (patterns) =>
      patterns.some((pattern) => everything.test(pattern)) ||
      [/opus/i, /sonnet/i].every((name) => patterns.some((pattern) => name.test(pattern))),
  },
  {
    key: "small_model",
    names: "haiku models",
    touches: (pattern) => /haiku/i.test(pattern) || everything.test(pattern),
    isCovered: (patterns) => patterns.some((pattern) => /haiku/i.test(pattern) || everything.test(pattern)),
  },
];

// A provider without one of the two can still serve what `models` or a route sends to it; only one that could serve nothing that way is an error.
function missingModels(view: ProviderView, routes: Section, document: unknown): readonly ConfigProblem[] {
  const { models } = view.section;
  const patterns = isSection(models) ? Object.keys(models) : [];
  const isRouted = Object.values(routes).some((candidates) => Array.isArray(candidates) && candidates.some(isOwn));
  const label = providerLabel(view.index, document);
  function isOwn(candidate: unknown): boolean {
    return isSection(candidate) && candidate["provider"] === view.name && candidate["enabled"] !== false;
  }
  return classes.flatMap(({ key, names, touches, isCovered }): readonly ConfigProblem[] => {
    if (key in view.section || patterns.some(touches) || isCovered(Object.keys(routes))) return [];
    const path = ["providers", view.index, key];
    if (patterns.length === 0 && !isRouted) {
      return [errorAt(path, "missing", `${label} has no ${key}; set ${key} or "passthrough"`)];
    }
    const message = `${label} has no ${key}, and nothing else covers ${names} there: requests for them skip it; set ${key} if it can serve them`;
    return [warningAt(path, "missing", message)];
  });
}

// Patterns match in any case, and the first that matches counts.
function repeatedPatterns(path: ConfigPath, patterns: Section, document: unknown): readonly ConfigProblem[] {
  const names = Object.keys(patterns);
  return repetitions(names.map((name) => name.toLowerCase())).map(({ index, earlier }) => {
    const [name = "", first = ""] = [names[index], names[earlier]];
    const message = `${labelOf([...path, name], document)} never counts: it is ${quote(first)} in another case, which stands before it; remove one of them`;
    return warningAt([...path, name], "key", message);
  });
}

function routeProblems(
  pattern: string,
  candidates: readonly unknown[],
  views: readonly ProviderView[],
  document: unknown,
): readonly ConfigProblem[] {
  const names = views.flatMap((view) => (view.name === undefined ? [] : [view.name]));
  const found: ConfigProblem[] = [];
  let usable = 0;
  for (const [index, candidate] of candidates.entries()) {
    const provider = isSection(candidate) ? candidate["provider"] : undefined;
    if (typeof provider !== "string" || !isSection(candidate)) return found;
    const path = ["model_routes", pattern, index, "provider"];
    const known = views.find((view) => view.name === provider);
    if (known?.enabled === true && candidate["enabled"] !== false) usable++;
    if (known !== undefined || provider.trim() === "") continue;
    const near = didYouMean(provider, names);
    const remedy = near === undefined ? `write one of ${names.map(quote).join(", ")}` : `did you mean ${quote(near)}?`;
    const message = `${labelOf(path, document)} is ${quote(provider)}, and no provider has that name; ${remedy}`;
    found.push(errorAt(path, "value", message));
  }
  if (usable > 0 || found.length > 0 || candidates.length === 0) return found;
  const message = `${labelOf(["model_routes", pattern], document)} has no enabled candidate: requests that it covers are answered with 503; enable one or remove the route`;
  return [warningAt(["model_routes", pattern], "key", message)];
}
