import { canonicalHost } from "./host-address.ts";
import { problemOfMatch } from "../policy/error-rules.ts";
import { quote } from "./quote.ts";

// Each function answers what is wrong with a text as the rest of a sentence ("is empty; write …"), or undefined where nothing is. Those for keys
// and header values never quote the text.

/* oxlint-disable no-control-regex -- control characters are what is looked for */
const controlCharacter = /[\u0000-\u001f\u007f-\u009f]/;
const unsendable = /[^\t\u0020-\u007e\u0080-\u00ff]/u;
/* oxlint-enable no-control-regex */

/** Returns what is wrong with a provider's key or one of the server's own: what an HTTP header can carry after `Bearer `. */
export function keyFault(text: string): string | undefined {
  if (text.trim() === "") return "is empty; write the key, or ${NAME} for one that stands in an environment variable";
  if (/^(["']).*\1$/.test(text))
    return "stands in quotes that are part of it; remove them (in an env file too: NAME=key)";
  if (/^bearer\s/i.test(text)) return "begins with the word Bearer; leave it out, ccpb adds it where it belongs";
  if (/^\s|\s$/.test(text)) return "begins or ends with a space or line break; take it out";
  if (/\s/.test(text)) return "holds a space or line break; write the key alone";
  const bad = /[^!-~]/u.exec(text);
  if (bad === null) return undefined;
  return `holds a character that no key has and no header can carry (${codePoint(bad[0])}, character ${bad.index + 1}); write the key anew`;
}

/** Returns what is wrong with a provider's name. */
export function nameFault(text: string): string | undefined {
  if (text.trim() === "") return "is empty; write a name, it appears in logs and in /providers";
  if (controlCharacter.test(text)) return "holds a control character or line break; write the name on one line";
  if (text !== text.trim()) return `begins or ends with a space; write ${quote(text.trim())}`;
  return text.length > 100 ? `has ${text.length} characters; write at most 100` : undefined;
}

/** Returns what is wrong with the name of a client: it is a label of metrics and stands in log lines and in tables. */
export function clientNameFault(text: string): string | undefined {
  const fault = nameFault(text)?.replace("in logs and in /providers", "in logs, metrics and usage");
  if (fault !== undefined) return fault;
  if (text.length > 64) return `has ${text.length} characters; write at most 64`;
  if (/^(?:local|client-\d+|\(.*\))$/i.test(text))
    return `is ${quote(text)}, which stands for clients without names; write another one`;
  return undefined;
}

/** SHA-256 of a key; never quoted. */
export function digestFault(text: string): string | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return undefined;
  return "is no SHA-256 in hexadecimal (64 digits); write what printf %s KEY | sha256sum prints";
}

/** Returns what is wrong with the secret of a webhook; never quoted. */
export function webhookSecretFault(text: string): string | undefined {
  const encoded = text.replace(/^whsec_/, "");
  const isBase64 = encoded.length <= 200 && encoded.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(encoded);
  const bytes = (encoded.length / 4) * 3 - (encoded.endsWith("==") ? 2 : Number(encoded.endsWith("=")));
  if (isBase64 && bytes >= 24 && bytes <= 64) return undefined;
  return "is not base64 of 24 to 64 bytes; write what openssl rand -base64 32 prints, with or without whsec_ in front";
}

/** Returns what is wrong with the name of a time zone. */
export function timeZoneFault(text: string): string | undefined {
  try {
    Intl.DateTimeFormat("en", { timeZone: text });
    return undefined;
  } catch {
    return `is ${quote(text)}, which is no time zone; write a name such as Europe/Berlin or UTC`;
  }
}

/** Returns what is wrong with a model name, a glob over model names, a path or anything else that must be one line of text. */
export function lineFault(text: string): string | undefined {
  if (text.trim() === "") return "is empty; write a value or remove the key";
  if (controlCharacter.test(text)) return "holds a control character or line break; write it on one line";
  return text === text.trim() ? undefined : `begins or ends with a space; write ${quote(text.trim())}`;
}

// Framing, routing and encoding belong to the HTTP client.
const managedHeaders = new Set([
  "host",
  "content-length",
  "content-type",
  "content-encoding",
  "transfer-encoding",
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "upgrade",
  "expect",
  "accept",
  "accept-encoding",
]);

/** Returns what is wrong with the name of an extra header. */
export function headerNameFault(name: string): string | undefined {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return "is not a header name; names are letters, digits and hyphens";
  return managedHeaders.has(name.toLowerCase()) ? "is set by ccpb itself; remove it" : undefined;
}

// Credentials are set in the provider's entry alone, so the client's are never forwarded by name.
const credentialHeaders = new Set(["authorization", "proxy-authorization", "x-api-key", "cookie"]);

/** Returns what is wrong with the name of a client's header that a provider is to be sent. */
export function forwardedHeaderFault(name: string): string | undefined {
  if (credentialHeaders.has(name.toLowerCase()))
    return "carries a credential; remove it, and use auth_type: passthrough for the client's own";
  return headerNameFault(name);
}

/** Returns what is wrong with the value of an extra header. */
export function headerValueFault(value: string): string | undefined {
  if (value.trim() === "") return "is empty; write a value or remove the header";
  const bad = unsendable.exec(value)?.[0];
  return bad === undefined
    ? undefined
    : `holds a character that no header can carry (${codePoint(bad)}); write the value on one line, without it`;
}

/** Checks the URL of Redis. The URL is never quoted, because it may hold a password. */
export function storeUrlFault(text: string): string | undefined {
  const form = "write redis://[user:password@]host[:port][/database]";
  if (text.trim() === "") return `is empty; ${form}, or remove shared_state`;
  if (!URL.canParse(text)) return `is no URL; ${form}`;
  const { protocol, hostname, pathname, username, password } = new URL(text);
  if (protocol !== "redis:" && protocol !== "rediss:") return `begins with neither redis:// nor rediss://; ${form}`;
  if (hostname === "") return `names no host; ${form}`;
  if (!/^\/?\d*$/.test(pathname)) return `has something else than the number of a database behind the host; ${form}`;
  // An escape that cannot be read would be found out only when Redis is asked.
  if (/%(?![0-9a-f]{2})/i.test(username + password)) return "holds a % in its user or password; write %25 for it";
  return undefined;
}

/** Checks the prefix of keys in Redis. */
export function prefixFault(text: string): string | undefined {
  if (/^[\w.:{}@-]{1,64}$/.test(text)) return undefined;
  return "is no prefix for keys in Redis; write 1 to 64 letters, digits and . : - _ @ { }";
}

/** Returns what is wrong with the address to listen on. */
export function hostFault(text: string): string | undefined {
  if (text.trim() === "") return "is empty; write 127.0.0.1, or 0.0.0.0 for every network of this machine";
  if (text.includes("/")) return "is a URL or path; write the address alone, such as 127.0.0.1";
  if (/^[^:]*:\d*$|\]:\d*$/.test(text)) return "holds a port; write the address alone, the port has a key of its own";
  // A zone is legal to listen on, though no URL can hold it.
  const isZoned = /^fe80:[0-9a-f:]*%[\w.-]+$/i.test(text);
  if (isZoned || (/^[\w.:[\]-]+$/.test(text) && canonicalHost(text) !== undefined)) return undefined;
  return `is ${quote(text)}, which is no host name or IP address; write one such as 127.0.0.1`;
}

/** Returns what is wrong with an entry of `allowed_hosts`. */
export function hostNameFault(text: string): string | undefined {
  if (text.includes("*")) return "holds a *; names are compared whole, write each of them";
  const fault = hostFault(text);
  // Its advice ends in addresses to listen on.
  const advice = fault?.lastIndexOf("127.0.0.1") ?? -1;
  return advice === -1 ? fault : `${fault?.slice(0, advice)}ccpb.example.com`;
}

const exemptPath = /^(?:(?<methods>[A-Z]+(?:\|[A-Z]+)*) +)?(?<path>\/[^\s?#]*)$/;

/** Returns what is wrong with an entry of `auth.exempt_paths`, such as `/health` or `GET|HEAD /`. */
export function exemptPathFault(text: string): string | undefined {
  return exemptPath.test(text)
    ? undefined
    : `is ${quote(text)}; write a path such as /health, or GET|HEAD / for some methods only`;
}

/** Methods and path of an entry of `auth.exempt_paths` that has no fault. */
export function readExemptPath(text: string): { methods?: readonly string[]; path: string } {
  const { methods, path } = exemptPath.exec(text)?.groups ?? {};
  return { ...(methods !== undefined && { methods: methods.split("|") }), path: path ?? text };
}

/** Returns what is wrong with the `status` of an error rule where it is a text. */
export function statusClassFault(text: string): string | undefined {
  if (/^[1-5]xx$/i.test(text)) return undefined;
  const remedy = /^\d{3}$/.test(text)
    ? `write ${text} without quotes`
    : 'write a status such as 529, or a class such as "5xx"';
  return `is ${quote(text)}; ${remedy}`;
}

/** Returns what is wrong with the `match` of an error rule: a text, or a regular expression between slashes. */
export function matchFault(text: string): string | undefined {
  if (text.trim() === "") return "is empty, which would match every error; write a text or remove the key";
  const reason = reasonOf(text);
  if (reason === undefined) return undefined;
  return `is not a regular expression that can be used (${reason}); correct it, or write a plain text without slashes`;
}

/** Returns why a text cannot be used as a regular expression; undefined where it can. */
export function expressionFault(text: string): string | undefined {
  return reasonOf(`/${text}/`);
}

// JavaScript's own message begins with the whole expression.
function reasonOf(match: string): string | undefined {
  return problemOfMatch(match)?.replace(/^Invalid regular expression: .*: /s, "");
}

function codePoint(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
}
