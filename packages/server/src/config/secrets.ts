import type { BalancerConfig } from "@ccpb/core";
import type { ServerSettings } from "./server-settings.ts";

/** Configuration with its secrets. */
interface SecretHolder {
  readonly config: BalancerConfig;
  readonly server: ServerSettings;
}

/** Returns every value of a configuration that must appear in no log line: keys of providers, our own keys, credentials in proxies and extra headers. */
export function secretsOf({ config, server }: SecretHolder): string[] {
  const secrets = [...server.auth.apiKeys, ...(server.auth.clients ?? []).flatMap(({ key }) => key ?? [])];
  for (const { auth, proxy, headers } of config.providers) {
    if ("keys" in auth) for (const key of auth.keys) secrets.push(key);
    if (proxy !== undefined && URL.canParse(proxy)) {
      const { username, password } = new URL(proxy);
      for (const one of [username, password]) secrets.push(one, ...decoded(one));
    }
    for (const [name, value] of Object.entries(headers ?? {})) if (isCredentialName(name)) secrets.push(value);
  }
  if (server.sharedState !== undefined) for (const one of credentialsIn(server.sharedState.redis)) secrets.push(one);
  for (const { url, secret } of server.webhooks)
    secrets.push(...secretPartsOf(url), ...(secret === undefined ? [] : [secret]));
  return secrets;
}

/** The address of a webhook whole, and what stands after its host. */
function secretPartsOf(url: string): readonly string[] {
  if (!URL.canParse(url)) return [url];
  const { pathname, search } = new URL(url);
  return [url, ...(pathname.length + search.length >= 16 ? [pathname + search] : [])];
}

function credentialsIn(url: string): readonly string[] {
  if (!URL.canParse(url)) return [];
  const { password } = new URL(url);
  return password === "" ? [] : [url, password, ...decoded(password)];
}

/** The text without its percent-encoding, in which it is used; nothing where it cannot be decoded, since then it is never used decoded. */
function decoded(text: string): readonly string[] {
  try {
    return [decodeURIComponent(text)];
  } catch {
    return [];
  }
}

function isCredentialName(name: string): boolean {
  return /auth|key|token|secret|cookie/i.test(name);
}
