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
 * Codes of a certificate that this machine does not accept, and of a peer that does not speak TLS. Where it is so with every provider, the clock of this
 * machine is wrong, or its network answers in their place: a proxy that inspects TLS, or the login page of a guest network.
 */
const unsafeForms =
  /^(?:CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|HOSTNAME_MISMATCH$|INVALID_CA$|ERR_TLS_CERT_|ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)$)/;

/**
 * Decides whether no connection to the provider was established, so that the fault may lie with this machine or its
 * network.
 */
export function isConnectFailure(outcome: Outcome): boolean {
  if (outcome.type === "timeout") return outcome.phase === "connect";
  if (outcome.type !== "transport-error") return false;
  const code = transportCode(outcome.cause);
  return connectCodes.has(code) || unsafeForms.test(code);
}
