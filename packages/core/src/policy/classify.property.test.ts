import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { ErrorRule } from "../base/config-types.ts";
import type { AttemptFacts } from "./attempt-facts.ts";
import { classify } from "./classify.ts";
import type { Outcome, StreamFailure } from "../base/outcome.ts";

const errorText = fc.record(
  { message: fc.string(), type: fc.string(), code: fc.string() },
  { requiredKeys: ["message"] },
);

const streamFailures: fc.Arbitrary<StreamFailure> = fc.oneof(
  errorText.map((error): StreamFailure => ({ type: "error", error })),
  fc.constant<StreamFailure>({ type: "truncated" }),
  fc.string({ minLength: 1 }).map((detail): StreamFailure => ({ type: "junk", detail })),
  fc.string({ minLength: 1 }).map((detail): StreamFailure => ({ type: "not-an-answer", detail })),
);

const bodies = fc.oneof(
  fc.string(),
  fc.json(),
  errorText.map((error) => JSON.stringify({ error })),
);

const outcomes: fc.Arbitrary<Outcome> = fc.oneof(
  fc.record({
    type: fc.constant("response" as const),
    status: fc.integer({ min: 0, max: 999 }),
    headers: fc.dictionary(
      fc.constantFrom(
        "retry-after",
        "retry-after-ms",
        "x-ratelimit-reset-requests",
        "x-ratelimit-remaining-requests",
        "location",
      ),
      fc.oneof(fc.string(), fc.array(fc.string(), { maxLength: 2 })),
    ),
    body: bodies,
  }),
  fc.constantFrom<Outcome>({ type: "content" }, { type: "complete" }, { type: "client-abort" }),
  fc
    .constantFrom("connect", "response", "content", "idle", "total", "call")
    .map((phase) => ({ type: "timeout" as const, phase })),
  fc.record({ type: fc.constant("transport-error" as const), cause: fc.anything(), reusedSocket: fc.boolean() }),
  streamFailures.map((reason) => ({ type: "stream-error" as const, reason })),
);

const facts: fc.Arbitrary<AttemptFacts> = fc.record({
  providerType: fc.constantFrom("anthropic", "openai"),
  stream: fc.boolean(),
  hasContent: fc.boolean(),
  hasThinking: fc.boolean(),
  retried: fc
    .subarray(["fresh-socket", "without-thinking", "lower-max-tokens"] as const)
    .map((changes) => new Set(changes)),
  wallNowMs: fc.constant(1_800_000_000_000),
});

const rules: fc.Arbitrary<ErrorRule[]> = fc.array(
  fc.record(
    {
      status: fc.oneof(fc.integer({ min: 0, max: 999 }), fc.constantFrom("4xx", "5xx")),
      match: fc.oneof(
        fc.string(),
        fc.string().map((text) => `/${text}/`),
      ),
      action: fc.constantFrom("stop", "failover"),
      cooldownMs: fc.nat(),
    },
    { requiredKeys: ["action"] },
  ),
  { maxLength: 3 },
);

test("every outcome has a judgement, with finite cooldowns", () => {
  fc.assert(
    fc.property(outcomes, facts, rules, (outcome, attempt, operator) => {
      const judgement = classify(outcome, attempt, operator);
      if ("charge" in judgement && judgement.charge && "ms" in judgement.charge.cooldown) {
        expect(Number.isFinite(judgement.charge.cooldown.ms)).toBe(true);
        expect(judgement.charge.cooldown.ms).toBeGreaterThanOrEqual(0);
      }
      if (judgement.type !== "continue") expect(judgement.reason.detail.length).toBeGreaterThan(0);
    }),
    { numRuns: 2_000 },
  );
});

test("after content nothing fails over, is forwarded or tried again", () => {
  fc.assert(
    fc.property(outcomes, facts, rules, (outcome, attempt, operator) => {
      const judgement = classify(outcome, { ...attempt, hasContent: true }, operator);
      expect(["continue", "refuse"]).toContain(judgement.type);
    }),
  );
});

test("each change is tried at most once", () => {
  fc.assert(
    fc.property(outcomes, facts, (outcome, attempt) => {
      const judgement = classify(outcome, attempt, []);
      if (judgement.type === "retry") expect(attempt.retried.has(judgement.change)).toBe(false);
    }),
  );
});

test("without rules nothing is forwarded but what blames the request, and a forward charges nobody", () => {
  fc.assert(
    fc.property(outcomes, facts, (outcome, attempt) => {
      const judgement = classify(outcome, attempt, []);
      if (judgement.type !== "forward") return;
      expect(outcome.type === "response" && [400, 404, 413, 422, 500].includes(outcome.status)).toBe(true);
      expect(judgement).not.toHaveProperty("charge");
    }),
    { numRuns: 2_000 },
  );
});
