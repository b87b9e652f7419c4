import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Availability } from "../health/cells.ts";
import { type Choice, choose, type ChoiceFacts, probeAtMs } from "./choose.ts";
import { rank, type RankedCandidate, type RankInput } from "./select.ts";

const nowMs = 10_000;
const reason = { class: "timeout", detail: "x" } as const;
const closed: Availability = { type: "closed" };
const free: Availability = { type: "half-open", leaseFree: true, probeAtMs: -Infinity };
const never = { type: "wait", wakeAtMs: Infinity, isHeard: true } as const;

/** A half-open circuit with a probe under way, beside which another may be made from `probeAtMs` on. */
function probed(probeAtMs: number): Availability {
  return { type: "half-open", leaseFree: false, probeAtMs };
}

/** A circuit that is open until `untilMs`; `Infinity`: for a time that the provider stated. */
function open(untilMs: number, probeAtMs: number, isProbed = false): Availability {
  return { type: "open", untilMs, reason, probeAtMs, isProbed };
}

type Shape = readonly [provider: string, availability: Availability, change?: Partial<RankInput>];

function ranking(shapes: readonly Shape[]): readonly RankedCandidate[] {
  const inputs = shapes.map(([provider, availability, change]): RankInput => ({
    candidate: { provider, keyIndex: 0, model: "m" },
    availability,
    lacks: [],
    inFlight: 0,
    ...change,
  }));
  return rank(inputs, { strategy: "priority", random: () => 0.5, turn: 0 });
}

/** A choice in short: `a`, `a early`, or the choice itself where none is tried. */
function chosen(shapes: readonly Shape[], facts: Partial<ChoiceFacts> = {}): string | Choice {
  const choice = choose(ranking(shapes), { nowMs, probesEarly: true, ...facts });
  return choice.type === "try" ? `${choice.candidate.provider}${choice.isEarly ? " early" : ""}` : choice;
}

const full = { isFull: true };
const lacking = { lacks: ["images"] };

describe("with early probes", () => {
  test.each<{ name: string; shapes: Shape[]; is: string | Choice }>([
    {
      name: "the first in good health is tried",
      shapes: [
        ["a", closed],
        ["b", closed],
      ],
      is: "a",
    },
    {
      name: "a recovered one is probed while another could serve",
      shapes: [
        ["a", free],
        ["b", closed],
      ],
      is: "a",
    },
    {
      name: "a recovered one that is alone is probed early",
      shapes: [
        ["a", free],
        ["b", open(20_000, Infinity)],
      ],
      is: "a early",
    },
    {
      name: "a recovered one is no early probe where another is only full",
      shapes: [
        ["a", free],
        ["b", closed, full],
      ],
      is: "a",
    },
    { name: "a cooling one is probed when it is due", shapes: [["a", open(20_000, nowMs)]], is: "a early" },
    {
      name: "a cooling one is not probed while another can serve",
      shapes: [
        ["a", open(20_000, 0)],
        ["b", closed],
      ],
      is: "b",
    },
    {
      name: "a cooling one is probed also while another is only full",
      shapes: [
        ["a", open(20_000, 0)],
        ["b", closed, full],
      ],
      is: "a early",
    },
    {
      name: "a call waits for the next early probe",
      shapes: [["a", open(70_000, 12_000)]],
      is: { type: "wait", wakeAtMs: 12_000, isHeard: false },
    },
    {
      name: "a call waits for the soonest of several",
      shapes: [
        ["a", open(70_000, 14_000)],
        ["b", open(80_000, 11_000)],
      ],
      is: { type: "wait", wakeAtMs: 11_000, isHeard: false },
    },
    {
      name: "a stated wait is kept to its end",
      shapes: [["a", open(70_000, Infinity)]],
      is: { type: "wait", wakeAtMs: 70_000, isHeard: false },
    },
    {
      name: "what a probe shows is heard",
      shapes: [["a", open(70_000, 12_000, true)]],
      is: { type: "wait", wakeAtMs: 12_000, isHeard: true },
    },
    {
      name: "what a probe shows ends no stated wait",
      shapes: [["a", open(70_000, Infinity, true)]],
      is: { type: "wait", wakeAtMs: 70_000, isHeard: false },
    },
    {
      name: "a call waits for a probe under way",
      shapes: [["a", probed(15_000)]],
      is: { type: "wait", wakeAtMs: 15_000, isHeard: true },
    },
    {
      name: "a probe that is silent for too long is followed by another",
      shapes: [["a", probed(nowMs)]],
      is: "a early",
    },
    { name: "a call waits for room, however long", shapes: [["a", closed, full]], is: never },
    { name: "one that lacks something is tried where no other is left", shapes: [["a", closed, lacking]], is: "a" },
    {
      name: "one that lacks something is tried rather than waiting for a cooling one",
      shapes: [
        ["a", closed, lacking],
        ["b", open(20_000, 12_000)],
      ],
      is: "a",
    },
    {
      name: "one that lacks something is passed by while another is only full",
      shapes: [
        ["a", closed, lacking],
        ["b", closed, full],
      ],
      is: never,
    },
    { name: "without candidates there is nothing to wait for", shapes: [], is: { type: "none" } },
  ])("$name", ({ shapes, is }) => expect(chosen(shapes)).toEqual(is));
});

describe("without early probes (`last_resort: false`)", () => {
  test.each<{ name: string; shapes: Shape[]; is: string | Choice }>([
    { name: "a cooling one is not tried, nor waited for", shapes: [["a", open(20_000, 0)]], is: { type: "none" } },
    { name: "a half-open one is used beside its probe", shapes: [["a", probed(15_000)]], is: "a" },
    { name: "a recovered one is no early probe", shapes: [["a", free]], is: "a" },
    {
      name: "a full one is waited for",
      shapes: [
        ["a", closed, full],
        ["b", open(20_000, 0)],
      ],
      is: never,
    },
  ])("$name", ({ shapes, is }) => expect(chosen(shapes, { probesEarly: false })).toEqual(is));
});

test("after its wait a call takes one that lacks something", () => {
  const shapes: Shape[] = [
    ["a", closed, lacking],
    ["b", closed, full],
  ];
  expect(chosen(shapes, { mayLack: true })).toBe("a");
});

const availabilities: fc.Arbitrary<Availability> = fc.oneof(
  fc.constantFrom(closed, free),
  fc.integer({ min: 0, max: 20_000 }).map(probed),
  fc
    .tuple(
      fc.integer({ min: nowMs + 1, max: 90_000 }),
      fc.oneof(fc.integer({ min: 0, max: 90_000 }), fc.constant(Infinity)),
      fc.boolean(),
    )
    .map(([untilMs, atMs, isProbed]) => open(untilMs, Math.min(atMs, atMs === Infinity ? atMs : untilMs), isProbed)),
);

const rankings = fc
  .array(fc.record({ availability: availabilities, isFull: fc.boolean(), lacks: fc.subarray(["images"]) }), {
    maxLength: 6,
  })
  .map((all) => ranking(all.map(({ availability, ...change }, index) => [`p${index}`, availability, change] as const)));

const facts: fc.Arbitrary<ChoiceFacts> = fc.record({
  nowMs: fc.constant(nowMs),
  probesEarly: fc.boolean(),
  mayLack: fc.boolean(),
});

function holdsFor(check: (ranked: readonly RankedCandidate[], facts: ChoiceFacts, choice: Choice) => void): void {
  fc.assert(
    fc.property(rankings, facts, (ranked, given) => check(ranked, given, choose(ranked, given))),
    { numRuns: 500 },
  );
}

describe("whatever the candidates are", () => {
  test("a limit is never exceeded, and a wait that the provider stated is kept", () => {
    holdsFor((ranked, _facts, choice) => {
      if (choice.type !== "try") return;
      const one = ranked.find(({ candidate }) => candidate === choice.candidate);
      expect(one?.obstacle).not.toBe("full");
      if (one?.availability.type === "open") expect(one.availability.probeAtMs).toBeLessThanOrEqual(nowMs);
    });
  });

  test("one that can do everything and may be tried is tried: no call waits then", () => {
    holdsFor((ranked, _facts, choice) => {
      const first = ranked.find(({ obstacle, isLacking }) => obstacle === "none" && !isLacking);
      if (first) expect(choice).toMatchObject({ type: "try", candidate: first.candidate });
    });
  });

  test("a call that may not wait any longer takes any that may be tried", () => {
    holdsFor((ranked, { mayLack }, choice) => {
      if (mayLack === true && ranked.some(({ obstacle }) => obstacle === "none")) expect(choice.type).toBe("try");
    });
  });

  test("a probe is early only where no other that can do everything may be tried", () => {
    holdsFor((ranked, { probesEarly }, choice) => {
      if (choice.type !== "try" || !choice.isEarly) return;
      expect(probesEarly).toBe(true);
      for (const { candidate, obstacle, isLacking } of ranked) {
        if (candidate !== choice.candidate && !isLacking) expect(obstacle).not.toBe("none");
      }
    });
  });

  test("a wait ends later than now, so that no call looks again and again in the same moment", () => {
    holdsFor((_ranked, _facts, choice) => {
      if (choice.type === "wait") expect(choice.wakeAtMs).toBeGreaterThan(nowMs);
    });
  });

  test("a wait has an end that some event or the clock brings", () => {
    holdsFor((_ranked, _facts, choice) => {
      if (choice.type === "wait") expect(choice.isHeard || Number.isFinite(choice.wakeAtMs)).toBe(true);
    });
  });

  test("with early probes no call is refused while there is a candidate", () => {
    holdsFor((ranked, { probesEarly }, choice) => {
      if (probesEarly && ranked.length > 0) expect(choice.type).not.toBe("none");
    });
  });

  test("without early probes no cooling candidate is tried", () => {
    holdsFor((ranked, { probesEarly }, choice) => {
      if (probesEarly || choice.type !== "try") return;
      expect(ranked.find(({ candidate }) => candidate === choice.candidate)?.obstacle).not.toBe("cooling");
    });
  });

  test("one that is full or in good health has no time of a probe", () => {
    holdsFor((ranked) => {
      for (const one of ranked) {
        if (one.obstacle === "full" || one.availability.type === "closed") expect(probeAtMs(one)).toBe(Infinity);
      }
    });
  });
});
