import { describe, expect, it } from "vitest";
import type { Outcome, RetryChange } from "../base/outcome.ts";
import type { AttemptFacts } from "./attempt-facts.ts";
import { classify } from "./classify.ts";

const nowMs = Date.UTC(2026, 10, 29, 12, 0, 0);
const hourMs = 3_600_000;

function facts(change: Partial<AttemptFacts> = {}): AttemptFacts {
  return {
    providerType: "bedrock",
    stream: true,
    hasContent: false,
    hasThinking: false,
    renewsCredential: true,
    retried: new Set<RetryChange>(),
    wallNowMs: nowMs,
    ...change,
  };
}

interface Said {
  readonly status?: number;
  /** In AWS's header; absent: the message alone says it. */
  readonly name?: string;
  readonly message: string;
  /** By the provider's clock; null: without a Date header. */
  readonly dateMs?: number | null;
}

function refused({ status = 403, name, message, dateMs = nowMs + hourMs }: Said): Outcome {
  return {
    type: "response",
    status,
    headers: {
      ...(name !== undefined && { "x-amzn-errortype": `${name}:http://internal.amazon.com/coral/` }),
      ...(dateMs !== null && { date: new Date(dateMs).toUTCString() }),
    },
    body: JSON.stringify({ message }),
  };
}

const expired = "Signature expired: 20261129T090000Z is now earlier than 20261129T125500Z (20261129T130000Z - 5 min.)";
const early =
  "Signature not yet current: 20261129T150000Z is still later than 20261129T130500Z (20261129T130000Z + 5 min.)";
const mismatch = "The request signature we calculated does not match the signature you provided.";

describe("a provider that refuses the time of a signature", () => {
  it.each<Said>([
    { name: "InvalidSignatureException", message: expired },
    { name: "InvalidSignatureException", message: early },
    { name: "InvalidSignatureException", message: mismatch },
    { name: "SignatureDoesNotMatch", message: mismatch },
    { name: "SignatureDoesNotMatch", message: expired },
    {
      name: "RequestTimeTooSkewed",
      message: "The difference between the request time and the current time is too large.",
    },
    { name: "RequestExpired", message: "Request has expired.", status: 400 },
    { name: "RequestInTheFuture", message: "Request timestamp is in the future." },
    { name: "AuthFailure", message: "AWS was not able to validate the provided access credentials", status: 401 },
    { message: expired },
    { message: early, status: 401 },
    { message: "Signature has expired", status: 401 },
    { message: "The request signature is not yet valid" },
  ])("is asked again by its own clock: $status $name $message", (said) => {
    const judgement = classify(refused(said), facts(), []);
    expect(judgement).toMatchObject({ type: "retry", change: "provider-time", providerTimeMs: nowMs + hourMs });
  });

  it("is asked by its own clock also where that agrees with this machine's, which may have been set meanwhile", () => {
    const outcome = refused({ name: "InvalidSignatureException", message: expired, dateMs: nowMs });
    expect(classify(outcome, facts(), [])).toMatchObject({ change: "provider-time", providerTimeMs: nowMs });
  });

  it("is asked so once", () => {
    const retried = new Set<RetryChange>(["provider-time", "fresh-credential"]);
    const outcome = refused({ name: "InvalidSignatureException", message: expired });
    expect(classify(outcome, facts({ retried }), [])).toMatchObject({ type: "failover", reason: { class: "auth" } });
  });
});

describe("a refusal that is not about the time", () => {
  it.each<Said>([
    { name: "InvalidSignatureException", message: mismatch, dateMs: nowMs + 60_000 },
    { name: "InvalidSignatureException", message: mismatch, dateMs: null },
    { name: "InvalidSignatureException", message: expired, dateMs: null },
    { name: "UnrecognizedClientException", message: "The security token included in the request is invalid." },
    { name: "ExpiredTokenException", message: "The security token included in the request is expired" },
  ])("renews the credential: $name $dateMs $message", (said) => {
    expect(classify(refused(said), facts(), [])).toMatchObject({ type: "retry", change: "fresh-credential" });
  });

  it("of a provider whose credential is a fixed one is as before", () => {
    const outcome = refused({ name: "InvalidSignatureException", message: expired });
    expect(classify(outcome, facts({ renewsCredential: false }), [])).toMatchObject({ type: "failover" });
  });

  it("is not read into words about thinking", () => {
    const message =
      "messages.1.content.0: Invalid `signature` in `thinking` block; the request time budget is expired by no means";
    const judgement = classify(refused({ status: 400, message }), facts(), []);
    expect(judgement).not.toMatchObject({ change: "provider-time" });
  });
});
