import type { Outcome } from "../base/outcome.ts";
import { transportCode } from "../base/reason.ts";

/** The system's codes for a connection that never came about, of Node and of the server's transport. */
const connectCodes: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "EHOSTDOWN",
  "ENETUNREACH",
  "ENETDOWN",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EAI_FAIL",
  "EAI_NODATA",
  "EAI_NONAME",
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "ERR_PROXY_CONNECT",
  "ERR_LOOKUP_QUEUED",
  "ERR_LOOKUP_TIMEOUT",
]);

/**
 * Decides whether no connection to the provider was established, so that the fault may lie with this machine or its
 * network.
 */
export function isConnectFailure(outcome: Outcome): boolean {
  if (outcome.type === "timeout") return outcome.phase === "connect";
  return outcome.type === "transport-error" && connectCodes.has(transportCode(outcome.cause));
}
