import fc from "fast-check";
import { expect, it } from "vitest";
import type { CallView } from "./call-history.ts";
import { callOutcomes, findCalls } from "./find-calls.ts";

interface PageFilter {
  fits(call: CallView, query: { readonly words: readonly string[]; readonly outcome: string }): boolean;
}

const path = "../ui/page/filter.js";
const { fits } = (await import(path)) as PageFilter;

const text = fc.constantFrom("Alpha", "beta", "req_1", "claude-opus-5", "kimi", "rate-limit", "429");
const textOrNull = fc.option(text);
const attempt = fc.record({
  provider: text,
  model: textOrNull,
  status: fc.option(fc.constantFrom(200, 429, 500)),
  reason: textOrNull,
  words: textOrNull,
  upstream_request_id: textOrNull,
});
const call = fc.record({
  id: text,
  model: textOrNull,
  client: textOrNull,
  session: textOrNull,
  state: fc.constantFrom("complete", "error", "truncated", "client_cancelled"),
  status: fc.option(fc.constantFrom(200, 429, 503)),
  refusal: textOrNull,
  started_at: fc.nat(),
  duration_ms: fc.nat(),
  attempts: fc.array(attempt, { maxLength: 3 }),
});
const query = fc.record({
  words: fc.array(fc.constantFrom("alpha", "beta", "req", "opus", "429", "limit", "nothing"), { maxLength: 2 }),
  outcome: fc.constantFrom(...callOutcomes),
});

it("finds the calls that the page itself would show", () => {
  const outcomes = new Set<boolean>();
  fc.assert(
    fc.property(call, query, (made, { words, outcome }) => {
      const one = made as unknown as CallView;
      const isFound = findCalls([one], { words, outcome, limit: 1 }).matched === 1;
      expect(fits(one, { words, outcome })).toBe(isFound);
      outcomes.add(isFound);
    }),
    { numRuns: 2_000 },
  );
  expect(outcomes.size).toBe(2);
});
