import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { describe, expect, it } from "vitest";
import { growthFactor } from "./young-generation.ts";

const megabyte = 1024 * 1024;
const source = readFileSync(new URL("young-generation.ts", import.meta.url), "utf8");

/** Fills and empties the young generation until V8 has let it grow as far as it may; answers its largest size in bytes. */
function largestSize(before: string, options: readonly string[] = []): number {
  const program = `
    import { setTimeout as delay } from "node:timers/promises";
    ${transformSync(source, { loader: "ts" }).code}
    ${before}
    const kept = [];
    let largest = 0;
    for (let round = 0; round < 400; round += 1) {
      for (let index = 0; index < 10_000; index += 1) {
        const made = { index, list: [index, index] };
        if (index % 4 === 0) kept[(round * 2_500 + index / 4) % 300_000] = made;
      }
      largest = Math.max(largest, getHeapSpaceStatistics().find((space) => space.space_name === "new_space").space_size);
      await delay(1);
    }
    console.log(largest);
  `;
  const folder = mkdtempSync(join(tmpdir(), "ccpb-young-"));
  try {
    const file = join(folder, "program.mjs");
    writeFileSync(file, program);
    return Number(execFileSync(process.execPath, [...options, file], { encoding: "utf8", env: {} }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("the young generation", () => {
  it("may grow to 8 MB a half at once, and no further", () => {
    const sizes = [0, 1, 2, 2.1, 4.2, 8, 8.4, 15, 16.5, 32, 128];
    expect(sizes.slice(1).map((size) => growthFactor(size * megabyte))).toEqual([16, 8, 8, 4, 2, 2, 1, 1, 1, 1]);
    expect(growthFactor(0)).toBeGreaterThan(1);
  });

  it("stays at about half of what it would grow to, or less, unless the user has chosen a size", () => {
    const bound = "boundYoungGeneration();";
    const usual = largestSize("");
    expect(usual).toBeGreaterThan(20 * megabyte);
    expect(largestSize(bound)).toBeLessThan(0.6 * usual);
    expect(largestSize(bound, ["--max-semi-space-size=16"])).toBeGreaterThan(20 * megabyte);
  });
});
