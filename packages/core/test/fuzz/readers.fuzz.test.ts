import { expect, it } from "vitest";
import { check } from "./check.ts";
import { drive, fuzzCases } from "./drive.ts";
import { split } from "./mutate.ts";

// A sample in each run of the tests; `pnpm run fuzz` takes all 250,000.
const cases = fuzzCases(2_000);

it(`keeps every promise of the readers in ${cases} tampered answers`, () => {
  const found = drive(cases, ["native", "chat", "responses"], ({ body, mutated, random }) => {
    // Mostly as it was asked for; sometimes the other framing has come.
    const stream = random.below(4) === 0 ? !body.stream : body.stream;
    const splits = [split(mutated.bytes, random), split(mutated.bytes, random)] as const;
    return check(body, mutated, { stream, splits }).map(
      (problem) => `${stream ? "stream" : "whole"} asked: ${problem}`,
    );
  });
  expect(found).toBe("");
}, 3_600_000);
