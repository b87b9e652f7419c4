import { fork } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compactMonth } from "./compact-month.ts";
import { listUsageFiles } from "./read-usage-files.ts";
import { UsageFiles } from "./usage-files.ts";
import { writeUsageLine } from "./usage-line.ts";
import { sampleRow as row, totals } from "../../test/usage/usage-samples.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ccpb-usage-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("the files", () => {
  it("give back what they were given, by month", async () => {
    const files = new UsageFiles({ folder: join(folder, "new") });
    await files.append([row(), row({ hour: "2026-10-31T23" }), row({ client: "bob" })]);
    await files.append([row()]);
    expect(readdirSync(join(folder, "new"))).toEqual(["usage-2026-10.jsonl", "usage-2026-11.jsonl"]);
    expect(totals(await files.read("2026-10-01T00"))).toEqual({ calls: 4, usd: 120_000 });
    expect(totals(await files.read("2026-11-01T00")).calls).toBe(3);
    expect(await files.read("2026-12-01T00")).toEqual([]);
  });

  it("go on after a line that was cut off", async () => {
    await new UsageFiles({ folder }).append([row()]);
    appendFileSync(join(folder, "usage-2026-11.jsonl"), writeUsageLine(row()).slice(0, 40));
    const next = new UsageFiles({ folder });
    await next.append([row()]);
    expect(totals(await next.read("2026-11-01T00")).calls).toBe(2);
  });

  it("go on in a new file where theirs was removed", async () => {
    const files = new UsageFiles({ folder });
    await files.append([row()]);
    rmSync(join(folder, "usage-2026-11.jsonl"));
    // The rows that a removed file took are handed over again by the ledger.
    await expect(files.append([row()])).rejects.toThrow("was removed while it was written");
    await files.append([row()]);
    await files.close();
    expect(totals(await files.read("")).calls).toBe(1);
  });

  it("compact while other processes write, and lose and double nothing", async () => {
    const writers = [
      new UsageFiles({ folder, compactBytes: 2_000, settleMs: 200 }),
      new UsageFiles({ folder, compactBytes: 2_000, settleMs: 200 }),
    ];
    for (let round = 0; round < 60; round += 1) {
      await Promise.all(writers.map((writer) => writer.append([row(), row({ client: "bob" })])));
    }
    await Promise.all(writers.map((writer) => writer.close()));
    expect(totals(await writers[0]!.read(""))).toEqual({ calls: 240, usd: 240 * 30_000 });
    expect((await listUsageFiles(folder)).length).toBeLessThan(6);
  });

  it("say that a file could not be compacted, and go on writing to it", async () => {
    const failures: unknown[] = [];
    const onCompactFailed = (error: unknown): void => void failures.push(error);
    const files = new UsageFiles({ folder, compactBytes: 1, settleMs: 0, onCompactFailed });
    await files.append([row()]);
    // What stands here cannot be read as a file.
    mkdirSync(join(folder, "usage-2026-11.00000000-0000-0000-0000-000000000000.jsonl"));
    await files.append([row()]);
    await files.close();
    expect(failures).toHaveLength(1);
    rmSync(join(folder, "usage-2026-11.00000000-0000-0000-0000-000000000000.jsonl"), { recursive: true });
    await files.append([row()]);
    await files.close();
    expect(totals(await files.read("")).calls).toBe(3);
  });

  it.each([
    ["an hour ago", -3_600],
    ["in an hour, by a clock that was set back since", 3_600],
  ])("are compacted again where a process died that began to do so %s", async (_when, seconds) => {
    const lock = join(folder, "usage.lock");
    mkdirSync(lock);
    const at = Date.now() / 1000 + seconds;
    utimesSync(lock, at, at);
    const files = new UsageFiles({ folder });
    await files.append([row(), row()]);
    // The first one takes the lock away.
    for (let times = 0; times < 2; times += 1) await compactMonth({ folder, month: "2026-11", settleMs: 0 });
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^usage-2026-11\.[-\w]+\.jsonl$/)]);
    expect(totals(await files.read("")).calls).toBe(2);
  });

  it("count nothing twice where a compaction stopped before it removed what it had added up", async () => {
    const files = new UsageFiles({ folder });
    await files.append([row(), row()]);
    await compactMonth({ folder, month: "2026-11", settleMs: 0 });
    const [made] = readdirSync(folder) as [string];
    const old = "usage-2026-11.00000000-0000-0000-0000-000000000000.jsonl";
    // As it was before the files that were added up were removed.
    const [, ...lines] = readFileSync(join(folder, made), "utf8").split("\n");
    writeFileSync(join(folder, made), [JSON.stringify({ replaces: [old] }), ...lines].join("\n"));
    writeFileSync(join(folder, old), writeUsageLine(row()) + writeUsageLine(row()));
    expect(totals(await files.read("")).calls).toBe(2);
  });

  it("lose nothing that was handed over when the process is killed", async () => {
    const program = join(folder, "writer.mjs");
    await build({
      entryPoints: [join(import.meta.dirname, "../../test/usage/usage-writer.ts")],
      outfile: program,
      bundle: true,
      platform: "node",
      format: "esm",
      logLevel: "error",
    });
    const runs = 25;
    let written = 0;
    for (let run = 0; run < runs; run += 1) written += await writeUntilKilled(program, 3 + run * 2);
    expect(written).toBeGreaterThanOrEqual((3 + runs) * runs - runs);
    const { calls } = totals(await new UsageFiles({ folder }).read(""));
    expect(calls).toBeGreaterThanOrEqual(written);
    // Of each process, a line that was on its way may have got through without being told.
    expect(calls).toBeLessThanOrEqual(written + runs * 8);
  });
});

/** Runs the writer until it has told of `lines` lines, and kills it then. Returns of how many it told. */
function writeUntilKilled(program: string, lines: number): Promise<number> {
  const child = fork(program, [folder]);
  let told = 0;
  child.on("message", () => {
    told += 1;
    if (told === lines) child.kill("SIGKILL");
  });
  return new Promise((resolve) => child.once("exit", () => resolve(told)));
}
