import type { ProviderType } from "../base/config-types.ts";
import { isVersionQuery } from "./cloud-places.ts";
import { isForbiddenAddress, isLoopbackHost } from "./host-address.ts";
import { quote } from "./quote.ts";

/** What is wrong with a base URL (without the URL where it may hold a secret), or the URL as it is used: no trailing slash. */
export type BaseUrlCheck =
  | { readonly ok: true; readonly url: string }
  | { readonly ok: false; readonly message: string };

/**
 * Checks where a provider's requests go: http or https, no credentials, query or fragment, and no link-local or cloud metadata address in any
 * spelling (decimal, hexadecimal and IPv6-mapped ones are the same to a URL parser). Names are not resolved.
 */
export function checkBaseUrl(text: string): BaseUrlCheck {
  const url = readHttpUrl(text);
  if (typeof url === "string") return { ok: false, message: url };
  if (url.username !== "" || url.password !== "") {
    return wrong("holds a user name or password; take it out of the URL and put the key into auth_value");
  }
  if (text.includes("?") && !isVersionQuery(url.search)) {
    return wrong("holds a query (?…); write the URL without it, headers can carry extra values");
  }
  if (text.includes("#")) return wrong("holds a fragment (#…); write the URL without it");
  if (isForbiddenAddress(url.hostname)) {
    return wrong(
      `leads to ${url.hostname}, a link-local or cloud metadata address; write the address of the provider's API`,
    );
  }
  const path = withoutLastSlashes(url.pathname);
  const doubled = /\/(?:v1\/messages|chat\/completions|messages)$/.exec(path);
  if (doubled !== null) {
    return wrong(
      `ends in ${doubled[0]}, which ccpb adds itself; write ${url.origin}${path.slice(0, -doubled[0].length)}`,
    );
  }
  // Azure names a deployment in the path: the URL parser escapes the braces of its place.
  return { ok: true, url: url.origin + path.replaceAll("%7Bmodel%7D", "{model}") + url.search };
}

/** What is odd about a base URL that passed `checkBaseUrl`, one sentence each. */
export function baseUrlWarnings(url: string, type: ProviderType): string[] {
  const parsed = new URL(url);
  const warnings: string[] = [];
  if (parsed.protocol === "http:" && !isLoopbackHost(parsed.hostname)) {
    warnings.push(`sends keys and prompts to ${parsed.hostname} unencrypted; write https:// if it can do that`);
  }
  if (type === "anthropic" && parsed.pathname.endsWith("/v1")) {
    warnings.push("ends in /v1, and ccpb adds /v1/messages; leave /v1 out unless the path really has it twice");
  }
  if (type === "openai" && parsed.pathname === "/") {
    warnings.push("has no path, and ccpb adds /chat/completions; most OpenAI-compatible APIs need /v1 at the end");
  }
  return warnings;
}

/** What is wrong with a proxy's URL, which may hold credentials and is therefore never quoted; undefined if nothing is. */
export function proxyFault(text: string): string | undefined {
  if (/^socks(?!5h?:)/i.test(text)) {
    return "is a SOCKS proxy of another version; write socks5://HOST:PORT, or the URL of an http or https proxy";
  }
  const isSocks = /^socks/i.test(text);
  // Read by the rules of http, where a URL without a host is none.
  const http = isSocks ? text.replace(/^socks5h?:/i, "http:") : text;
  const url = readHttpUrl(http, isSocks ? "socks5://127.0.0.1:1080" : "http://127.0.0.1:3128", () => undefined);
  if (typeof url === "string") return url;
  return isDecodable(url.username) && isDecodable(url.password)
    ? undefined
    : "has a user or password with a % that begins no percent-encoding; write %25 for a % of its own";
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

// A plain host name with a port or path at most: nothing that could be a credential.
// A misspelt scheme (htps://, https:/) is left out.
function withScheme(written: string): string | undefined {
  const text = written.replace(/^h{1,2}[tps]{2,5}(?:[:：]\/*|\/+)/i, "");
  const isHost = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?::\d+)?(?:\/[\w./-]*)?$/i.test(text);
  return isHost ? quote(`https://${text}`) : undefined;
}

function readHttpUrl(text: string, example = "https://api.example.com", guess = withScheme): URL | string {
  if (text === "") return `is empty; write a URL such as ${example}`;
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u0020\u007f-\u009f\\]/.test(text)) {
    return "holds a space, a backslash or a control character; write the URL without it";
  }
  if (!/^https?:\/\//i.test(text)) return `must begin with https:// or http://; write ${guess(text) ?? example}`;
  try {
    return new URL(text);
  } catch {
    return `is not a valid URL; write one such as ${example}`;
  }
}

function wrong(message: string): BaseUrlCheck {
  return { ok: false, message };
}

function withoutLastSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === "/") end -= 1;
  return path.slice(0, end);
}
