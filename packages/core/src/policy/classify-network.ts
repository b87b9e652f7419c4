import { CredentialError } from "../base/authorize.ts";
import { printable } from "../failures/printable.ts";
import type { AttemptFacts } from "./attempt-facts.ts";
import { failover, weighed } from "./judgements.ts";
import { withAdvice } from "./network-advice.ts";
import type { DeadlinePhase, Judgement, Outcome, Reason } from "../base/outcome.ts";
import { transportCode } from "../base/reason.ts";

/** Party at fault for a connection that failed, by the system's code for it. */
export type NetworkSuspect = "host" | "provider" | "unclear";

// Our own machine or network: descriptors, sockets, routes, local firewalls, the resolver, a proxy that all providers share.
const hostCodes: ReadonlySet<string> = new Set([
  "EMFILE",
  "ENFILE",
  "ENOBUFS",
  "ENOMEM",
  "EADDRNOTAVAIL",
  "EADDRINUSE",
  "ENETUNREACH",
  "ENETDOWN",
  "ENONET",
  "EACCES",
  "EPERM",
  "EAI_AGAIN",
  "EAI_MEMORY",
  "EAI_SYSTEM",
  "ERR_LOOKUP_QUEUED",
  "ERR_LOOKUP_TIMEOUT",
  "ERR_PROXY_CONNECT",
]);

// Errors that no request can cause: of the name, the port, the certificate, the protocol.
const providerCodes: ReadonlySet<string> = new Set([
  "ENOTFOUND",
  "EAI_NONAME",
  "EAI_NODATA",
  "ENODATA",
  "ECONNREFUSED",
  "EPROTO",
  "HOSTNAME_MISMATCH",
  "INVALID_CA",
  "INVALID_PURPOSE",
  "PATH_LENGTH_EXCEEDED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UND_ERR_HEADERS_OVERFLOW",
]);

const providerForms = /^(?:CERT_|CRL_|UNABLE_TO_|ERROR_IN_C|ERR_TLS_|ERR_SSL_|ERR_HTTP_INVALID|HPE_)/;

/** Finds the suspect for a system's code such as `ECONNREFUSED`. */
export function networkSuspect(code: string): NetworkSuspect {
  if (hostCodes.has(code)) return "host";
  return providerCodes.has(code) || providerForms.test(code) ? "provider" : "unclear";
}

/** Returns the judgement on a connection that failed before any content. */
export function judgeTransportError(
  outcome: Extract<Outcome, { type: "transport-error" }>,
  facts: AttemptFacts,
): Judgement {
  if (outcome.cause instanceof CredentialError) return judgeCredentialError(outcome.cause);
  const code = transportCode(outcome.cause);
  const suspect = networkSuspect(code);
  if (suspect === "host") return hostTrouble(code);
  if (outcome.reusedSocket === true && !facts.retried.has("fresh-socket")) {
    return freshSocket({ class: "connect", detail: `a kept connection failed (${code})` });
  }
  if (facts.hasHeaders === true) {
    return weighed({ class: "bad-answer", detail: `the connection broke within the answer (${code})` });
  }
  const reason: Reason = { class: "connect", detail: `the connection failed (${withAdvice(code)})` };
  return suspect === "provider" ? failover(reason, "provider") : weighed(reason, "provider");
}

/** No credential could be had: the credential's failure. One that is still being fetched is asked for again soon. */
function judgeCredentialError({ message, isPending }: CredentialError): Judgement {
  const detail = isPending ? "its credential is still being fetched" : "its credential could not be had";
  const reason: Reason = { class: "auth", detail, words: printable(message) };
  return failover(reason, "key", { kind: isPending ? "short" : "base" });
}

/** The next provider may be reachable otherwise; nothing is charged, because nothing was learned about this one. */
function hostTrouble(code: string): Judgement {
  const detail = `this machine or its network failed (${withAdvice(code)})`;
  return { type: "failover", reason: { class: "host", detail }, suspect: "host", skipProvider: true };
}

function freshSocket(reason: Reason): Judgement {
  return { type: "retry", change: "fresh-socket", reason };
}

const settings: Readonly<Record<DeadlinePhase, string>> = {
  connect: "timeouts.connect",
  response: "timeouts.response or request_timeout",
  content: "timeouts.first_content",
  idle: "timeouts.idle",
  total: "timeouts.total",
  call: "timeouts.call",
};

/** Returns the sentence about a deadline that passed; it names the setting to raise. */
export function deadlineText(phase: DeadlinePhase): string {
  return `the ${phase} deadline passed (if the provider only needs longer, raise ${settings[phase]})`;
}

/** Returns the judgement on a deadline that passed before any content. */
export function judgeDeadline(outcome: Extract<Outcome, { type: "timeout" }>, facts: AttemptFacts): Judgement {
  const { phase } = outcome;
  const reason: Reason = { class: "timeout", detail: deadlineText(phase) };
  const isSilentSocket = outcome.reusedSocket === true && facts.hasHeaders !== true;
  if (isSilentSocket && phase !== "call" && phase !== "connect" && !facts.retried.has("fresh-socket")) {
    return freshSocket({ class: "timeout", detail: `a kept connection gave no byte: ${reason.detail}` });
  }
  // The time of the whole call may have been spent by others.
  if (phase === "call") return { type: "failover", reason, suspect: "unclear", skipProvider: true };
  return weighed(reason, phase === "connect" ? "provider" : "deployment");
}
