import { BlockList, isIP } from "node:net";
import { proxyFault } from "@ccpb/core/internal";
import type { ProxyTarget } from "./proxy-target.ts";

/** The variables that say which proxy leads outside; names in either case, as curl reads them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Returns the proxy on the way to `origin`: the provider's own one in any case, else `HTTPS_PROXY` or `HTTP_PROXY` by the origin's scheme, else
 * `ALL_PROXY`, unless `NO_PROXY` covers the host or the host is this machine.
 *
 * @throws `Error` for a proxy that is no http(s) or socks5 URL; the message does not name its credentials.
 */
export function proxyRoute(origin: URL, own: string | undefined, environment: Environment): ProxyTarget | undefined {
  if (own !== undefined) return { ...parseProxy(own), isShared: false };
  const variable = proxyVariable(origin, environment);
  if (variable === undefined) return undefined;
  try {
    return { ...parseProxy(environment[variable] ?? ""), isShared: true };
  } catch (cause) {
    throw new Error(
      `${cause instanceof Error ? cause.message : String(cause)} (in ${variable}); NO_PROXY names hosts that need none`,
      { cause },
    );
  }
}

/** The variable whose proxy leads to `origin`; undefined where none does. */
function proxyVariable(origin: URL, environment: Environment): string | undefined {
  const own = origin.protocol === "https:" ? "https_proxy" : "http_proxy";
  const variable = nameIn(environment, own) ?? nameIn(environment, "all_proxy");
  if (variable === undefined || isThisMachine(origin.hostname)) return undefined;
  const exemptions = nameIn(environment, "no_proxy");
  return exemptions !== undefined && isExempt(origin, environment[exemptions] ?? "") ? undefined : variable;
}

/**
 * Finds the spelling of a variable in the environment, in lower case or in capitals; undefined if it is unset or
 * empty.
 */
function nameIn(environment: Environment, name: string): string | undefined {
  return [name, name.toUpperCase()].find((each) => (environment[each] ?? "") !== "");
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
    if (entry.includes("/")) return isInNetwork(origin, entry);
    const [, host = "", entryPort] = /^(?:\*?\.)?(.+?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
    if (host === "" || (entryPort !== undefined && Number(entryPort) !== port)) return false;
    return origin.hostname === host || origin.hostname.endsWith(`.${host}`);
  });
}

// With socks5 as with socks5h it is the proxy that resolves the provider's name. Spaces around the URL are left out, as programs that read these
// variables do.
function parseProxy(written: string): Omit<ProxyTarget, "isShared"> {
  const uri = written.trim();
  const fault = proxyFault(uri);
  if (fault !== undefined) throw new Error(`the proxy ${fault}`);
  const url = new URL(uri);
  const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  const isSocks = url.protocol.startsWith("socks");
  return {
    kind: isSocks ? "socks5" : "http",
    hostname: bareHostname(url),
    port: isSocks && url.port === "" ? 1080 : portOf(url),
    secure: url.protocol === "https:",
    credential: user === "" && password === "" ? undefined : { user, password },
  };
}

/**
 * Decides whether the host of `origin` is an address within a network such as 10.0.0.0/8 or fd00::/8; false for
 * names, and for an entry that is no network.
 */
function isInNetwork(origin: URL, entry: string): boolean {
  const [network = "", bits = ""] = entry.split("/");
  const host = bareHostname(origin);
  const [family, hostFamily] = [isIP(network), isIP(host)];
  if (family === 0 || family !== hostFamily || !/^\d+$/.test(bits)) return false;
  if (Number(bits) > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family === 4 ? "ipv4" : "ipv6");
  return list.check(host, family === 4 ? "ipv4" : "ipv6");
}

/** Returns the port of an http(s) URL, the scheme's own where none is written. */
export function portOf(url: URL): number {
  if (url.port !== "") return Number(url.port);
  return url.protocol === "https:" ? 443 : 80;
}

/** Returns the host name of a URL without the brackets of an IPv6 address. */
export function bareHostname(url: URL): string {
  return url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
}
