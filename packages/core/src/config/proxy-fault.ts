import { lookalikeFault, urlFault, withoutScheme, withScheme } from "./url-fault.ts";

/**
 * Returns what is wrong with the URL of a proxy, of the configuration or of a variable such as `HTTPS_PROXY`, as the rest of a sentence: "has no scheme;
 * write http://HOST:PORT". Proxies are http, https and SOCKS 5. The URL may hold a password and is never quoted.
 *
 * @returns undefined where nothing is wrong with it.
 */
export function proxyFault(text: string): string | undefined {
  if (/^(?:none|no|off|false|0|null|undefined|direct(?::\/\/)?)$/i.test(text)) {
    return "is no URL; remove it to go without a proxy, or write http://HOST:PORT";
  }
  if (/^\$(?:\w+|\{\w+\})$|^%\w+%$/.test(text))
    return "is the name of a variable instead of its value; write http://HOST:PORT";
  if (/^pac\+|\.pac$/i.test(text)) {
    return "is the address of a PAC script, which ccpb does not run; write the proxy that it names, http://HOST:PORT";
  }
  if (/[;,]\s*(?:[a-z]+:\/\/|[\w.-]+:\d)/i.test(text)) return "names several proxies; write one, http://HOST:PORT";
  return schemeFault(text) ?? urlFault(text, formOf(text)) ?? credentialFault(text);
}

function formOf(text: string): { schemes: string[]; begins: string; example: string; guess: () => string | undefined } {
  const isSocks = /^socks/i.test(text);
  return {
    schemes: ["http", "https", "socks5", "socks5h"],
    begins: "http:// or https://",
    example: isSocks ? "socks5://127.0.0.1:1080" : "http://127.0.0.1:3128",
    guess: () => undefined,
  };
}

function schemeFault(text: string): string | undefined {
  const scheme = /^([a-z][a-z\d+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    if (/^["']/.test(text)) return undefined;
    const wanted = /^socks/i.test(text) ? "socks5" : "http";
    const place = withoutScheme(text);
    const plain = /^[\w.-]+:\d{1,5}$/.test(place) ? `${wanted}://${place}` : undefined;
    return (
      lookalikeFault(text) ?? `has no scheme; write ${plain ?? withScheme(wanted, text) ?? `${wanted}://HOST:PORT`}`
    );
  }
  if (/^socks(?!5h?$)/.test(scheme)) {
    return `is a SOCKS proxy of another version (${scheme}://); write socks5://HOST:PORT, or the URL of an http or https proxy`;
  }
  return /^(?:https?|socks5h?)$/.test(scheme) ? undefined : `begins with ${scheme}://; write http://HOST:PORT`;
}

function credentialFault(text: string): string | undefined {
  const { username, password } = new URL(text.replace(/^socks5h?:/i, "http:"));
  try {
    decodeURIComponent(username);
    decodeURIComponent(password);
    return undefined;
  } catch {
    return "has a user or password with a % that begins no percent-encoding; write %25 for a % of its own";
  }
}
