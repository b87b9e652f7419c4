import type { Reason, ReasonClass } from "../base/outcome.ts";

/**
 * Finder of failures of each class. `provider`: the provider answered with a status, so that the failure holds for
 * every host. `path`: the network, the proxy or the machine of the host may have failed, so that no other host takes
 * it over.
 */
const finders: Readonly<Record<ReasonClass, "provider" | "path">> = {
  account: "provider",
  auth: "provider",
  "rate-limit": "provider",
  overloaded: "provider",
  "server-error": "provider",
  "not-found": "provider",
  // An operator's rule matches a status or an error object of the provider.
  rule: "provider",
  connect: "path",
  timeout: "path",
  host: "path",
  // A captive portal redirects; a firewall judges the address that a host comes from; a middlebox cuts and rewrites answers.
  redirect: "path",
  firewall: "path",
  "bad-answer": "path",
  "stream-broken": "path",
  // Nothing is charged for these, so no opening of ours names one.
  "tool-use-failed": "path",
  untranslatable: "path",
  moderated: "path",
  overflow: "path",
  "client-error": "path",
  "client-abort": "path",
};

/** Returns whether the provider itself said what opened the circuit, as opposed to a failure on the way to it. */
export function isProvidersWord({ reason }: { readonly reason: Reason }): boolean {
  return finders[reason.class] === "provider";
}
