import { betasFor } from "../vendors/claude-clouds.ts";
import { isNative, type ProviderAuth, type ProviderConfig, type ProviderType } from "../base/config-types.ts";
import { clientApis } from "./client-apis.ts";
import type { DialectName } from "./dialect.ts";
import type { HeaderMap } from "../base/outcome.ts";

// The only file that reads credentials.

const forwardedPattern = /^(?:anthropic-|x-anthropic-|x-claude-code-|x-claude-1p-|x-stainless-|user-agent$|x-app$)/;
// Of clients of OpenAI's APIs; nothing of it is for providers of Anthropic's.
const openAiPattern =
  /^(?:openai-|x-stainless-|x-codex-|user-agent$|originator$|session_id$|conversation_id$|x-client-request-id$)/;
const answeredNames: readonly string[] = [
  "content-type",
  "request-id",
  "retry-after",
  "retry-after-ms",
  "x-should-retry",
];
// Most clients refuse an answer with more; Node's own limit is 16 KiB.
const maxAnswerBytes = 16_000;
const maxValueBytes = 8_000;
// HTTP clients refuse to send control characters and anything outside latin-1.
const invalidValue = /[^\t\u0020-\u007e\u0080-\u00ff]/;

/** Facts that one request's headers depend on, besides provider and client. */
export interface HeaderNeeds {
  readonly keyIndex: number;
  readonly contentLength: number;
  /** The values of `anthropic-beta` that are passed on; null: all. */
  readonly betas: readonly string[] | null;
  /** The values of `anthropic-beta` that are not passed on. Default: none. */
  readonly omitBetas?: readonly string[];
  /** The API that the client speaks; default: Messages. */
  readonly client?: DialectName;
}

/**
 * Returns the headers of an upstream request, lower case: an allow-list of the client's where its API and the provider's are of one family, for any provider those
 * that it is configured to be sent (`forwardHeaders`), then the provider's credential and configured extras. Values that no HTTP client would send are
 * left out.
 */
export function upstreamHeaders(
  provider: ProviderConfig,
  client: HeaderMap,
  { keyIndex, contentLength, betas, omitBetas = [], client: dialect = "messages" }: HeaderNeeds,
): Record<string, string> {
  const headers: Record<string, string> = {};
  const isSameFamily = isNative(provider.type) === (dialect === "messages");
  copyClientHeaders(provider.type, isSameFamily ? client : {}, headers);
  if (!isSameFamily || provider.type === "openai") headers["user-agent"] ??= "ccpb";
  for (const name of provider.forwardHeaders ?? []) copyHeader(client, name, headers);
  if (betas || omitBetas.length > 0)
    keepBetas(headers, (beta) => betas?.includes(beta) !== false && !omitBetas.includes(beta));
  headers["content-type"] = "application/json";
  // To Bedrock the header names the form of the answer itself, which is JSON also within a stream.
  headers["accept"] = provider.type === "bedrock" ? "application/json" : "application/json, text/event-stream";
  headers["accept-encoding"] = "identity";
  for (const name in provider.headers) headers[name.toLowerCase()] = provider.headers[name] ?? "";
  setCredential(headers, provider, keyIndex, client);
  headers["content-length"] = String(contentLength);
  return headers;
}

/** Returns the client's headers that a provider of a type receives from a client of the same API family, and ccpb's own `user-agent` otherwise. */
function copyClientHeaders(type: ProviderType, client: HeaderMap, headers: Record<string, string>): void {
  switch (type) {
    case "anthropic":
      copyForwarded(client, headers, forwardedPattern);
      headers["anthropic-version"] ??= "2023-06-01";
      return;
    case "vertex": {
      copyForwarded(client, headers, forwardedPattern);
      delete headers["anthropic-version"]; // it stands in the body
      const betas = betasFor("vertex", headers["anthropic-beta"]);
      delete headers["anthropic-beta"];
      if (betas.length > 0) headers["anthropic-beta"] = betas.join(",");
      return;
    }
    case "bedrock": {
      const agent = headerValue(client, "user-agent");
      headers["user-agent"] = agent === undefined || invalidValue.test(agent) ? "ccpb" : agent;
      return;
    }
    case "openai":
      copyForwarded(client, headers, openAiPattern);
  }
}

function copyForwarded(client: HeaderMap, headers: Record<string, string>, pattern: RegExp): void {
  for (const name in client) if (pattern.test(name)) copyHeader(client, name, headers);
}

function copyHeader(client: HeaderMap, name: string, headers: Record<string, string>): void {
  const value = headerValue(client, name);
  if (value !== undefined && !invalidValue.test(value)) headers[name] = value;
}

function keepBetas(headers: Record<string, string>, isKept: (beta: string) => boolean): void {
  const given = headers["anthropic-beta"]?.split(",").map((value) => value.trim()) ?? [];
  const kept = given.filter(isKept);
  delete headers["anthropic-beta"];
  if (kept.length > 0) headers["anthropic-beta"] = kept.join(",");
}

function setCredential(
  headers: Record<string, string>,
  provider: ProviderConfig,
  keyIndex: number,
  client: HeaderMap,
): void {
  const { auth } = provider;
  if (auth.type === "passthrough") {
    for (const name of ["authorization", "x-api-key"]) copyHeader(client, name, headers);
    return;
  }
  if (auth.type === "renewed") return; // its `Authorize` function adds it
  const key = auth.keys[keyIndex] ?? "";
  const usual = auth.type === "api_key" && provider.type === "anthropic" ? "x-api-key" : "authorization";
  const name = auth.header ?? usual;
  headers[name] = name === "authorization" ? `Bearer ${key}` : key;
}

/**
 * Returns the headers of an upstream's answer that may be forwarded to the client, without the provider's keys; hop-by-hop headers, cookies and CORS
 * never. All of them together have at most 16 kB and each value at most 8 kB: a header that would exceed this is left out, one that clients act on
 * (`retry-after` and the like) only after all `anthropic-*` ones. A client of OpenAI's APIs gets `openai-*` and `x-ratelimit-*` in their place; `dialect` is the client's.
 */
export function answerHeaders(
  upstream: HeaderMap,
  auth: ProviderAuth,
  dialect: DialectName = "messages",
): Record<string, string> {
  const headers: Record<string, string> = {};
  let left = maxAnswerBytes;
  const add = (name: string): void => {
    const given = headerValue(upstream, name);
    if (given === undefined || given.length > maxValueBytes || invalidValue.test(given)) return;
    const value = withoutKeys(given, auth);
    // As it travels: `name: value` and the line's end. A value that got here is Latin-1, one byte for each unit.
    const bytes = name.length + value.length + 4;
    if (value.length > maxValueBytes || bytes > left) return;
    left -= bytes;
    headers[name] = value;
  };
  for (const name of answeredNames) if (Object.hasOwn(upstream, name)) add(name);
  const prefixes = clientApis[dialect].answeredPrefixes;
  for (const name in upstream) if (prefixes.some((prefix) => name.startsWith(prefix))) add(name);
  return headers;
}

/** Returns a header as one string; repeated ones are joined with `, `. */
export function headerValue(headers: HeaderMap, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" || value === undefined ? value : value.join(", ");
}

/** Counts the keys of a provider, each with its own health; a passthrough credential counts as one. */
export function keyCount(auth: ProviderAuth): number {
  return "keys" in auth ? auth.keys.length : 1;
}

/** Decides whether both have the same keys in the same form, so that health learned with one holds for the other. */
export function isSameCredential(one: ProviderAuth, other: ProviderAuth): boolean {
  if (!("keys" in one) || !("keys" in other)) return JSON.stringify(one) === JSON.stringify(other);
  return (
    one.type === other.type &&
    one.header === other.header &&
    one.keys.length === other.keys.length &&
    one.keys.every((key, index) => key === other.keys[index])
  );
}

/** Old key index → new key index, for the keys that both hold. */
export function keptKeys(before: ProviderAuth, after: ProviderAuth): ReadonlyMap<number, number> {
  const kept = new Map<number, number>();
  if (before.type !== after.type) return kept;
  if (!("keys" in before) || !("keys" in after)) return isSameCredential(before, after) ? kept.set(0, 0) : kept;
  for (const [index, key] of before.keys.entries()) {
    const now = after.keys.indexOf(key);
    if (now >= 0) kept.set(index, now);
  }
  return kept;
}

/** Returns the text without any of the provider's own keys: vendors echo them in error bodies. */
export function withoutKeys(text: string, auth: ProviderAuth): string {
  if (!("keys" in auth)) return text;
  let clean = text;
  for (const key of auth.keys) if (key !== "") clean = clean.replaceAll(key, "[redacted]");
  return clean;
}
