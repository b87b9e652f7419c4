import type { ProxyTarget } from "./dial.ts";

/** The variables that say which proxy leads outside; names in either case, as curl reads them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy on the way to `origin`: the provider's own one in any case, else `HTTPS_PROXY` or `HTTP_PROXY` by the origin's scheme, unless
 * `NO_PROXY` covers the host or the host is this machine. Throws on a proxy that is no http(s) URL, without naming its credentials.
 */
export function proxyRoute(origin: URL, own: string | undefined, environment: Environment): ProxyTarget | undefined {
  const uri = own ?? environmentProxy(origin, environment);
  return uri === undefined ? undefined : { ...parseProxy(uri), isShared: own === undefined };
}

function environmentProxy(origin: URL, environment: Environment): string | undefined {
  const name = origin.protocol === "https:" ? "https_proxy" : "http_proxy";
  const uri = read(environment, name);
  if (uri === undefined || isThisMachine(origin.hostname)) return undefined;
  return isExempt(origin, read(environment, "no_proxy") ?? "") ? undefined : uri;
}

function read(environment: Environment, name: string): string | undefined {
  return [environment[name], environment[name.toUpperCase()]].find((value) => value !== undefined && value !== "");
}

function isThisMachine(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127\.[\d.]+$/.test(hostname)
  );
}

function isExempt(origin: URL, list: string): boolean {
  const port = portOf(origin);
  return list.split(/[\s,]+/).some((entry) => {
    if (entry === "*") return true;
    const [, host = "", entryPort] = /^(?:\*?\.)?(.+?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
    if (host === "" || (entryPort !== undefined && Number(entryPort) !== port)) return false;
    return origin.hostname === host || origin.hostname.endsWith(`.${host}`);
  });
}

function parseProxy(uri: string): Omit<ProxyTarget, "isShared"> {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new Error("the proxy is not an http(s) URL");
  }
  const credential = `${decoded(url.username)}:${decoded(url.password)}`;
  return {
    hostname: bareHostname(url),
    port: portOf(url),
    secure: url.protocol === "https:",
    authorization: credential === ":" ? undefined : `Basic ${Buffer.from(credential).toString("base64")}`,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new Error("the proxy's user or password has a % that begins no percent-encoding; write %25 for a %", {
      cause,
    });
  }
}

/** The port of an http(s) URL, the scheme's own where none is written. */
export function portOf(url: URL): number {
  if (url.port !== "") return Number(url.port);
  return url.protocol === "https:" ? 443 : 80;
}

/** The host name of a URL without the brackets of an IPv6 address. */
export function bareHostname(url: URL): string {
  return url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
}
