import type { ProviderType } from "../base/config-types.ts";
import { authProblems } from "./auth-rules.ts";
import { baseUrlWarnings, checkBaseUrl } from "./base-url.ts";
import { providerLabel } from "./label.ts";
import { timeoutWarnings } from "./milliseconds.ts";
import { keyFault } from "./known-vendor.ts";
import { isSection, type Section } from "./plain-data.ts";
import { errorAt, warningAt, type ConfigPath, type ConfigProblem } from "./problem.ts";
import { isProfileKeyOf } from "./profile-schema.ts";
import { viewProviders, type ProviderView } from "./provider-view.ts";
import { quote } from "./quote.ts";
import { foldName, repetitions } from "./spellings.ts";

/**
 * Finds contradictions between the keys of a provider, or between providers. Types and single values are checked by
 * the schema.
 */
export function providerProblems(document: unknown): readonly ConfigProblem[] {
  const views = viewProviders(document);
  return [
    ...enabledProblems(document, views),
    ...nameProblems(views),
    ...views.flatMap((view) => [...authProblems(view, document), ...(view.enabled ? oddities(view, document) : [])]),
  ];
}

function enabledProblems(document: unknown, views: readonly ProviderView[]): readonly ConfigProblem[] {
  const providers = isSection(document) ? document["providers"] : undefined;
  if (!Array.isArray(providers)) return [];
  if (providers.length === 0) {
    return [errorAt(["providers"], "key", "providers is empty; add at least one")];
  }
  // "false" in quotes has its own problem.
  const isOn = ({ enabled, section }: ProviderView): boolean => enabled || section["enabled"] === "false";
  if (providers.length !== views.length || views.some(isOn)) return [];
  return [errorAt(["providers"], "key", "no provider is enabled; write enabled: true for at least one")];
}

function nameProblems(views: readonly ProviderView[]): readonly ConfigProblem[] {
  const names = views.map(({ name }) => name);
  return repetitions(names.map((name) => name && foldName(name))).map(({ index: place, earlier: firstPlace }) => {
    const [index, earlier] = [views[place]?.index ?? 0, views[firstPlace]?.index ?? 0];
    const [name = "", first = ""] = [names[place], names[firstPlace]];
    const path = ["providers", index, "name"];
    const problem =
      name === first
        ? errorAt(
            path,
            "value",
            `provider ${index + 1} has the name of provider ${earlier + 1}, ${quote(name)}; names must be unique, write another one`,
          )
        : warningAt(
            path,
            "value",
            `provider ${index + 1} is named ${quote(name)}, which is hard to tell from the name of provider ${earlier + 1}, ${quote(first)}; write another one`,
          );
    return { ...problem, related: ["providers", earlier, "name"] };
  });
}

function oddities(view: ProviderView, document: unknown): readonly ConfigProblem[] {
  const { index, section, type } = view;
  const label = providerLabel(index, document);
  const at = (...keys: readonly string[]): ConfigPath => ["providers", index, ...keys];
  const found: ConfigProblem[] = [];
  const { base_url: baseUrl, timeouts, auth_value: keys, headers, profile } = section;
  const check = typeof baseUrl === "string" ? checkBaseUrl(baseUrl) : undefined;
  const kind = isProviderType(type) ? type : undefined;
  if (check?.ok === true && kind !== undefined) {
    const sentences = baseUrlWarnings(check.url, kind);
    for (const sentence of sentences) found.push(warningAt(at("base_url"), "value", `${label}: base_url ${sentence}`));
    if (kind !== "openai" && check.url.includes("?")) {
      const message = `${label}: base_url holds a query, which only openai providers take (Azure's api-version); write the URL without it`;
      found.push(errorAt(at("base_url"), "value", message));
    }
  }
  if (kind !== undefined && kind !== "openai" && "dialect" in section) {
    found.push(
      warningAt(at("dialect"), "key", `${label}: dialect only means something for openai providers; remove it`),
    );
  }
  if (isSection(profile) && kind !== undefined) {
    const own = kind === "openai" ? "openai" : "anthropic";
    const other = kind === "openai" ? "anthropic" : "openai";
    for (const key of Object.keys(profile)) {
      if (isProfileKeyOf(own, key) || !isProfileKeyOf(other, key)) continue;
      const message = `${label}: profile.${key} only means something for ${other} providers; remove it`;
      found.push(warningAt(at("profile", key), "key", message));
    }
  }
  if (isSection(timeouts)) for (const one of timeoutWarnings(at("timeouts"), timeouts)) found.push(one);
  for (const one of placeholderProblems(view, label)) found.push(one);
  if (isSection(timeouts) && "call" in timeouts) {
    const message = `${label}: timeouts.call spans all providers and only counts under settings.timeouts; move it there`;
    found.push(warningAt(at("timeouts", "call"), "key", message));
  }
  if (Array.isArray(keys) && new Set(keys).size < keys.length) {
    found.push(warningAt(at("auth_value"), "key", `${label}: auth_value holds the same key twice; it counts once`));
  }
  if (isSection(headers)) {
    for (const one of [...headerOddities(view, headers, label), ...repeatedHeaders(view, headers, label)])
      found.push(one);
  }
  for (const one of literalOddities(view, label)) found.push(one);
  return found;
}

function isProviderType(type: string | undefined): type is ProviderType {
  return type === "anthropic" || type === "openai" || type === "bedrock" || type === "vertex";
}

function placeholderProblems({ section, index }: ProviderView, label: string): readonly ConfigProblem[] {
  return writtenKeys(section, index).flatMap(({ key, path }) => {
    if (!isPlaceholder(key)) return [];
    const message = `${label}: auth_value is the placeholder of an example; write your own key, \${NAME} for one in an environment variable, or enabled: false`;
    return [errorAt(path, "value", message)];
  });
}

// The header of the credential overrides an extra header of the same name.
function headerOddities(view: ProviderView, headers: object, label: string): readonly ConfigProblem[] {
  const isXApiKey = view.type === "anthropic" && (view.section["auth_type"] ?? "api_key") === "api_key";
  const { auth_header: header } = view.section;
  const credential = typeof header === "string" ? header.toLowerCase() : isXApiKey ? "x-api-key" : "authorization";
  return Object.keys(headers).flatMap((name) =>
    name.toLowerCase() === credential && !view.isPassthrough
      ? [
          errorAt(
            ["providers", view.index, "headers", name],
            "key",
            `${label}: headers.${name} is what auth_value is sent in; put the key there and remove the header`,
          ),
        ]
      : [],
  );
}

function repeatedHeaders(view: ProviderView, headers: Section, label: string): readonly ConfigProblem[] {
  const names = Object.keys(headers);
  return repetitions(names.map((name) => name.toLowerCase())).map(({ index, earlier }) => {
    const [name = "", first = ""] = [names[index], names[earlier]];
    const message = `${label}: headers.${name} is the same header as headers.${first}; only the last one is sent, remove the other`;
    return warningAt(["providers", view.index, "headers", name], "key", message);
  });
}

// $NAME, $(NAME), %NAME%, !NAME!, {{NAME}}, {env:NAME}, env:NAME, $env:NAME, env(NAME), os.environ/NAME, os.environ["NAME"], process.env.NAME, env.NAME
const variableOfOthers =
  /^(?:\$\(?[A-Z][A-Z0-9_]+\)?|([%!])[A-Z][A-Z0-9_]+\1|\{\{ ?[\w.]+ ?\}\}|\{?(?:\$?env[:(]|os\.environ[/[(]["']?|os\.getenv\(["']?|(?:process\.)?env\.)["']?[A-Z][A-Z0-9_]+["']?[})\]]?)$/;

// NAME=key, export NAME=key: a whole line of an env file.
const assignment = /^(?:export|set|\$env:)?[A-Z][A-Z0-9_]*=[^=]/;

// ANTHROPIC_API_KEY, MY_TOKEN
const variableName = /^(?:[A-Z][A-Z0-9]*_)+(?:KEY|TOKEN|SECRET)$/;

function literalOddities({ section, index }: ProviderView, label: string): readonly ConfigProblem[] {
  const found: ConfigProblem[] = [];
  for (const key of ["big_model", "small_model"]) {
    const value = section[key];
    if (typeof value !== "string" || value === "passthrough" || !/^pass[-_ ]?through$/i.test(value)) continue;
    const message = `${label}: ${key} is sent as a model of that name; write passthrough, in small letters and one word, to keep the client's name`;
    found.push(warningAt(["providers", index, key], "value", message));
  }
  for (const { key, path } of writtenKeys(section, index)) {
    const fault = keyOddity(key, section);
    if (fault !== undefined) found.push(warningAt(path, "value", `${label}: auth_value ${fault}`));
  }
  return found;
}

/** Lists the keys of a provider that are texts, with their places. */
function writtenKeys(
  { auth_value: value }: Section,
  index: number,
): readonly { readonly key: string; readonly path: ConfigPath }[] {
  const keys: readonly unknown[] = Array.isArray(value) ? value : [value];
  return keys.flatMap((key, place) => {
    const path: ConfigPath = ["providers", index, "auth_value", ...(Array.isArray(value) ? [place] : [])];
    return typeof key === "string" ? [{ key, path }] : [];
  });
}

function keyOddity(key: string, section: Section): string | undefined {
  if (variableOfOthers.test(key) || variableName.test(key)) {
    return "looks like the name of a variable, as other programs write it, and is sent as it stands; write ${NAME} for its value";
  }
  if (assignment.test(key)) return "begins with the name of a variable and =; write what stands behind the = alone";
  if (key.includes(",")) return "holds a comma, which no key has; write several keys as a list: [${ONE}, ${TWO}]";
  const { base_url: baseUrl, auth_type: authType = "api_key" } = section;
  const check = typeof baseUrl === "string" ? checkBaseUrl(baseUrl) : undefined;
  return check?.ok === true ? keyFault(key, new URL(check.url), String(authType)) : undefined;
}

// Words of guides and examples in the place of a key. Real keys are random, so that a word of this kind does not stand in them by chance.
const placeholder =
  /\byour[-_]|[-_]here$|^(?:sk-(?:ant-|or-)?)?(?:x{4,}|\.{3,}|…)$|x{8,}|^<.*>$|^(?:change[-_]?me|replace[-_]?(?:me|this)|todo|placeholder|api[-_]?key)$/i;

/** Decides whether a key is a placeholder of a guide, such as `sk-ant-your-actual-key-here`. */
function isPlaceholder(key: string): boolean {
  // `***` alone stands in what `ccpb check --print` writes, which can be checked again.
  return placeholder.test(key) || (key.includes("***") && key !== "***") || key.endsWith("...");
}
