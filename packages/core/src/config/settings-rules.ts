import { readBodyPattern } from "./body-patterns.ts";
import { checkBaseUrl } from "./base-url.ts";
import { canonicalHost, isLoopbackHost } from "./host-address.ts";
import { clientProblems, hasClients } from "./client-rules.ts";
import { providerLabel } from "./label.ts";
import { millisecondWarnings } from "./milliseconds.ts";
import { placedKeys, repeatedKeys } from "./own-key-rules.ts";
import { isSection, type Section } from "./plain-data.ts";
import { errorAt, warningAt, type ConfigPath, type ConfigProblem } from "./problem.ts";
import { viewProviders } from "./provider-view.ts";
import { quote } from "./quote.ts";
import { serverDefaults } from "./server-document.ts";

const leastKeyLength = 16;

/** Finds contradictions between the keys of `settings`, or between them and providers. */
export function settingsProblems(document: unknown): readonly ConfigProblem[] {
  const settings = isSection(document) && isSection(document["settings"]) ? document["settings"] : {};
  return [
    ...authProblems(settings, document),
    ...errorRuleProblems(settings),
    ...bodyPatternProblems(settings),
    ...oddities(settings),
    ...millisecondWarnings(settings),
    ...loopProblems(settings, document),
  ];
}

function authProblems(settings: Section, document: unknown): readonly ConfigProblem[] {
  const auth = isSection(settings["auth"]) ? settings["auth"] : {};
  const isOn = auth["enabled"] !== false;
  const clients = [...clientProblems(auth, document), ...repeatedKeys(auth)];
  const keys = placedKeys(auth).filter(({ kind }) => kind === "key");
  const host = typeof settings["host"] === "string" ? settings["host"] : serverDefaults.host;
  // An address that is none has its own problem.
  const isPublic = canonicalHost(host) !== undefined && !isLoopbackHost(host);
  if (isOn && (keys.length > 0 || hasClients(auth)))
    return [...clients, ...keys.flatMap(({ path, value }) => shortKey(path, value, isPublic))];
  if (isPublic) return [...clients, errorAt(["settings", "host"], "value", publicHostMessage(host, isOn))];
  if (auth["enabled"] !== true || "api_keys" in auth) return clients;
  return [
    ...clients,
    errorAt(
      ["settings", "auth", "api_keys"],
      "missing",
      `settings.auth is enabled but has no key; add api_keys with one of at least ${leastKeyLength} characters, or write enabled: false`,
    ),
  ];
}

function publicHostMessage(host: string, isOn: boolean): string {
  const reason = isOn ? "there is no key in settings.auth.api_keys or clients" : "settings.auth.enabled is false";
  const remedy = isOn
    ? `add one of at least ${leastKeyLength} characters`
    : `write enabled: true with a key of at least ${leastKeyLength} characters`;
  return `settings.host ${quote(host)} lets other machines use your keys, and ${reason}; ${remedy}, or write host: 127.0.0.1`;
}

function shortKey(path: ConfigPath, key: unknown, isPublic: boolean): readonly ConfigProblem[] {
  // Empty ones have their own problem.
  if (typeof key !== "string" || key.trim() === "" || key.length >= leastKeyLength) return [];
  // A variable that is not set has its own problem, and is still there by its name.
  if (/\$\{/.test(key)) return [];
  const place = path.slice(2).map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`));
  const message = `settings.auth${place.join("")} has ${key.length} characters; write at least ${leastKeyLength}, as openssl rand -hex 16 makes them`;
  return [isPublic ? errorAt(path, "value", message) : warningAt(path, "value", message)];
}

function errorRuleProblems(settings: Section): readonly ConfigProblem[] {
  const rules = settings["error_rules"];
  if (!Array.isArray(rules)) return [];
  return rules.flatMap((rule: unknown, index) => {
    if (!isSection(rule)) return [];
    const label = `settings.error_rules[${index}]`;
    if (rule["action"] === "stop" && "cooldown" in rule) {
      const message = `${label}: cooldown means nothing with action: stop, which leaves the provider as it is; remove one of them`;
      return [warningAt(["settings", "error_rules", index, "cooldown"], "key", message)];
    }
    if ("status" in rule || "match" in rule) return [];
    const message = `${label} has neither status nor match and would catch every failure; add one of them`;
    return [errorAt(["settings", "error_rules", index], "value", message)];
  });
}

function bodyPatternProblems(settings: Section): readonly ConfigProblem[] {
  const patterns = settings["unhealthy_response_body_patterns"];
  if (!Array.isArray(patterns)) return [];
  return patterns.flatMap((pattern: unknown, index) => {
    const path: ConfigPath = ["settings", "unhealthy_response_body_patterns", index];
    const label = `settings.unhealthy_response_body_patterns[${index}]`;
    if (typeof pattern !== "string" || pattern.trim() === "") return [];
    const read = readBodyPattern(pattern);
    switch (read.type) {
      case "rule":
        return [];
      case "built-in":
        return [
          warningAt(path, "value", `${label} is ignored: every error object counts as a failure anyway; remove it`),
        ];
      case "unmatchable":
        return [
          warningAt(
            path,
            "value",
            `${label} is ignored: it looks for JSON, and rules read the error's text; write the text alone`,
          ),
        ];
      case "invalid":
        return [
          errorAt(
            path,
            "value",
            `${label} is not a regular expression that can be used (${read.reason}); correct or remove it`,
          ),
        ];
    }
  });
}

function oddities(settings: Section): readonly ConfigProblem[] {
  const found: ConfigProblem[] = [];
  if ("log_file" in settings && "log_file_path" in settings) {
    const message = "settings.log_file_path is another name of log_file, which wins; remove one of them";
    found.push(warningAt(["settings", "log_file_path"], "key", message));
  }
  return found;
}

// A provider that is this server itself would ask itself for ever.
function loopProblems(settings: Section, document: unknown): readonly ConfigProblem[] {
  const port = typeof settings["port"] === "number" ? settings["port"] : serverDefaults.port;
  return viewProviders(document).flatMap((view) => {
    const baseUrl = view.section["base_url"];
    const check = typeof baseUrl === "string" && view.enabled ? checkBaseUrl(baseUrl) : undefined;
    if (check?.ok !== true) return [];
    const url = new URL(check.url);
    const itsPort = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
    if (itsPort !== port || !isLoopbackHost(url.hostname)) return [];
    const message = `${providerLabel(view.index, document)}: base_url is the address that ccpb itself listens on; write the address of the provider`;
    return [warningAt(["providers", view.index, "base_url"], "value", message)];
  });
}
