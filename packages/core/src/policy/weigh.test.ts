import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CallEnding, type Evidence, isHostSuspected, weigh } from "./weigh.ts";

const unclear: Evidence = { provider: "a", suspect: "unclear", isConnect: false, when: "weighed" };
const unconnected: Evidence = { ...unclear, isConnect: true };
const missing: Evidence = { ...unclear, suspect: "provider", when: "if-served" };
const host: Evidence = { ...unclear, suspect: "host", isConnect: true };

const endings: readonly CallEnding[] = ["served", "failed", "answered", "abandoned"];

describe("one attempt at one provider costs, by how its call ended", () => {
  test.each([
    { name: "an unclear failure", evidence: unclear, costs: ["charge", "note", "drop", "note"] },
    { name: "a connection that failed", evidence: unconnected, costs: ["charge", "charge", "charge", "drop"] },
    { name: "a 404, 405, 501 or unknown model", evidence: missing, costs: ["charge", "drop", "drop", "drop"] },
    { name: "a fault of this machine", evidence: host, costs: ["drop", "drop", "drop", "drop"] },
  ])("$name: $costs", ({ evidence, costs }) => {
    expect(endings.map((ending) => weigh([evidence], { ending, hasHeard: false })[0])).toEqual(costs);
  });
});

describe("this machine is suspected", () => {
  const b = { ...unconnected, provider: "b" };
  test.each([
    { name: "where two providers could not be connected to", attempts: [unconnected, b], is: true },
    { name: "but not after one provider, asked twice", attempts: [unconnected, unconnected], is: false },
    {
      name: "but not where one of them answered with a failure",
      attempts: [unconnected, { ...b, isConnect: false }],
      is: false,
    },
    { name: "but not without any attempt", attempts: [], is: false },
  ])("$name", ({ attempts, is }) => {
    expect(isHostSuspected(attempts, { ending: "failed", hasHeard: false })).toBe(is);
  });

  test("only by a call that failed, and to which no provider has answered anything", () => {
    const attempts = [unconnected, b];
    for (const ending of endings) {
      expect(isHostSuspected(attempts, { ending, hasHeard: true })).toBe(false);
      expect(isHostSuspected(attempts, { ending, hasHeard: false })).toBe(ending === "failed");
    }
  });

  test("and no provider is charged then", () => {
    expect(weigh([unconnected, b], { ending: "failed", hasHeard: false })).toEqual(["drop", "drop"]);
    expect(weigh([unconnected, b], { ending: "failed", hasHeard: true })).toEqual(["charge", "charge"]);
  });
});

const evidences: fc.Arbitrary<Evidence[]> = fc.array(
  fc.record({
    provider: fc.constantFrom("a", "b", "c"),
    suspect: fc.constantFrom("provider", "credential", "request", "host", "unclear"),
    isConnect: fc.boolean(),
    when: fc.constantFrom("if-served", "weighed"),
  }),
  { maxLength: 12 },
);

test("each attempt gets one weighing, in the order of the attempts", () => {
  fc.assert(
    fc.property(evidences, fc.constantFrom(...endings), fc.boolean(), (attempts, ending, hasHeard) => {
      expect(weigh(attempts, { ending, hasHeard })).toHaveLength(attempts.length);
    }),
  );
});

test("a request that failed everywhere charges no provider that it had a connection to", () => {
  fc.assert(
    fc.property(evidences, fc.constantFrom<CallEnding>("failed", "answered", "abandoned"), (attempts, ending) => {
      const weighed = weigh(attempts, { ending, hasHeard: true });
      attempts.forEach(({ isConnect }, index) => {
        if (!isConnect) expect(weighed[index]).not.toBe("charge");
      });
    }),
  );
});

test("a served call notes nothing: it charges every attempt but those that failed on this machine", () => {
  fc.assert(
    fc.property(evidences, fc.boolean(), (attempts, hasHeard) => {
      const expected = attempts.map(({ suspect }) => (suspect === "host" ? "drop" : "charge"));
      expect(weigh(attempts, { ending: "served", hasHeard })).toEqual(expected);
    }),
  );
});

test("a fault of this machine costs no provider anything", () => {
  fc.assert(
    fc.property(evidences, fc.constantFrom(...endings), fc.boolean(), (attempts, ending, hasHeard) => {
      const weighed = weigh(
        attempts.map((attempt) => ({ ...attempt, suspect: "host" as const })),
        { ending, hasHeard },
      );
      expect(new Set(weighed)).not.toContain("charge");
      expect(new Set(weighed)).not.toContain("note");
    }),
  );
});
