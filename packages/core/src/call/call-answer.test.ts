import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CallAnswer } from "./call-answer.ts";
import type { ForwardedAnswer } from "../base/forwarded-answer.ts";
import type { Judgement } from "../base/outcome.ts";

type Failover = Extract<Judgement, { type: "failover" }>;

/** How one attempt ended: a failure without an answer of its own, one that answers if all do, one that always answers, or a refusal of the request. */
type End = "plain" | "if-all" | "always" | "forward";

function answerOf(provider: string): ForwardedAnswer {
  return { status: 404, headers: {}, body: new Uint8Array(), provider };
}

function failover(answer: Failover["answer"]): Failover {
  const reason = { class: "not-found", detail: "x" } as const;
  return { type: "failover", suspect: "unclear", skipProvider: false, reason, ...(answer && { answer }) };
}

/** The attempts of one call, the provider of each named by its number. */
function after(ends: readonly End[]): CallAnswer {
  const answer = new CallAnswer();
  ends.forEach((end, index) => {
    if (end === "forward") answer.forward(answerOf(`${index}`));
    else if (end === "plain") answer.failover(failover(undefined), undefined);
    else answer.failover(failover(end), answerOf(`${index}`));
  });
  return answer;
}

describe("the client is answered", () => {
  test.each<{ ends: End[]; provider: string | undefined; isFinal: boolean; why: string }>([
    { why: "by the balancer where no attempt was made", ends: [], provider: undefined, isFinal: false },
    { why: "by the balancer where a provider failed", ends: ["plain"], provider: undefined, isFinal: false },
    { why: "by the first 404 where all said so", ends: ["if-all", "if-all"], provider: "0", isFinal: false },
    {
      why: "by the balancer where one said 404 and another failed",
      ends: ["if-all", "plain"],
      provider: undefined,
      isFinal: false,
    },
    {
      why: "by the balancer where one failed before the 404",
      ends: ["plain", "if-all"],
      provider: undefined,
      isFinal: false,
    },
    {
      why: "by a context overflow, whatever the others said",
      ends: ["plain", "always", "plain"],
      provider: "1",
      isFinal: true,
    },
    {
      why: "by a context overflow rather than an earlier 404",
      ends: ["if-all", "always"],
      provider: "1",
      isFinal: true,
    },
    { why: "by the first of two context overflows", ends: ["always", "always"], provider: "0", isFinal: true },
    { why: "by the refusal of the request, after a failure", ends: ["plain", "forward"], provider: "1", isFinal: true },
    {
      why: "by the refusal of the request, after a context overflow",
      ends: ["always", "forward"],
      provider: "1",
      isFinal: true,
    },
  ])("$why", ({ ends, provider, isFinal }) => {
    const answer = after(ends);
    expect([answer.get()?.provider, answer.isFinal]).toEqual([provider, isFinal]);
  });
});

const histories = fc.array(fc.constantFrom<End>("plain", "if-all", "always"), { minLength: 1, maxLength: 12 });

test("a failure without an answer of its own leads to the balancer's 503, unless an answer concerns the request", () => {
  fc.assert(
    fc.property(histories, (ends) => {
      const answered = after(ends).get()?.provider;
      const always = ends.indexOf("always");
      if (always !== -1) expect(answered).toBe(`${always}`);
      else expect(answered).toBe(ends.includes("plain") ? undefined : "0");
    }),
  );
});
