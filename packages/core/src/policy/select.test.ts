import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SelectionStrategy } from "../base/config-types.ts";
import type { Availability } from "../health/cells.ts";
import type { Candidate } from "../base/scope.ts";
import { HealthTable } from "../health/table.ts";
import { expectedWaitMs, rank, type RankInput, type RankOptions, tierOf } from "./select.ts";

const closed: Availability = { type: "closed" };
const free: Availability = { type: "half-open", leaseFree: true, probeAtMs: -Infinity };
const probed: Availability = { type: "half-open", leaseFree: false, probeAtMs: 10_000 };

function open(untilMs: number): Availability {
  return { type: "open", untilMs, reason: { class: "timeout", detail: "x" }, probeAtMs: Infinity };
}

function input(
  provider: string,
  change: Partial<Omit<RankInput, "candidate">> & { keyIndex?: number; model?: string } = {},
): RankInput {
  const { keyIndex = 0, model = "m", ...rest } = change;
  return { candidate: { provider, keyIndex, model }, availability: closed, lacks: [], inFlight: 0, ...rest };
}

function order(inputs: readonly RankInput[], options: Partial<RankOptions> = {}): string {
  const ranked = rank(inputs, { strategy: "priority", random: () => 0.5, turn: 0, ...options });
  return ranked
    .map(({ candidate: { provider, keyIndex } }) => (keyIndex === 0 ? provider : `${provider}${keyIndex}`))
    .join(" ");
}

/** Deterministic numbers in [0, 1) (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe("availability", () => {
  test("a recovering preferred provider is used again at once, by one probe", () => {
    expect(order([input("a", { availability: free }), input("b")])).toBe("a b");
    expect(order([input("a", { availability: probed }), input("b")])).toBe("b a");
  });

  test("open candidates stand at the end, the soonest to recover first, and are marked", () => {
    const ranked = rank(
      [
        input("a", { availability: open(9) }),
        input("b", { availability: open(5) }),
        input("c", { availability: probed }),
        input("d"),
      ],
      {
        strategy: "priority",
        random: () => 0.5,
        turn: 0,
      },
    );
    expect(ranked.map(({ candidate, standing }) => [candidate.provider, standing])).toEqual([
      ["d", "usable"],
      ["c", "reserve"],
      ["b", "open"],
      ["a", "open"],
    ]);
  });

  test("a full provider comes after those that can serve, and before those that are out", () => {
    const full = input("a", { inFlight: 3, maxConcurrent: 3 });
    expect(order([full, input("b"), input("c", { availability: open(1) })])).toBe("b a c");
    expect(order([input("a", { inFlight: 2, maxConcurrent: 3 }), input("b")])).toBe("a b");
    expect(order([full, input("b", { availability: probed })])).toBe("b a");
  });

  test("a provider that lacks something comes after all that do not, even those on probe or full", () => {
    const lacking = input("a", { lacks: ["images"] });
    expect(order([lacking, input("b", { availability: probed }), input("c", { inFlight: 1, maxConcurrent: 1 })])).toBe(
      "b c a",
    );
    expect(order([lacking, input("b", { availability: open(1) })])).toBe("a b");
  });

  test("a provider's next key stands in for the first before other providers do", () => {
    expect(order([input("a"), input("a", { keyIndex: 1 }), input("b")])).toBe("a a1 b");
    expect(order([input("a", { availability: open(1) }), input("a", { keyIndex: 1 }), input("b")])).toBe("a1 b a");
    expect(order([input("a", { availability: probed }), input("a", { keyIndex: 1 }), input("b")])).toBe("a1 b a");
  });
});

describe("half-open", () => {
  const policy = { baseMs: 60_000, maxCooldownMs: 3_600_000, maxBackoffMs: 900_000, threshold: 1, resetMs: 300_000 };
  const [a, b] = ["a", "b"].map((provider) => ({ provider, keyIndex: 0, model: "m" }));

  /** Ten requests that come at the same time, as soon as `a` has cooled: who each goes to, and whether as the probe. */
  function arrivals(candidates: readonly Candidate[]): string[] {
    const health = new HealthTable({ policy, random: () => 0.5 });
    const failure = { reason: { class: "timeout", detail: "x" }, nowMs: 0 } as const;
    const first = health.acquire(a!, { nowMs: 0, expiresAtMs: 1 });
    health.fail(first, { scope: "provider", cooldown: { kind: "base" }, when: "now" }, failure);
    const nowMs = 60_000;
    return Array.from({ length: 10 }, () => {
      const inputs = candidates.map((candidate) =>
        input(candidate.provider, { availability: health.availability(candidate, nowMs) }),
      );
      const [chosen] = rank(inputs, { strategy: "priority", random: () => 0.5, turn: 0 });
      const lease = health.acquire(chosen!.candidate, { nowMs, expiresAtMs: nowMs + 1_000 });
      return `${chosen!.candidate.provider} ${chosen!.standing}${lease.probe ? " probe" : ""}`;
    });
  }

  test("U06: one request makes the probe, the others go to who can serve", () => {
    expect(arrivals([a!, b!])).toEqual(["a usable probe", ...Array.from({ length: 9 }, () => "b usable")]);
  });

  test("U07: where nobody else can serve, all go along with the probe", () => {
    expect(arrivals([a!])).toEqual(["a usable probe", ...Array.from({ length: 9 }, () => "a reserve")]);
  });
});

describe("strategies", () => {
  const three = [input("a"), input("b"), input("c")];

  test("priority keeps the file's order", () => {
    expect(order(three)).toBe("a b c");
  });

  test("round_robin starts one further with each call", () => {
    const turns = [0, 1, 2, 3].map((turn) => order(three, { strategy: "round_robin", turn }));
    expect(turns).toEqual(["a b c", "b c a", "c a b", "a b c"]);
  });

  test("round_robin shares the turns of one that is out among all others", () => {
    const inputs = [input("a", { availability: open(1) }), input("b"), input("c")];
    const turns = [0, 1, 2, 3].map((turn) => order(inputs, { strategy: "round_robin", turn }));
    expect(turns).toEqual(["b c a", "c b a", "b c a", "c b a"]);
  });

  test("keys stay together and in order under every strategy", () => {
    const inputs = [input("a"), input("a", { keyIndex: 1 }), input("b"), input("b", { keyIndex: 1 })];
    expect(order(inputs, { strategy: "round_robin", turn: 1 })).toBe("b b1 a a1");
    expect(["a a1 b b1", "b b1 a a1"]).toContain(order(inputs, { strategy: "random", random: seeded(3) }));
  });

  test("weighted draws the first in proportion to the weights, and every other after it", () => {
    const inputs = [input("a", { weight: 3 }), input("b"), input("c", { weight: 0 })];
    const random = seeded(1);
    const firsts: Record<string, number> = { a: 0, b: 0, c: 0 };
    for (let index = 0; index < 4_000; index += 1) {
      const ranked = order(inputs, { strategy: "weighted", random });
      expect(ranked.split(" ")[2]).toBe("c");
      firsts[ranked.slice(0, 1)] = (firsts[ranked.slice(0, 1)] ?? 0) + 1;
    }
    expect(firsts["a"]).toBeGreaterThan(2_850);
    expect(firsts["a"]).toBeLessThan(3_150);
    expect(firsts["c"]).toBe(0);
  });

  test("random puts each first equally often", () => {
    const random = seeded(2);
    const firsts = new Map<string, number>();
    for (let index = 0; index < 3_000; index += 1) {
      const first = order(three, { strategy: "random", random }).slice(0, 1);
      firsts.set(first, (firsts.get(first) ?? 0) + 1);
    }
    expect(firsts.size).toBe(3);
    for (const count of firsts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(120);
  });

  test("least_latency weighs the attempts under way, and tries the unmeasured once", () => {
    const inputs = [
      input("a", { latencyMs: 500 }),
      input("b", { latencyMs: 200, inFlight: 3 }),
      input("c", { latencyMs: 300 }),
    ];
    expect(order(inputs, { strategy: "least_latency" })).toBe("c a b");
    expect(order([...inputs, input("d")], { strategy: "least_latency" })).toBe("d c a b");
    expect(order([...inputs, input("d", { inFlight: 1 })], { strategy: "least_latency" })).toBe("c a b d");
  });

  test("least_busy takes the one with the fewest attempts under way, the preferred of equals", () => {
    expect(
      order([input("a", { inFlight: 2 }), input("b", { inFlight: 1 }), input("c", { inFlight: 1 })], {
        strategy: "least_busy",
      }),
    ).toBe("b c a");
  });
});

describe("affinity", () => {
  test.each<SelectionStrategy>(["priority", "round_robin", "random", "least_busy"])(
    "the bound provider goes first under %s",
    (strategy) => {
      const inputs = [input("a"), input("b"), input("b", { keyIndex: 1 }), input("c")];
      expect(order(inputs, { strategy, turn: 2, boundProvider: "b", random: seeded(5) })).toMatch(/^b b1 /);
    },
  );

  test("it never stands in the way of a failover", () => {
    expect(order([input("a"), input("b", { availability: open(1) })], { boundProvider: "b" })).toBe("a b");
    expect(order([input("a"), input("b", { availability: probed })], { boundProvider: "b" })).toBe("a b");
    expect(order([input("a"), input("b", { lacks: ["images"] })], { boundProvider: "b" })).toBe("a b");
    expect(order([input("a"), input("b")], { boundProvider: "gone" })).toBe("a b");
  });
});

const inputs = fc
  .uniqueArray(
    fc.record({
      provider: fc.constantFrom("a", "b", "c", "d"),
      keyIndex: fc.nat(1),
      availability: fc.oneof(fc.constantFrom(closed, free, probed), fc.nat(9).map(open)),
      lacks: fc.subarray(["images"]),
      inFlight: fc.nat(3),
      maxConcurrent: fc.integer({ min: 1, max: 3 }),
      weight: fc.nat(3),
      latencyMs: fc.nat(1_000),
    }),
    { selector: ({ provider, keyIndex }) => `${provider}${keyIndex}` },
  )
  .map((records) => records.map(({ provider, ...rest }) => input(provider, rest)));

const options: fc.Arbitrary<RankOptions> = fc
  .record({
    strategy: fc.constantFrom("priority", "round_robin", "weighted", "random", "least_latency", "least_busy"),
    turn: fc.nat(),
    seed: fc.integer(),
    boundProvider: fc.constantFrom("a", "b", "none"),
  })
  .map(({ seed, ...rest }) => ({ ...rest, random: seeded(seed) }));

test("every strategy gives an order of all candidates: nobody is lost, nobody comes twice", () => {
  fc.assert(
    fc.property(inputs, options, (candidates, choice) => {
      const ranked = rank(candidates, choice).map(({ candidate }) => candidate);
      expect(new Set(ranked)).toEqual(new Set(candidates.map(({ candidate }) => candidate)));
      expect(ranked).toHaveLength(candidates.length);
    }),
  );
});

test("who can serve at once comes first, who is out comes last", () => {
  fc.assert(
    fc.property(inputs, options, (candidates, choice) => {
      const tiers = new Map(candidates.map((one) => [one.candidate, tierOf(one)]));
      const ranked = rank(candidates, choice).map(({ candidate }) => tiers.get(candidate) ?? -1);
      expect(ranked).toEqual(ranked.toSorted((a, b) => a - b));
    }),
  );
});

test("an unmeasured provider costs nothing while idle and most while busy", () => {
  expect(expectedWaitMs({ inFlight: 0 })).toBe(0);
  expect(expectedWaitMs({ inFlight: 1 })).toBeGreaterThan(expectedWaitMs({ latencyMs: 1e9, inFlight: 100 }));
});
