import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Moments } from "./moments.ts";
import { parseMessage, type WireMessage } from "./wire.ts";

const duration = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const age = fc.double({ min: 0, max: 1e6, noNaN: true });
const change = fc.record({
  scope: fc.constantFrom(
    { type: "provider", provider: "a" } as const,
    { type: "key-deployment", provider: "a", keyIndex: 1, model: "m" } as const,
  ),
  identity: fc.string(),
  openings: fc.array(
    fc.record({
      id: fc.string({ minLength: 1, maxLength: 20 }),
      ageMs: age,
      remainingMs: duration,
      backoffMs: age,
      failedProbes: fc.nat(5),
      reason: fc.constant({ class: "overloaded", detail: "HTTP 529" } as const),
    }),
    { maxLength: 4 },
  ),
  recovery: fc.option(fc.record({ id: fc.string({ minLength: 1, maxLength: 20 }), agoMs: age })),
});
const span = fc.option(fc.integer({ min: 1, max: 2_592_000_000 }));
const control = fc.record({
  target: fc.string({ minLength: 1, maxLength: 40 }),
  state: fc.constantFrom("disabled", "draining", "blocked", "free"),
  version: fc.nat(),
  forMs: span,
  remainingMs: span,
  by: fc.string({ minLength: 1, maxLength: 20 }),
  reason: fc.option(fc.string({ minLength: 1, maxLength: 40 })),
  proof: fc.string({ minLength: 1, maxLength: 40 }),
});
const message = fc.record(
  {
    ccpb: fc.constant(1 as const),
    from: fc.uuid(),
    sentAtMs: duration,
    changes: fc.array(change, { maxLength: 4 }),
    controls: fc.array(control, { minLength: 1, maxLength: 4 }),
  },
  { requiredKeys: ["ccpb", "from", "sentAtMs", "changes"] },
);

test.each([
  ["more decisions than a process has", Array.from({ length: 201 }, () => valid())],
  ["no list", { 0: valid() }],
  ["a target of 2,001 characters", [{ ...valid(), target: "x".repeat(2_001) }]],
  ["a version below zero", [{ ...valid(), version: -1 }]],
  ["a version beyond whole numbers", [{ ...valid(), version: 2 ** 53 }]],
  ["a span that is over", [{ ...valid(), remainingMs: 0 }]],
  ["a span of 31 days", [{ ...valid(), forMs: 31 * 86_400_000 }]],
  ["a state in capitals", [{ ...valid(), state: "DISABLED" }]],
  ["a reason of 401 characters", [{ ...valid(), reason: "x".repeat(401) }]],
  ["no proof", [{ ...valid(), proof: "" }]],
])("a message with %s is not read", (_what, controls) => {
  const text = JSON.stringify({ ccpb: 1, from: "a", sentAtMs: 1, changes: [], controls });
  expect(parseMessage(text)).toEqual({ fault: "a message with a decision that cannot be read" });
});

function valid(): object {
  return {
    target: "t",
    state: "disabled",
    version: 1,
    forMs: null,
    remainingMs: null,
    by: "b",
    reason: null,
    proof: "p",
  };
}

test("a message survives being text", () => {
  fc.assert(
    fc.property(message, (sent) => {
      const text = JSON.stringify(sent);
      expect(parseMessage(text)).toEqual(JSON.parse(text));
    }),
  );
});

test.each([
  [
    "an opening of the future",
    { openings: [{ id: "x", ageMs: -1, remainingMs: 1, backoffMs: 1, failedProbes: 0, reason: {} }] },
  ],
  [
    "a back-off below zero",
    { openings: [{ id: "x", ageMs: 1, remainingMs: 1, backoffMs: -1, failedProbes: 0, reason: {} }] },
  ],
  [
    "an age that is no number",
    { openings: [{ id: "x", ageMs: "1", remainingMs: 1, backoffMs: 1, failedProbes: 0, reason: {} }] },
  ],
  ["a recovery of the future", { recovery: { id: "x", agoMs: -0.001 } }],
  ["a reset of the future", { reset: { id: "x", agoMs: -1e6 } }],
  ["an age without end", { recovery: { id: "x", agoMs: 1e300 } }],
  ["a name of 25 MB", { scope: { type: "provider", provider: "a".repeat(1_900_000) } }],
  ["a model of 513 bytes", { scope: { type: "deployment", provider: "a", model: "m".repeat(513) } }],
  ["a model that turns the line around", { scope: { type: "deployment", provider: "a", model: "m\u202e" } }],
  ["a model with an escape sequence", { scope: { type: "deployment", provider: "a", model: "\u001b[2J" } }],
  ["a key below zero", { scope: { type: "key", provider: "a", keyIndex: -1 } }],
  ["a key that is no whole number", { scope: { type: "key", provider: "a", keyIndex: 0.5 } }],
  ["no scope but a prototype", { scope: { ["__proto__"]: { type: "provider", provider: "a" } } }],
  ["an identity of 300 characters", { identity: "i".repeat(300) }],
  [
    "too many openings",
    {
      openings: Array.from({ length: 17 }, () => ({
        id: "x",
        ageMs: 1,
        remainingMs: 1,
        backoffMs: 1,
        failedProbes: 0,
        reason: {},
      })),
    },
  ],
  ["a name of a moment of 101 characters", { recovery: { id: "x".repeat(101), agoMs: 1 } }],
])("a change with %s is refused", (_, part) => {
  const good = { scope: { type: "provider", provider: "a" }, identity: "", openings: [], recovery: null };
  const messageWith = (change: object): string =>
    JSON.stringify({ ccpb: 1, from: "x", sentAtMs: 1, changes: [change] });
  expect(parseMessage(messageWith(good))).not.toHaveProperty("fault");
  expect(parseMessage(messageWith({ ...good, ...part }))).toHaveProperty("fault");
});

test("whatever else comes is a fault that is named, and never a throw", () => {
  const moments = new Moments("here");
  const readAll = ({ changes }: WireMessage): void => changes.forEach((one) => void moments.read(one, 1e9));
  const damaged = fc.tuple(message, fc.string(), fc.anything()).map(([sent, key, value]) => {
    const [one] = sent.changes;
    return (
      JSON.stringify({
        ...sent,
        changes: [
          { ...one, [key]: value, scope: value },
          { ...one, openings: [value] },
        ],
      }) ?? ""
    );
  });
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), damaged), (text) => {
      const parsed = parseMessage(text);
      if ("fault" in parsed) expect(parsed.fault).toMatch(/^a message /);
      else readAll(parsed);
    }),
    { numRuns: 500 },
  );
});

test("a change comes to the same local times however late it is heard of again", () => {
  fc.assert(
    fc.property(change, fc.nat(1e6), (one, lateMs) => {
      const moments = new Moments("here");
      const first = moments.read(one, 1e9);
      expect(moments.read(one, 1e9 + lateMs)).toEqual(first);
      // Passed on, it keeps its name: whoever knows it already recognizes it.
      if (first === undefined) return;
      const names = (ids: readonly { readonly id: string }[]): readonly string[] => ids.map(({ id }) => id);
      const distinct = new Set(first.circuit.openings.map(({ openedAtMs, untilMs }) => `${openedAtMs} ${untilMs}`));
      if (distinct.size < first.circuit.openings.length || new Set(names(one.openings)).size < one.openings.length)
        return;
      expect(names(moments.write(first, "", 1e9 + lateMs).openings)).toEqual(names(one.openings));
    }),
  );
});
