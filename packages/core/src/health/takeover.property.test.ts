import * as fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { reasonClasses, type ReasonClass } from "../base/outcome.ts";
import type { CircuitPolicy } from "./cooldown.ts";
import { isProvidersWord } from "./evidence.ts";
import { mergeShared, openingLimit, type SharedCircuit, type SharedOpening, unknownCircuit } from "./merge.ts";
import { parseHealthChange } from "./replica.ts";
import { type Candidate, type CircuitScope, scopeOf } from "../base/scope.ts";
import { HealthTable } from "./table.ts";
import { saidByProvider, takenOver } from "./takeover.ts";

const policy: CircuitPolicy = {
  baseMs: 60_000,
  maxCooldownMs: 600_000,
  maxBackoffMs: 900_000,
  threshold: 1,
  resetMs: 300_000,
};
const provider: CircuitScope = { type: "provider", provider: "a" };
const candidate: Candidate = { provider: "a", keyIndex: 0, model: "m" };

/** Which classes other hosts take over: spelled out once more, so that a new class is decided on and not slipped in. */
const said: readonly ReasonClass[] = [
  "account",
  "auth",
  "rate-limit",
  "overloaded",
  "server-error",
  "not-found",
  "rule",
];

// Small numbers, so that times collide.
const time = fc.integer({ min: 1, max: 12 });
const reasonClass = fc.constantFrom(...reasonClasses);
const opening: fc.Arbitrary<SharedOpening> = fc
  .record({
    openedAtMs: time,
    lastsMs: time,
    failedProbes: fc.nat(2),
    class: reasonClass,
    words: fc.option(fc.constantFrom("x", "y")),
  })
  .map(({ openedAtMs, lastsMs, failedProbes, class: name, words }) => ({
    openedAtMs,
    untilMs: openedAtMs + lastsMs,
    backoffMs: lastsMs,
    failedProbes,
    reason: { class: name, detail: "HTTP 500", ...(words !== null && { words }) },
  }));
const views: fc.Arbitrary<SharedCircuit> = fc
  .array(
    fc.oneof(
      opening.map((one): SharedCircuit => ({ openings: [one], recoveredThroughMs: 0 })),
      time.map((recoveredThroughMs): SharedCircuit => ({ openings: [], recoveredThroughMs })),
      time.map((ms): SharedCircuit => ({ openings: [], recoveredThroughMs: 0, servedElsewhereThroughMs: ms })),
      time.map((ms): SharedCircuit => ({ openings: [], recoveredThroughMs: ms, resetThroughMs: ms })),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.reduce(mergeShared, unknownCircuit));

describe("the join of views with openings of both kinds", () => {
  it("is commutative, associative and idempotent, and the unknown adds nothing", () => {
    fc.assert(
      fc.property(views, views, views, (a, b, c) => {
        expect(mergeShared(a, b)).toEqual(mergeShared(b, a));
        expect(mergeShared(mergeShared(a, b), c)).toEqual(mergeShared(a, mergeShared(b, c)));
        expect(mergeShared(a, a)).toEqual(a);
        expect(mergeShared(a, unknownCircuit)).toEqual(a);
      }),
      { numRuns: 2_000 },
    );
  });

  it("lets a reset win over every opening that is not younger, in whatever order they come", () => {
    fc.assert(
      fc.property(views, time, views, (before, resetMs, after) => {
        const reset: SharedCircuit = { openings: [], recoveredThroughMs: resetMs, resetThroughMs: resetMs };
        for (const view of [mergeShared(mergeShared(before, reset), after), [after, before, reset].reduce(mergeShared)])
          expect(view.openings.every(({ openedAtMs }) => openedAtMs > resetMs)).toBe(true);
      }),
    );
  });

  it("lets a success elsewhere answer the provider's word and nothing else", () => {
    fc.assert(
      fc.property(views, time, (view, ms) => {
        const after = mergeShared(view, { openings: [], recoveredThroughMs: 0, servedElsewhereThroughMs: ms });
        expect(after.openings.filter((one) => !isProvidersWord(one))).toEqual(
          view.openings.filter((one) => !isProvidersWord(one)),
        );
        expect(after.openings.filter((one) => isProvidersWord(one) && one.openedAtMs <= ms)).toEqual([]);
      }),
    );
  });

  it("is the same before and after what is local has been left out", () => {
    fc.assert(
      fc.property(views, views, (a, b) => {
        expect(saidByProvider(mergeShared(a, b)).openings.map(({ untilMs }) => untilMs)).toEqual(
          mergeShared(saidByProvider(a), saidByProvider(b)).openings.map(({ untilMs }) => untilMs),
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it("stays bounded, however many openings there are", () => {
    const many = Array.from({ length: 5_000 }, (_, index): SharedCircuit => {
      const reason = { class: index % 2 === 0 ? "connect" : "overloaded", detail: "" } as const;
      const ms = index + 1;
      return {
        openings: [{ openedAtMs: ms, untilMs: 1e6 - ms, backoffMs: 1, failedProbes: 0, reason }],
        recoveredThroughMs: 0,
      };
    });
    expect(many.reduce(mergeShared).openings).toHaveLength(2 * openingLimit);
  });
});

test.each(reasonClasses)("an opening for the reason %s is taken over only if the provider itself said it", (name) => {
  const health = new HealthTable({ policy, random: () => 0.5, share: () => undefined });
  const reason = { class: name, detail: "" };
  const one = { openedAtMs: 1_000, untilMs: 61_000, backoffMs: 60_000, failedProbes: 0, reason };
  const change = { scope: provider, circuit: { openings: [one], recoveredThroughMs: 0 } };
  health.apply(change, 1_000);
  expect(health.status("a", 1_000).state).toBe(said.includes(name) ? "open" : "closed");
  // A worker of the same host shares its network.
  health.apply({ ...change, isSameHost: true }, 1_000);
  expect(health.status("a", 1_000).state).toBe("open");
});

const foreign = fc.record({
  openedAtMs: fc.double({ min: 0, max: 1e13, noNaN: true }),
  untilMs: fc.oneof(fc.double({ min: 0, max: 1e13, noNaN: true }), fc.constant(Number.MAX_VALUE)),
  backoffMs: fc.double({ min: 0, max: Number.MAX_VALUE, noNaN: true }),
  failedProbes: fc.nat(),
  reason: fc.record({ class: reasonClass, detail: fc.string() }),
});

test("whatever other hosts say, nothing lasts longer than this host's own policy, nor do the back-offs", () => {
  const nowMs = 1_700_000_000_000;
  fc.assert(
    fc.property(fc.array(foreign, { maxLength: 20 }), fc.array(fc.nat(10_000), { maxLength: 3 }), (openings, agos) => {
      const recoveredThroughMs = nowMs - (agos[0] ?? nowMs);
      const taken = takenOver({ openings, recoveredThroughMs }, { nowMs, policy, sinceMs: nowMs - (agos[1] ?? 0) });
      for (const { openedAtMs, untilMs, backoffMs, failedProbes, reason } of taken.openings) {
        // Sums, as differences of such times lose the last digit.
        expect(untilMs).toBeLessThanOrEqual(nowMs + policy.maxCooldownMs);
        expect(untilMs).toBeLessThanOrEqual(openedAtMs + policy.maxCooldownMs);
        expect(openedAtMs).toBeLessThanOrEqual(nowMs);
        expect(backoffMs).toBeLessThanOrEqual(policy.maxBackoffMs);
        expect(failedProbes).toBeLessThanOrEqual(32);
        expect(said).toContain(reason.class);
      }
    }),
    { numRuns: 1_000 },
  );
});

test("a host that repeats fresh openings without end keeps a provider out for max_cooldown between two attempts of this host", () => {
  const health = new HealthTable({ policy, random: () => 0.5, share: () => undefined });
  const reason = { class: "rate-limit", detail: "HTTP 429" } as const;
  let attempts = 0;
  for (let nowMs = 1_000; nowMs <= 6_000_000; nowMs += 1_000) {
    const one = { openedAtMs: nowMs, untilMs: nowMs + 9e9, backoffMs: 9e9, failedProbes: 0, reason };
    health.apply({ scope: provider, circuit: { openings: [one], recoveredThroughMs: 0 } }, nowMs);
    const availability = health.availability(candidate, nowMs);
    if (availability.type === "open") continue;
    attempts += 1;
    const lease = health.acquire(candidate, { nowMs, expiresAtMs: nowMs + 1_000 });
    health.succeed(lease, nowMs + 1);
  }
  // Once every 600 s, as if the provider itself had said 429 with an hour each time it was asked.
  expect(attempts).toBeGreaterThanOrEqual(9);
});

test("a reset of one process closes what every other has found out by itself, and what arrives late", () => {
  const heard: Parameters<HealthTable["apply"]>[0][] = [];
  const operator = new HealthTable({ policy, random: () => 0.5, share: (change) => heard.push(change) });
  const other = new HealthTable({ policy, random: () => 0.5, share: () => undefined });
  const failures = (["provider", "deployment", "key", "key-deployment"] as const).map((type) => {
    const reason = { class: "connect", detail: "ECONNREFUSED" } as const;
    const lease = other.acquire(candidate, { nowMs: 1_000, expiresAtMs: 2_000 });
    other.fail(lease, { scope: type, cooldown: { kind: "base" }, when: "now" }, { reason, nowMs: 1_000 });
    const one = { openedAtMs: 1_000, untilMs: 61_000, backoffMs: 60_000, failedProbes: 0, reason };
    return {
      scope: scopeOf(candidate, type) as CircuitScope,
      circuit: { openings: [one], recoveredThroughMs: 0 },
      isSameHost: true,
    };
  });
  expect(other.availability(candidate, 1_500).type).toBe("open");
  operator.reset(2_000, { provider: "a" });
  for (const change of heard) other.apply(JSON.parse(JSON.stringify(change)) as typeof change, 2_001);
  expect(other.availability(candidate, 2_001).type).toBe("closed");
  for (const change of failures) {
    other.apply(change, 2_002);
    operator.apply(change, 2_002);
  }
  expect([other, operator].map((one) => one.availability(candidate, 2_002).type)).toEqual(["closed", "closed"]);
});

test("other hosts cannot push out what this one knows of its models, nor make it store without bound", () => {
  const health = new HealthTable({ policy, random: () => 0.5, share: () => undefined });
  const reason = { class: "overloaded", detail: "HTTP 529" } as const;
  for (let index = 0; index < 100; index += 1) {
    const lease = health.acquire({ ...candidate, model: `own-${index}` }, { nowMs: 1, expiresAtMs: 2 });
    health.fail(lease, { scope: "deployment", cooldown: { kind: "base" }, when: "now" }, { reason, nowMs: 1_000 });
  }
  const one = { openedAtMs: 1_000, untilMs: 9e12, backoffMs: 1, failedProbes: 0, reason };
  for (let index = 0; index < 3_000; index += 1) {
    const scope = { type: "deployment", provider: "a", model: `foreign-${index}` } as const;
    health.apply({ scope, circuit: { openings: [one], recoveredThroughMs: 0 } }, 1_000);
  }
  const models = health.status("a", 1_000).deployments.map(({ model }) => model);
  expect(models.filter((model) => model.startsWith("own-"))).toHaveLength(100);
  expect(models.length).toBeLessThanOrEqual(128);
});

const badNames = [
  "",
  "m".repeat(513),
  "é".repeat(257),
  "a\u0000b",
  "a\nb",
  "\u001b[31m",
  "a\u0085",
  "a\u202eb",
  "\u2066a",
  "\u200fa",
];
describe.each(badNames)("a name such as %j", (name) => {
  it("is refused as a provider's and as a model's", () => {
    const circuit = { openings: [], recoveredThroughMs: 1 };
    for (const scope of [
      { type: "provider", provider: name },
      { type: "deployment", provider: "a", model: name },
      { type: "key-deployment", provider: "a", keyIndex: 0, model: name },
    ])
      expect(parseHealthChange({ scope, circuit })).toBeUndefined();
  });
});

test("a name of 512 bytes is accepted, in any script", () => {
  const circuit = { openings: [], recoveredThroughMs: 1 };
  for (const model of ["m".repeat(512), "é".repeat(256), "模".repeat(170)])
    expect(parseHealthChange({ scope: { type: "deployment", provider: "a", model }, circuit })).toBeDefined();
});
