import type { BalancerConfig, ModelRoute, ProviderConfig } from "../base/config-types.ts";
import { isObject } from "../base/json.ts";
import { checkMembers, kindOf, misuse } from "../base/misuse.ts";
import {
  authMembers,
  configMembers,
  errorRuleMembers,
  providerMembers,
  routeMembers,
  settingMembers,
  timeoutMembers,
} from "./config-members.ts";

const leastProvider =
  '{ name, type: "anthropic", baseUrl, auth: { type: "api_key", keys: [key] }, bigModel: "passthrough", smallModel: "passthrough" }';

/**
 * Checks a configuration that a program wrote, which the compiler may not have seen.
 *
 * @throws TypeError for the first thing that is wrong, with what to write instead. It quotes no key.
 */
export function checkConfig(config: BalancerConfig): void {
  if (typeof config === "string") {
    throw misuse("config", "is a string", "parse the file, and give parseConfig of @ccpb/core/config the result");
  }
  if (isObject(config) && "ok" in config && ("config" in config || "problems" in config)) {
    throw misuse("config", "is what parseConfig returned", "check result.ok and pass result.config");
  }
  checkMembers("config", config, configMembers);
  const { providers, routes = [], settings } = config;
  if (providers === undefined) throw misuse("config.providers", "is missing", `write [${leastProvider}]`);
  if (providers.length === 0) throw misuse("config.providers", "is empty", `add at least one: ${leastProvider}`);
  if (settings !== undefined) checkSettings(settings);
  const routed = new Set(routes.flatMap((route, index) => routedProviders(route, index)));
  const places = new Map<string, number>();
  for (const [index, provider] of providers.entries()) {
    const where = checkProvider(provider, index, routed);
    const earlier = places.get(provider.name);
    if (earlier !== undefined) {
      throw misuse(`${where}.name`, `is also the name of providers[${earlier}]`, "write a name that no other has");
    }
    places.set(provider.name, index);
  }
  for (const name of routed) {
    if (places.has(name)) continue;
    const known = [...places.keys()].join(", ");
    throw misuse("config.routes", `name a provider ${JSON.stringify(name.slice(0, 80))}`, `the providers are ${known}`);
  }
}

function checkSettings(settings: NonNullable<BalancerConfig["settings"]>): void {
  checkMembers("config.settings", settings, settingMembers);
  const { timeouts, errorRules = [] } = settings;
  if (timeouts !== undefined) checkMembers("config.settings.timeouts", timeouts, timeoutMembers);
  for (const [index, rule] of errorRules.entries()) {
    const where = `config.settings.errorRules[${index}]`;
    checkMembers(where, rule, errorRuleMembers);
    if (rule.action === undefined) throw misuse(`${where}.action`, "is missing", 'write "stop" or "failover"');
  }
}

function routedProviders(route: ModelRoute, index: number): readonly string[] {
  const where = `config.routes[${index}]`;
  checkMembers(where, route, routeMembers);
  const { pattern, candidates } = route;
  if (pattern === undefined || candidates === undefined) {
    throw misuse(where, "is not whole", 'write { pattern: "claude-*", candidates: [{ provider, model, priority }] }');
  }
  return candidates.map(({ provider }) => provider);
}

/** Returns where the provider stands, for what is said of it. */
function checkProvider(provider: ProviderConfig, index: number, routed: ReadonlySet<string>): string {
  const place = `config.providers[${index}]`;
  if (isObject(provider) && isOtherType(provider.type)) {
    const type = JSON.stringify(provider.type.slice(0, 40));
    const remedy =
      'write "anthropic" where it has the Messages API; "openai" where it has OpenAI\'s (OpenRouter, Groq, Ollama and most others), with its baseUrl; "bedrock" or "vertex"';
    throw misuse(`${place}.type`, `is ${type}, which is no type`, remedy);
  }
  checkMembers(place, provider, providerMembers);
  if (provider.name === undefined) throw misuse(`${place}.name`, "is missing", "give it a name of its own");
  const where = `${place} (${JSON.stringify(provider.name.slice(0, 80))})`;
  if (provider.type === undefined) throw misuse(`${where}.type`, "is missing", 'write "anthropic" or "openai"');
  if (provider.timeouts !== undefined) checkMembers(`${where}.timeouts`, provider.timeouts, timeoutMembers);
  checkAuth(where, provider);
  // A disabled provider may be incomplete: users keep half-written ones.
  if (provider.enabled === false) return where;
  checkAddress(where, provider);
  if ("keys" in provider.auth) checkKeys(`${where}.auth.keys`, provider.auth.keys);
  checkModels(where, provider, routed);
  return where;
}

function isOtherType(type: unknown): type is string {
  return typeof type === "string" && providerMembers.type(type) !== undefined;
}

function checkAddress(where: string, { type, baseUrl, region, project }: ProviderConfig): void {
  const at = `${where}.baseUrl`;
  if (baseUrl === undefined) throw misuse(at, "is missing", 'write the address, such as "https://api.anthropic.com"');
  if (!isHttpUrl(baseUrl)) {
    throw misuse(at, "is no address", "begin it with https:// or http://, and the host");
  }
  if (/\/(?:v1\/messages|chat\/completions|responses)\/?$/.test(baseUrl)) {
    throw misuse(
      at,
      "ends in a path that the balancer adds itself",
      "leave out /v1/messages, /chat/completions or /responses",
    );
  }
  if (baseUrl.endsWith("/")) throw misuse(at, "ends in a slash", "leave it out");
  if (type === "vertex" && (region === undefined || project === undefined)) {
    throw misuse(
      where,
      "has no region or no project",
      'write both, such as region: "global" and project: "my-project"',
    );
  }
}

/** Braces stand for the model in the path of Azure's deployments. */
function isHttpUrl(text: string): boolean {
  if (!/^https?:\/\/[^/]/i.test(text)) return false;
  try {
    return new URL(text).hostname !== "";
  } catch {
    return false; // a port that is none, a space in the host and the like
  }
}

function checkAuth(where: string, { auth }: ProviderConfig): void {
  const at = `${where}.auth`;
  const least = 'write { type: "api_key", keys: [key] }';
  if (auth === undefined) throw misuse(at, "is missing", least);
  checkMembers(at, auth, authMembers);
  if (auth.type === undefined) throw misuse(`${at}.type`, "is missing", least);
  if (auth.type === "passthrough") return;
  if (auth.type === "renewed") {
    if (auth.source === undefined) throw misuse(`${at}.source`, "is missing", 'write { type: "custom" }');
    return;
  }
  if (auth.keys === undefined) throw misuse(`${at}.keys`, "is missing", "write [key] with at least one key");
}

function checkKeys(at: string, keys: readonly unknown[]): void {
  if (keys.length === 0) throw misuse(at, "is empty", "write [key] with at least one key");
  for (const [index, key] of keys.entries()) {
    const place = `${at}[${index}]`;
    if (typeof key !== "string" || key.trim() === "") {
      throw misuse(
        place,
        `is ${kindOf(key)}`,
        "set the environment variable that it comes from, or leave the provider out",
      );
    }
    // A header takes nothing else, and every request would fail.
    if (key !== key.trim() || /[^\x20-\x7e]/.test(key)) {
      throw misuse(
        place,
        "begins or ends with a space, or holds a line break or a character that no header takes",
        "trim it",
      );
    }
  }
}

function checkModels(where: string, provider: ProviderConfig, routed: ReadonlySet<string>): void {
  const { name, type, bigModel, smallModel, models = [] } = provider;
  for (const [index, { pattern, model }] of models.entries()) {
    if (typeof pattern === "string" && typeof model === "string" && pattern !== "" && model !== "") continue;
    throw misuse(`${where}.models[${index}]`, "is not whole", 'write { pattern: "claude-opus-*", model: "…" }');
  }
  const isCloud = type === "bedrock" || type === "vertex";
  if (isCloud || routed.has(name) || models.length > 0 || bigModel !== undefined || smallModel !== undefined) return;
  throw misuse(
    where,
    "has no model, so that it would serve no request",
    'write bigModel and smallModel ("passthrough" sends the client\'s own model name), or models',
  );
}
