import { cut, drop, refuse, text } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { dialects, expectServed, startBench, timeouts } from "./fault-bench.ts";

const words = "The second answers.";
const failures = {
  "a 503": refuse(503),
  "a reset": drop("reset"),
  "a cut before the first content": cut(text("Lost."), "before-content", "end"),
};

const pairs = dialects.flatMap((first) => dialects.map((second) => ({ first, second })));

describe.each(pairs)("a call that goes from a provider of $first on to one of $second", ({ first, second }) => {
  it.each(Object.entries(failures))("%s: the client sees the second one's answer alone", async (_what, failure) => {
    await using bench = await startBench({
      dialect: first,
      first: failure,
      secondDialect: second,
      second: text(words),
      settings: { timeouts },
    });
    for (const stream of [true, false]) {
      bench.server.balancer.reset();
      expectServed(await bench.ask(stream), "second", stream, words);
    }
    expect(await bench.providerView("first")).toMatchObject({ healthy: false });
  });
});
