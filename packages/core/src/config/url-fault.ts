import { quote } from "./quote.ts";

// Each function answers what is wrong with a URL as the rest of a sentence ("names no host; write …"), or undefined where nothing is. URLs may hold
// credentials, so no part of one is quoted but a plain host.

/** Describes the URLs that a setting takes, and the remedy that a message names for all others. */
export interface UrlForm {
  /** Allowed schemes in lower case, such as `http` and `https`. */
  readonly schemes: readonly string[];
  /** Names of the schemes for messages. */
  readonly begins: string;
  readonly example: string;
  /** A guess at what was meant, ready to be written; undefined where there is none. */
  readonly guess: (text: string) => string | undefined;
}

/**
 * Returns what is wrong with a URL whose scheme takes a host and perhaps a port; undefined where a URL parser reads it as it was meant. A parser takes
 * `http:/host` and `http:\\host` too, which are mistakes here.
 */
export function urlFault(text: string, form: UrlForm): string | undefined {
  if (text.trim() === "") return `is empty; write a URL such as ${form.example}`;
  if (/^(["']).*\1$/.test(text)) return "stands in quotes that are part of it; remove them";
  const scheme = /^([a-z][a-z\d+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined || !form.schemes.includes(scheme)) {
    return spaceFault(text.trim()) ?? `must begin with ${form.begins}; write ${form.guess(text) ?? form.example}`;
  }
  return characterFault(text) ?? authorityFault(text, form.example) ?? parserFault(text, scheme, form.example);
}

// In quotes or behind a scheme, a space is no end of a URL.
function spaceFault(text: string): string | undefined {
  if (/ /.test(text)) return "holds a space; write the URL without it";
  if (/\\/.test(text)) return "holds a backslash; write / instead";
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return /[\u0000-\u001f\u007f-\u009f]/.test(text)
    ? "holds a line break or control character; write the URL without it"
    : undefined;
}

/** Characters that input methods and web pages put in the place of others. */
const lookalikes: Readonly<Record<string, readonly [name: string, remedy: string]>> = {
  "：": ["a full-width colon", 'write ":"'],
  "／": ["a full-width slash", 'write "/"'],
  "＠": ["a full-width @", 'write "@"'],
  "，": ["a full-width comma", "remove it"],
  "；": ["a full-width semicolon", "remove it"],
  "“": ["a typographic quote", "remove it"],
  "”": ["a typographic quote", "remove it"],
  "‘": ["a typographic quote", "remove it"],
  "’": ["a typographic quote", "remove it"],
  "…": ["an ellipsis", "write the whole URL"],
  "\u00a0": ["a no-break space", "remove it"],
  "\u3000": ["a full-width space", "remove it"],
  "\u200b": ["a zero-width space", "remove it"],
  "\u2060": ["a word joiner", "remove it"],
  "\ufeff": ["a byte order mark", "remove it"],
};

function characterFault(text: string): string | undefined {
  return lookalikeFault(text) ?? spaceFault(text);
}

/** Names the first character of a text that only looks like one of those that URLs have, with its place; undefined where there is none. */
export function lookalikeFault(text: string): string | undefined {
  const index = Array.from(text, (character) => lookalikes[character] !== undefined).indexOf(true);
  const character = Array.from(text)[index];
  const found = character === undefined ? undefined : lookalikes[character];
  if (character === undefined || found === undefined) return undefined;
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return `holds ${found[0]} (U+${code}, character ${index + 1}); ${found[1]}`;
}

function authorityFault(text: string, example: string): string | undefined {
  if (/^[^:]+:\/\/[a-z]+:?\/\//i.test(text)) return "has a scheme (https://) twice; remove one of them";
  const authority = /^[^:]+:\/\/([^/?#]*)/.exec(text)?.[1] ?? "";
  const place = authority.slice(authority.lastIndexOf("@") + 1);
  const host = place.startsWith("[") ? /^\[[^\]]*\]?/.exec(place)?.[0] : /^[^:]*/.exec(place)?.[0];
  const port = place.slice(host?.length ?? 0);
  if (!host?.startsWith("[") && (place.match(/:/g)?.length ?? 0) > 1) {
    return "has more than one colon in its host and port; write an IPv6 address in brackets, as in http://[::1]:3128";
  }
  if (host === undefined || host === "") return `names no host; write one such as ${example}`;
  if (host.startsWith("[") && !host.endsWith("]")) return "has a [ without a ]; write both around an IPv6 address";
  if (port !== "" && !/^:\d*$/.test(port)) return `has a port that is no number; write one such as ${example}`;
  if (Number(port.slice(1)) > 65_535) return "has a port above 65535; write the right one";
  return undefined;
}

// Read by the rules of http, where a URL without a host is none.
function parserFault(text: string, scheme: string, example: string): string | undefined {
  const http = /^https?$/.test(scheme) ? text : text.replace(/^[^:]+:/, "http:");
  return URL.canParse(http) ? undefined : `is not a valid URL; write one such as ${example}`;
}

/**
 * Returns a plain host, with a port or a path at most, behind a scheme that is missing or misspelt (`htps://`, `https:/`), as a URL with the right one.
 * Undefined where the rest could hold a credential.
 */
export function withScheme(scheme: string, written: string): string | undefined {
  const text = withoutScheme(written);
  const isHost =
    /^(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}|localhost|\d{1,3}(?:\.\d{1,3}){3})(?::\d{1,5})?(?:\/[\w./-]*)?$/i.test(
      text,
    );
  return isHost ? `${scheme}://${text}` : undefined;
}

/** Returns a URL that stands in a link of Markdown or between angle brackets, in quotes; undefined where there is none, or one with a query or a credential. */
export function embeddedUrl(text: string): string | undefined {
  const url = /(?:^<|\]\()(https?:\/\/[a-z0-9.-]+(?::\d{1,5})?(?:\/[\w./-]*)?)[>)]$/i.exec(text)?.[1];
  return url === undefined ? undefined : quote(url);
}

/** Returns a URL without its scheme, where that is misspelt (`htps://`, `https:/`, `socks5:`), or without the slashes where it has none. */
export function withoutScheme(written: string): string {
  return written.trim().replace(/^h{1,2}[tps]{2,5}(?:[:：]\/*|\/+)|^socks5h?(?:[:：]\/*|\/+)|^\/\//i, "");
}
