import { corpus, type FuzzBody, type FuzzDialect } from "./corpus.ts";
import { type Mutated, mutate } from "./mutate.ts";
import { Random } from "./random.ts";

/** One tampered answer, with the source of all that is chosen while it is read. */
export interface FuzzCase {
  readonly body: FuzzBody;
  readonly mutated: Mutated;
  readonly random: Random;
}

const seed = Number(process.env["CCPB_FUZZ_SEED"] ?? 1);
const from = Number(process.env["CCPB_FUZZ_FROM"] ?? 0);
/** The API of the providers whose answers are tampered with; absent: all. */
const provider = process.env["CCPB_FUZZ_PROVIDER"];

/** How many cases a test takes: `usual` in each run of the tests, more by `npm run fuzz`. */
export function fuzzCases(usual: number): number {
  return Number(process.env["CCPB_FUZZ_CASES"] ?? usual);
}

/**
 * Reads tampered answers until 20 of them break a promise, and returns what was broken, each with the variables that repeat its case; empty where nothing
 * was.
 *
 * @param cases - How many.
 * @param dialects - Whose answers to take, where `CCPB_FUZZ_PROVIDER` does not choose among them.
 * @param check - Returns what one case breaks. What it throws is a broken promise too.
 */
export function drive(
  cases: number,
  dialects: readonly FuzzDialect[],
  check: (fuzzCase: FuzzCase) => readonly string[],
): string {
  const bodies = corpus().filter(
    ({ dialect }) => dialects.includes(dialect) && (provider === undefined || dialect === provider),
  );
  const found: string[] = [];
  for (let number = from; bodies.length > 0 && number < from + cases && found.length < 20; number += 1) {
    const random = new Random(Math.imul(seed, 0x9e3779b1) + Math.imul(number, 0x85ebca6b));
    const body = random.pick(bodies);
    const mutated = mutate(body.bytes, random);
    const problems = problemsOf({ body, mutated, random }, check);
    if (problems.length === 0) continue;
    const chosen = provider === undefined ? "" : `CCPB_FUZZ_PROVIDER=${provider} `;
    const where = `${chosen}CCPB_FUZZ_SEED=${seed} CCPB_FUZZ_FROM=${number} CCPB_FUZZ_CASES=1`;
    found.push(`${where}\n${body.id}, ${mutated.steps.join(", ")}: ${problems.join("; ")}`);
  }
  return found.join("\n\n");
}

function problemsOf(fuzzCase: FuzzCase, check: (fuzzCase: FuzzCase) => readonly string[]): readonly string[] {
  try {
    return check(fuzzCase);
  } catch (error) {
    return [`a throw: ${error instanceof Error ? error.stack : String(error)}`];
  }
}
