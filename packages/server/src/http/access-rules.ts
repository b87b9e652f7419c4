import type { CcpbError } from "@ccpb/core";
import { refuseForeignPage, refuseFraming, refuseHost } from "./guard.ts";
import type { InboundRequest } from "./inbound-request.ts";
import { KeyRing } from "./key-ring.ts";
import type { ServerSettings } from "../config/server-settings.ts";

/** What the settings in force say about who may come in. */
export interface AccessRules {
  readonly keys: KeyRing;
  readonly allowedHosts: ReadonlySet<string>;
  /** Paths that need no key: the methods, or null for every one. */
  readonly exemptPaths: ReadonlyMap<string, ReadonlySet<string> | null>;
}

/** The access rules that settings describe, made once per configuration. */
export function accessRulesOf(settings: ServerSettings): AccessRules {
  const exemptPaths = new Map<string, ReadonlySet<string> | null>();
  for (const { path, methods } of settings.auth.exemptPaths) {
    const known = exemptPaths.get(path);
    if (methods === undefined || known === null) exemptPaths.set(path, null);
    else exemptPaths.set(path, new Set([...(known ?? []), ...methods]));
  }
  return { keys: new KeyRing(settings.auth.apiKeys), allowedHosts: new Set(settings.allowedHosts), exemptPaths };
}

/** Why a request may not come in, by its head alone: framing, Host, origin, key, in this order. */
export function refuseEntry(inbound: InboundRequest, rules: AccessRules): CcpbError | undefined {
  const { headers, method, path, incoming } = inbound;
  return (
    refuseFraming(incoming.httpVersion, headers, incoming.rawHeaders) ??
    refuseHost(headers.host, rules.allowedHosts) ??
    refuseForeignPage(method, path, headers) ??
    (isExempt(method, path, rules) ? undefined : rules.keys.refuse(headers))
  );
}

function isExempt(method: string, path: string, { keys, exemptPaths }: AccessRules): boolean {
  // The page itself holds nothing: it asks for a key, and what it shows needs one.
  if (keys.isEmpty || (path === "/ui" && (method === "GET" || method === "HEAD"))) return true;
  const methods = exemptPaths.get(path);
  return methods === null || methods?.has(method) === true;
}
