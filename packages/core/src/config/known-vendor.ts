import { type KnownApi, knownApis } from "../vendors/known-apis.ts";

// Sentences go on after "base_url " or "auth_value ", and never quote a key.

/**
 * Returns what seems wrong with the address of a known vendor, such as its website, the path of its other API, or a host name misspelt by a letter;
 * undefined where nothing does, and for other hosts.
 *
 * @param url - base URL that passed `checkBaseUrl`.
 * @param type - type of the provider.
 */
export function addressFault(url: URL, type: "anthropic" | "openai"): string | undefined {
  const host = url.hostname;
  const known = apiOf(host);
  if (known !== undefined) return pathFault(known, url, type);
  const site = knownApis.find((one) => one.site?.test(host) === true);
  if (site !== undefined) {
    return `is a website of ${site.vendor}, not its API; write ${usualUrl(site, `https://${site.api ?? host}`, type)}`;
  }
  const meant = knownApis.find(({ api }) => api !== undefined && isMisspelt(host, api));
  if (meant?.api === undefined) return undefined;
  return `names the host ${host}, which would be sent the key; write ${meant.api} if ${meant.vendor} is meant`;
}

/** Returns what seems wrong with a key for the API at a URL: the form of another vendor's key, or of a key of the same vendor for something else. */
export function keyFault(key: string, url: URL, authType: string): string | undefined {
  const known = apiOf(url.hostname);
  if (known === undefined) return undefined;
  const maker = knownApis.find((one) => one.key?.test(key) === true);
  if (maker !== undefined && maker !== known) {
    return `has the form of a key of ${maker.vendor}, and base_url is the address of ${known.vendor}; write a key of ${known.vendor}`;
  }
  if (/^sk-(?:ant-)?admin/.test(key)) return "is an admin key, which asks no models; write a key for the API";
  if (known.vendor !== "Anthropic") return undefined;
  if (key.startsWith("sk-ant-oat") && authType === "api_key") {
    return "is a token of claude setup-token, which is sent in another header than a key; write auth_type: auth_token";
  }
  if (key.startsWith("sk-ant-api") && authType === "auth_token") {
    return "is an API key, which Anthropic takes in another header than a token; write auth_type: api_key";
  }
  return undefined;
}

function apiOf(host: string): KnownApi | undefined {
  return knownApis.find((one) => one.host.test(host));
}

function pathFault(known: KnownApi, url: URL, type: "anthropic" | "openai"): string | undefined {
  const path = url.pathname === "/" ? "" : url.pathname;
  const [own, other] = type === "anthropic" ? [known.messages, known.openai] : [known.openai, known.messages];
  if (own === undefined || own.includes(path)) return undefined;
  const [usual] = own;
  if (usual === undefined) {
    return `is the address of ${known.vendor}, which has no Messages API there; write type: ${known.instead ?? "openai"}`;
  }
  const right = `${url.origin}${usual}`;
  if (type === "anthropic" && own.some((one) => path === `${one}/v1`)) {
    return `ends in /v1, and ccpb adds /v1/messages; write ${right}`;
  }
  if (other?.includes(path) !== true)
    return `is no address of the API of ${known.vendor} that ccpb knows; write ${right}`;
  const [api, itsType] = type === "openai" ? ["Messages", "anthropic"] : ["Chat Completions", "openai"];
  return `is where ${known.vendor} has its ${api} API, and type is ${type}; write type: ${itsType}, or base_url: ${right}`;
}

function usualUrl(known: KnownApi, origin: string, type: "anthropic" | "openai"): string {
  return `${origin}${(type === "anthropic" ? known.messages : known.openai)?.[0] ?? ""}`;
}

/** Shorter host names are near to too many others. */
const minLength = 14;

/** Decides whether two host names differ by one letter: another one, one more, one less, or two that changed places. */
function isMisspelt(host: string, right: string): boolean {
  if (right.length < minLength || host === right || Math.abs(host.length - right.length) > 1) return false;
  let start = 0;
  while (start < right.length && host[start] === right[start]) start += 1;
  let [end, rightEnd] = [host.length, right.length];
  while (end > start && rightEnd > start && host[end - 1] === right[rightEnd - 1]) {
    end -= 1;
    rightEnd -= 1;
  }
  const [left, expected] = [host.slice(start, end), right.slice(start, rightEnd)];
  if (left.length <= 1 && expected.length <= 1) return true;
  return left.length === 2 && left === `${expected[1] ?? ""}${expected[0] ?? ""}`;
}
