import type { ProviderType } from "../base/config-types.ts";
import { isVersionQuery } from "./cloud-places.ts";
import { isForbiddenAddress, isLoopbackHost } from "./host-address.ts";
import { addressFault } from "./known-vendor.ts";
import { quote } from "./quote.ts";
import { embeddedUrl, urlFault, type UrlForm, withScheme } from "./url-fault.ts";

/**
 * Problem of a base URL (without the URL if it may hold a secret), or the URL as it is used: without a trailing
 * slash.
 */
export type BaseUrlCheck =
  | { readonly ok: true; readonly url: string }
  | { readonly ok: false; readonly message: string };

/**
 * Checks where a provider's requests go: http or https, no credentials, query or fragment, and no link-local or cloud metadata address in any
 * spelling (decimal, hexadecimal and IPv6-mapped ones are the same to a URL parser). Names are not resolved.
 */
export function checkBaseUrl(text: string): BaseUrlCheck {
  const fault = urlFault(text, form);
  if (fault !== undefined) return wrong(fault);
  const url = new URL(text);
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
  const doubled = /\/(?:v1\/messages|chat\/completions|messages|responses)$/.exec(path);
  if (doubled !== null) {
    const type = doubled[0].endsWith("messages") ? "anthropic" : "openai";
    return wrong(
      `ends in ${doubled[0]}, which ccpb adds itself for type: ${type}; write ${url.origin}${path.slice(0, -doubled[0].length)}`,
    );
  }
  // Azure names a deployment in the path: the URL parser escapes the braces of its place.
  return { ok: true, url: url.origin + path.replaceAll("%7Bmodel%7D", "{model}") + url.search };
}

/** Lists oddities of a base URL that passed `checkBaseUrl`, one sentence each. */
export function baseUrlWarnings(url: string, type: ProviderType): string[] {
  const parsed = new URL(url);
  const warnings: string[] = [];
  if (parsed.protocol === "http:" && !isLoopbackHost(parsed.hostname)) {
    warnings.push(`sends keys and prompts to ${parsed.hostname} unencrypted; write https:// if it can do that`);
  }
  const known = type === "anthropic" || type === "openai" ? addressFault(parsed, type) : undefined;
  if (known !== undefined) return [...warnings, known];
  const wrongEnd = /\/v1\/(?:v1|models|completions?|embeddings|chat|message|complete)$/.exec(parsed.pathname)?.[0];
  if (wrongEnd !== undefined) {
    const extra = type === "openai" ? wrongEnd.slice("/v1".length) : wrongEnd;
    return [
      ...warnings,
      `ends in ${wrongEnd}, and ccpb adds the rest of the path itself; leave ${extra} at its end out`,
    ];
  }
  if (type === "anthropic" && parsed.pathname.endsWith("/v1")) {
    warnings.push("ends in /v1, and ccpb adds /v1/messages; leave /v1 out unless the path really has it twice");
  }
  if (type === "openai" && parsed.pathname === "/") {
    warnings.push("has no path, and ccpb adds /chat/completions; most OpenAI-compatible APIs need /v1 at the end");
  }
  return warnings;
}

const form: UrlForm = {
  schemes: ["http", "https"],
  begins: "https:// or http://",
  example: "https://api.example.com",
  guess: (text) => embeddedUrl(text) ?? quoted(withScheme("https", text)),
};

function quoted(url: string | undefined): string | undefined {
  return url === undefined ? undefined : quote(url);
}

function wrong(message: string): BaseUrlCheck {
  return { ok: false, message };
}

function withoutLastSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === "/") end -= 1;
  return path.slice(0, end);
}
