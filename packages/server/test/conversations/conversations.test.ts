import { describe, expect, it } from "vitest";
import { script, walk } from "./session.ts";
import { vendors } from "./vendors.ts";

const names = Object.keys(vendors);
const turns = script.length;
const alternating = (...order: readonly string[]) =>
  Array.from({ length: turns }, (_, turn) => [order[turn % order.length] as string]);

/** Mulberry32: the same orders in every run. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function shuffled(random: () => number): string[] {
  const order = [...names];
  for (let at = order.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [order[at], order[other]] = [order[other] as string, order[at] as string];
  }
  return order;
}

describe.each(["adaptive", "enabled"] as const)("a conversation with %s thinking", (thinking) => {
  it.each(names)("stays with %s", async (name) => {
    const { refusals } = await walk(alternating(name), { thinking });
    expect(refusals).toEqual([]);
  });

  const pairs = names.flatMap((one) => names.filter((other) => other !== one).map((other) => [one, other] as const));
  it.each(pairs)("goes to and fro between %s and %s, within its tool loops too", async (one, other) => {
    const { refusals } = await walk(alternating(one, other), { thinking });
    expect(refusals).toEqual([]);
  });

  it("keeps for each what it thought itself, and gives it nobody else's", async () => {
    const order = ["anthropic", "responses", "deepseek", "gemini"];
    // Each is asked twice; what it said the first time is in the second request.
    const { last } = await walk(alternating(...order), { thinking });
    expect(last.get("anthropic")).toContain('"thinking":"Two things at once."');
    expect(last.get("responses")).toMatch(/"type":"reasoning","id":"rs_[^}]*"encrypted_content":"gAAAA/);
    expect(last.get("deepseek")).toContain('"reasoning_content":"There it is."');
    expect(last.get("gemini")).toMatch(/"thought_signature":"E[^"]{100}/);
    for (const [name, own] of [
      ["anthropic", "Two things"],
      ["deepseek", "There it is"],
    ] as const) {
      const others = ["Two things", "I need another", "There it is"].filter((thought) => thought !== own);
      for (const thought of others) expect(last.get(name)).not.toContain(thought);
    }
  });

  it("is walked across all of them, in thirty orders", async () => {
    const random = randomOf(thinking.length);
    for (let run = 0; run < 30; run += 1) {
      const order = shuffled(random);
      const { refusals } = await walk(alternating(...order), { thinking, isClaudeCode: run % 2 === 0 });
      expect({ order, refusals }).toEqual({ order, refusals: [] });
    }
  });

  it("fails over through a chain in every turn, and none of those asked on the way has anything to refuse", async () => {
    const random = randomOf(thinking.length + 1);
    for (let run = 0; run < 15; run += 1) {
      const chains = Array.from({ length: turns }, () => shuffled(random));
      const up = chains.map((chain) => chain[Math.floor(random() * chain.length)]);
      const world = await walk(chains, { thinking, isDown: (vendor, turn) => up[turn] !== vendor });
      expect(world.refusals).toEqual([]);
      expect(world.asked.map((asked) => asked.at(-1))).toEqual(up);
    }
  });

  it("is refused at most once by each API after a restart, and the client never knows", async () => {
    const random = randomOf(thinking.length + 2);
    for (let run = 0; run < 10; run += 1) {
      const order = shuffled(random);
      const restartsBefore = [2, 4, 6];
      const { refusals } = await walk(alternating(...order), { thinking, restartsBefore });
      const strangers = refusals.filter(({ message }) => !/signature|`data`/.test(message));
      expect({ order, strangers }).toEqual({ order, strangers: [] });
      const byRestart = refusals.map(
        ({ vendor, turn }) => `${vendor} ${restartsBefore.filter((at) => at <= turn).length}`,
      );
      expect(new Set(byRestart).size).toBe(byRestart.length);
    }
  });
});
