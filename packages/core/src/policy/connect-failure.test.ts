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
  ])("where the system says %s", (code) => expect(isAny(code)).toEqual([true, true, true]));

  test("where the deadline of connecting passed, and no other", () => {
    const phases: DeadlinePhase[] = ["connect", "response", "content", "idle", "total", "call"];
    expect(phases.filter((phase) => isConnectFailure({ type: "timeout", phase }))).toEqual(["connect"]);
  });
});

describe("the provider was reached", () => {
  test.each(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET", "HPE_INVALID_CONSTANT", "CERT_HAS_EXPIRED"])(
    "where the system says %s",
    (code) => expect(isAny(code)).toEqual([false, false, false]),
  );

  test.each<Outcome>([
    { type: "response", status: 500, headers: {} },
    { type: "content" },
    { type: "complete" },
    { type: "stream-error", reason: { type: "truncated" } },
    { type: "client-abort" },
    { type: "transport-error", cause: undefined },
  ])("where the outcome is $type", (outcome) => expect(isConnectFailure(outcome)).toBe(false));
});
