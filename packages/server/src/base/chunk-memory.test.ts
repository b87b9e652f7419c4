import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { transformSync } from "esbuild";
import { expect, it } from "vitest";
import { freeChunk } from "./chunk-memory.ts";

const source = readFileSync(new URL("chunk-memory.ts", import.meta.url), "utf8");

/** What a program of its own prints that has the functions at hand: what they change is for the whole process. */
function run(program: string): unknown {
  const whole = `${transformSync(source, { loader: "ts" }).code}\n${program}`;
  const output = execFileSync(process.execPath, ["--expose-gc", "--input-type=module", "-e", whole], {
    encoding: "utf8",
  });
  return JSON.parse(output);
}

it("leaves every chunk alone where nobody has asked for it", () => {
  const chunk = Buffer.allocUnsafeSlow(100_000);
  freeChunk(chunk);
  expect(chunk).toHaveLength(100_000);
});

it("gives the memory of a chunk back at once, and leaves one alone that shares its memory", () => {
  const lengths = run(`
    freeChunksAtOnce();
    const own = Buffer.allocUnsafeSlow(100_000);
    const whole = Buffer.allocUnsafeSlow(100_000);
    const part = whole.subarray(50_000);
    const small = Buffer.from("of the pool");
    for (const chunk of [own, part, small]) freeChunk(chunk);
    console.log(JSON.stringify([own.length, part.length, whole.length, small.toString()]));
  `);
  expect(lengths).toEqual([0, 50_000, 100_000, "of the pool"]);
});

it("keeps memory outside of the heap flat without a collection", () => {
  const [kept, freed] = run(`
    import { memoryUsage } from "node:process";
    const grown = () => {
      globalThis.gc();
      const before = memoryUsage().arrayBuffers;
      for (let count = 0; count < 100; count += 1) freeChunk(Buffer.allocUnsafeSlow(65_536));
      return memoryUsage().arrayBuffers - before;
    };
    const kept = grown();
    freeChunksAtOnce();
    console.log(JSON.stringify([kept, grown()]));
  `) as [number, number];
  expect(kept).toBeGreaterThan(3_000_000);
  expect(freed).toBeLessThan(1_000_000);
});
