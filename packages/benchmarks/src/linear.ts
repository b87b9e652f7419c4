// Doubles the input of every translator, reader and converter, and reports how the time grows. Usage: linear.js [FILTER] (`pnpm bench:linear`).
// Exits with 1 where doubled inputs take 2.5 times as long or more: 2 is linear, 4 is quadratic.
import { linearCases } from "./linear/index.ts";
import type { LinearCase } from "./linear/linear-case.ts";

const limit = 2.5;
const rounds = 4;
/** Runs shorter than this say little: the input is doubled until they take longer. */
const leastMs = 10;

/** The shortest of several runs, in milliseconds of processor time: whatever else runs only makes one longer. */
function shortestMs(work: () => unknown): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round += 1) {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    shortest = Math.min(shortest, (user + system) / 1_000);
  }
  return shortest;
}

function growthOf({ size, prepare }: LinearCase): {
  readonly size: number;
  readonly ms: number;
  readonly ratio: number;
} {
  let at = size;
  let ms = shortestMs(prepare(at));
  while (ms < leastMs && at < size * 16) {
    at *= 2;
    ms = shortestMs(prepare(at));
  }
  let ratio = Number.POSITIVE_INFINITY;
  // A collection of garbage in the middle makes one measurement too long; growth that is real shows in each. Two doublings at once even it out.
  for (let attempt = 0; attempt < 5 && ratio >= limit; attempt += 1) {
    ratio = Math.min(ratio, Math.sqrt(shortestMs(prepare(at * 4)) / shortestMs(prepare(at))));
  }
  return { size: at, ms, ratio };
}

const [, , filter = ""] = process.argv;
let isGood = true;
process.stdout.write("| input | size | ms | doubled |\n| --- | ---: | ---: | ---: |\n");
for (const one of linearCases.filter(({ name }) => new RegExp(filter).test(name))) {
  const { size, ms, ratio } = growthOf(one);
  isGood &&= ratio < limit;
  const mark = ratio < limit ? "" : " **too much**";
  process.stdout.write(`| ${one.name} | ${size} | ${ms.toFixed(1)} | ${ratio.toFixed(2)} ×${mark} |\n`);
}
process.exitCode = isGood ? 0 : 1;
