import { describe, expect, test } from "vitest";
import { isConnectFailure } from "./connect-failure.ts";
import type { DeadlinePhase, Outcome } from "../base/outcome.ts";

/** An error as Node and undici throw it: the code may stand anywhere in the chain of causes. */
function failed(code: string): unknown[] {
  const plain = Object.assign(new Error(code), { code });
  return [plain, new Error("fetch failed", { cause: plain }), Object.assign(new Error("all"), { errors: [plain] })];
}

const isAny = (code: string): boolean[] =>
  failed(code).map((cause) => isConnectFailure({ type: "transport-error", cause }));

describe("a connection never came about", () => {
  test.each([
    "ECONNREFUSED",
    "EHOSTUNREACH",
    "EHOSTDOWN",
    "ENETUNREACH",
    "ENETDOWN",
    "ENOTFOUND",
    "EAI_AGAIN",
    "ETIMEDOUT",
    "UND_ERR_CONNECT_TIMEOUT",
    "ERR_PROXY_CONNECT",
    "ERR_LOOKUP_QUEUED",
    "ERR_LOOKUP_TIMEOUT",
    // Where a certificate holds at no provider, the clock of this machine is wrong, or something in its network answers for all of them.
    "CERT_HAS_EXPIRED",
    "CERT_NOT_YET_VALID",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "ERR_SSL_WRONG_VERSION_NUMBER",
    "ERR_SSL_PACKET_LENGTH_TOO_LONG",
  ])("where the system says %s", (code) => expect(isAny(code)).toEqual([true, true, true]));

  test("where the deadline of connecting passed, and no other", () => {
    const phases: DeadlinePhase[] = ["connect", "response", "content", "idle", "total", "call"];
    expect(phases.filter((phase) => isConnectFailure({ type: "timeout", phase }))).toEqual(["connect"]);
  });
});

describe("the provider was reached", () => {
  test.each([
    "ECONNRESET",
    "EPIPE",
    "UND_ERR_SOCKET",
    "HPE_INVALID_CONSTANT",
    "ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE",
    "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL",
  ])("where the system says %s", (code) => expect(isAny(code)).toEqual([false, false, false]));

  test.each<Outcome>([
    { type: "response", status: 500, headers: {} },
    { type: "content" },
    { type: "complete" },
    { type: "stream-error", reason: { type: "truncated" } },
    { type: "client-abort" },
    { type: "transport-error", cause: undefined },
  ])("where the outcome is $type", (outcome) => expect(isConnectFailure(outcome)).toBe(false));
});
