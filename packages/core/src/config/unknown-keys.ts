import { didYouMean } from "../base/did-you-mean.ts";
import { sectionLabel } from "./label.ts";
import type { ConfigPath, ConfigProblem } from "./problem.ts";
import { looksLikeSecret, quote } from "./quote.ts";
import { keysAt } from "./schema-at.ts";

// Names of these keys in other programs, and likely guesses.
const otherNames: Readonly<Record<string, string>> = {
  api_key: "auth_value",
  api_keys: "auth_value",
  apikey: "auth_value",
  key: "auth_value",
  keys: "auth_value",
  token: "auth_value",
  auth_token: "auth_value",
  auth: "auth_type",
  url: "base_url",
  api_base: "base_url",
  api_base_url: "base_url",
  endpoint: "base_url",
  host: "base_url",
  provider_type: "type",
  id: "name",
  disabled: "enabled",
  active: "enabled",
  model: "big_model",
  large_model: "big_model",
  opus_model: "big_model",
  sonnet_model: "big_model",
  fast_model: "small_model",
  haiku_model: "small_model",
  model_map: "models",
  model_mapping: "models",
  timeout: "timeouts",
  concurrency: "max_concurrent",
  cooldown: "failure_cooldown",
  strategy: "selection_strategy",
  listen: "host",
  bind: "host",
  address: "host",
  loglevel: "log_level",
  log: "log_file",
  api_tokens: "api_keys",
  routes: "model_routes",
  rpm: "requests_per_minute",
  tpm: "tokens_per_minute",
  max_concurrent: "concurrent",
  max_parallel_requests: "concurrent",
  budgets: "budget",
  max_budget: "usd",
  period: "per",
  users: "clients",
  sha256: "key_sha256",
  key_hash: "key_sha256",
};

/** Writes the message for a key that the section at `path` does not have. */
export function unknownKeyMessage(path: ConfigPath, key: string, document: unknown): string {
  const place = path.length === 0 ? "at the top of the file" : `in ${sectionLabel(path, document)}`;
  const swallowed = /^(\w+)[\s:=]/.exec(key)?.[1];
  if (swallowed !== undefined && keysAt(path).includes(swallowed)) {
    return `a colon with a space after it is missing behind ${swallowed} ${place}; write ${swallowed}: value`;
  }
  if (key.startsWith("//")) return `a comment of another language stands ${place}; begin it with #, or remove it`;
  // A word can be quoted; anything else may be a value that has got to the wrong side of a colon.
  const shown = isWord(key) ? quote(key) : `a text of ${key.length} characters`;
  return `${shown} is no key ${place}; ${remedy(path, key)}`;
}

/** Decides whether an unknown key is a plain word, so that it may be shown. */
export function isWord(key: string): boolean {
  return /^[A-Za-z_][\w-]{0,39}$/.test(key) && !looksLikeSecret(key);
}

/** Returns the key of the section at `path` that `key` was most likely meant to be. */
export function intendedKey(path: ConfigPath, key: string): string | undefined {
  const keys = keysAt(path);
  const other = Object.hasOwn(otherNames, key.toLowerCase()) ? otherNames[key.toLowerCase()] : undefined;
  return other !== undefined && keys.includes(other) ? other : didYouMean(key, keys);
}

/** Returns the paths that unknown keys were meant to be, so that what is missing there need not be said again. */
export function intendedPaths(problems: readonly ConfigProblem[]): readonly ConfigPath[] {
  return problems.flatMap(({ path, target }) => {
    const above = path.slice(0, -1);
    const key = path.at(-1);
    const intended = target === "key" && typeof key === "string" ? intendedKey(above, key) : undefined;
    return intended === undefined ? [] : [[...above, intended]];
  });
}

function remedy(path: ConfigPath, key: string): string {
  const keys = keysAt(path);
  if (path[0] === "providers" && path.length === 2 && key === "priority") {
    return "the order of the list is the preference: move the provider instead";
  }
  const intended = intendedKey(path, key);
  if (intended !== undefined) return `did you mean ${intended}?`;
  const section = homeOf(key);
  if (section !== undefined) return `it belongs ${section}`;
  return keys.length > 12 ? "remove it, or see docs/configuration.md for the keys" : `the keys are ${keys.join(", ")}`;
}

function homeOf(key: string): string | undefined {
  const homes: readonly (readonly [ConfigPath, string])[] = [
    [["settings"], "under settings"],
    [["providers", 0], "to a provider"],
    [["settings", "timeouts"], "under timeouts"],
    [["settings", "auth"], "under settings.auth"],
    [[], "at the top of the file, without indentation"],
  ];
  return homes.find(([home]) => keysAt(home).includes(key))?.[1];
}
