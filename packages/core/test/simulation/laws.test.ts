import { describe, expect, it } from "vitest";
import { type Fault, faults } from "./faults.ts";
import { answerFor, providerNamed, World } from "./world.ts";

const three = ["first", "second", "third"].map((name) => providerNamed(name));
const named = Object.entries(faults);
const outage = { fromMs: 20_000, untilMs: 25_000 };

/** Two clients repeat one request that fails with `fault` at every provider; all providers fail for 5 s; another client asks every 3 s. */
async function besideAPoison(fault: Fault, providers: typeof three): Promise<readonly string[]> {
  const world = new World({
    providers,
    answer: ({ text, atMs }) => {
      if (text === "poison") return fault.reply;
      return atMs >= outage.fromMs && atMs < outage.untilMs ? { status: 500 } : answerFor();
    },
  });
  let isOver = false;
  const poison = async (session: string): Promise<void> => {
    while (!isOver) {
      await world.ask({ text: "poison", session });
      await world.sleep(500 + world.random() * 1_000);
    }
  };
  const unserved: string[] = [];
  const ordinary = async (): Promise<void> => {
    for (let round = 0; round < 60; round += 1) {
      await world.sleep(3_000 * world.random() * 2);
      const { isServed, startedAtMs, endedAtMs, status } = await world.ask({ text: `ordinary ${round}`, session: "o" });
      // After an outage of 5 s the next probe may be 8 s away.
      const isExcused = endedAtMs >= outage.fromMs && startedAtMs < outage.untilMs + 8_000;
      if (!isServed && !isExcused) unserved.push(`at ${startedAtMs}: ${status} at ${endedAtMs}`);
    }
    isOver = true;
  };
  await world.until(Promise.all([poison("one"), poison("two"), ordinary()]), 1_000, 7_200_000);
  return unserved;
}

describe("one request that fails everywhere, repeated,", () => {
  // No request can cause a connect deadline, and behind one of 10 s the queue is as long as its timeout.
  const guesses = named
    .filter(([name, { cost }]) => cost !== "stated" && name !== "connect deadline")
    .map(([name]) => name);

  it.each(guesses)(
    "leaves no request of another client unserved that a provider would have served: %s",
    async (name) => {
      const fault = faults[name] as Fault;
      expect({ three: await besideAPoison(fault, three), one: await besideAPoison(fault, three.slice(0, 1)) }).toEqual({
        three: [],
        one: [],
      });
    },
  );
});
