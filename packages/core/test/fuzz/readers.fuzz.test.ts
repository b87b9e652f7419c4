import { expect, it } from "vitest";
import { check } from "./check.ts";
import { corpus, type FuzzBody } from "./corpus.ts";
import { mutate, split } from "./mutate.ts";
import { Random } from "./random.ts";

// A sample in each run of the tests; `pnpm run fuzz` takes all 250,000. A case is repeated with CCPB_FUZZ_SEED and CCPB_FUZZ_FROM.
const cases = Number(process.env["CCPB_FUZZ_CASES"] ?? 2_000);
const seed = Number(process.env["CCPB_FUZZ_SEED"] ?? 1);
const from = Number(process.env["CCPB_FUZZ_FROM"] ?? 0);

const bodies = corpus();

/** Returns what is wrong with one case, with all that is needed to see it again; undefined where nothing is. */
function run(number: number): string | undefined {
  const random = new Random(Math.imul(seed, 0x9e3779b1) + Math.imul(number, 0x85ebca6b));
  const body: FuzzBody = random.pick(bodies);
  const mutated = mutate(body.bytes, random);
  // Mostly as it was asked for; sometimes the other framing has come.
  const stream = random.below(4) === 0 ? !body.stream : body.stream;
  let problems: readonly string[];
  try {
    const splits = [split(mutated.bytes, random), split(mutated.bytes, random)] as const;
    problems = check(body, mutated, { stream, splits });
  } catch (error) {
    problems = [`a throw: ${error instanceof Error ? error.stack : String(error)}`];
  }
  if (problems.length === 0) return undefined;
  const where = `CCPB_FUZZ_SEED=${seed} CCPB_FUZZ_FROM=${number} CCPB_FUZZ_CASES=1`;
  return `${where}\n${body.id}, ${stream ? "stream" : "whole"} asked, ${mutated.steps.join(", ")}: ${problems.join("; ")}`;
}

it(`keeps every promise of the readers in ${cases} tampered answers`, () => {
  const found: string[] = [];
  for (let number = from; number < from + cases && found.length < 20; number += 1) {
    const problem = run(number);
    if (problem !== undefined) found.push(problem);
  }
  expect(found.join("\n\n")).toBe("");
}, 3_600_000);
