import type { CcpbError } from "@ccpb/core";
import { refuseForeignPage, refuseFraming, refuseHost } from "./guard.ts";
import { type InboundRequest, pageFolder } from "./inbound-request.ts";
import { anybody, KeyRing, type OwnKey } from "./key-ring.ts";
import type { Caller } from "./permissions.ts";
import type { ServerSettings } from "../config/server-settings.ts";

/** Rules of the settings in force for admitting requests. */
export interface AccessRules {
  readonly keys: KeyRing;
  readonly allowedHosts: ReadonlySet<string>;
  /** Paths that need no key: the methods, or null for every one. */
  readonly exemptPaths: ReadonlyMap<string, ReadonlySet<string> | null>;
}

/** Admits a request, or refuses it with a reason. */
export type Entry =
  | {
      readonly type: "admitted";
      readonly caller: Caller;
      /** The route needs no key: roles do not matter. */ readonly isExempt: boolean;
    }
  | { readonly type: "refused"; readonly error: CcpbError };

/** Returns the access rules that settings describe, made once per configuration. */
export function accessRulesOf(settings: ServerSettings): AccessRules {
  const exemptPaths = new Map<string, ReadonlySet<string> | null>();
  for (const { path, methods } of settings.auth.exemptPaths) {
    const known = exemptPaths.get(path);
    if (methods === undefined || known === null) exemptPaths.set(path, null);
    else exemptPaths.set(path, new Set([...(known ?? []), ...methods]));
  }
  return { keys: new KeyRing(ownKeys(settings)), allowedHosts: new Set(settings.allowedHosts), exemptPaths };
}

/**
 * Returns the keys of the settings with their callers. Keys of `api_keys` are `client-1`, `client-2` and so on; they operate the server, too, as long as
 * no client with a name does.
 */
export function ownKeys({ auth: { apiKeys, clients = [] } }: Pick<ServerSettings, "auth">): readonly OwnKey[] {
  const role = clients.some((client) => client.role === "operator") ? "client" : "operator";
  return [
    ...clients.map((settings) => ({
      caller: { name: settings.name, role: settings.role, settings },
      key: settings.key ?? { sha256: settings.keySha256 ?? "" },
    })),
    ...apiKeys.map((key, index) => ({ caller: { name: `client-${index + 1}`, role }, key }) as const),
  ];
}

/** Lists the names of all clients of the settings; undefined if no key is demanded, so that clients have no names. */
export function clientNames(settings: Pick<ServerSettings, "auth">): readonly string[] | undefined {
  const names = ownKeys(settings).flatMap(({ caller: { name } }) => name ?? []);
  return names.length === 0 ? undefined : names;
}

/**
 * Decides by its head alone whether a request is admitted, and finds its sender: framing, Host, origin, key, in this
 * order.
 */
export function admit(inbound: InboundRequest, rules: AccessRules): Entry {
  const { headers, method, path, incoming } = inbound;
  const error =
    refuseFraming(incoming.httpVersion, headers, incoming.rawHeaders) ??
    refuseHost(headers.host, rules.allowedHosts) ??
    refuseForeignPage(method, path, headers);
  if (error !== undefined) return { type: "refused", error };
  if (rules.keys.isEmpty) return { type: "admitted", caller: anybody, isExempt: true };
  const caller = rules.keys.callerOf(headers);
  const isExempt = needsNoKey(method, path, rules);
  if (caller === undefined && !isExempt) return { type: "refused", error: rules.keys.refusalOf(headers) };
  return { type: "admitted", caller: caller ?? anybody, isExempt };
}

function needsNoKey(method: string, path: string, { exemptPaths }: AccessRules): boolean {
  // The page itself holds nothing: it asks for a key, and what it shows needs one.
  if ((path === "/ui" || path === pageFolder) && (method === "GET" || method === "HEAD")) return true;
  const methods = exemptPaths.get(path);
  return methods === null || methods?.has(method) === true;
}
