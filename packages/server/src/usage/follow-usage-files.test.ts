import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compactMonth } from "./compact-month.ts";
import { UsageFollower } from "./follow-usage-files.ts";
import { readPart } from "./ledger-parts.ts";
import { UsageFiles } from "./usage-files.ts";
import { UsageMemory } from "./usage-memory.ts";
import { writeUsageLine } from "./usage-line.ts";
import type { UsageSource } from "./usage-store.ts";
import { sampleRow as row } from "../../test/usage/usage-samples.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ccpb-follow-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const nowMs = Date.parse("2026-11-29T03:20:00Z");

/** A copy as another server would have it: each part replaces what it was. */
class Copy {
  readonly #parts = new Map<string, readonly { calls: number; hour: string }[]>();
  readonly #source: UsageSource;
  copiedAnew = 0;

  /** Runs between two portions of a copy. */
  between: () => Promise<void>;

  constructor(source: UsageSource, between = async (): Promise<void> => undefined) {
    this.#source = source;
    this.between = between;
  }

  async follow(): Promise<void> {
    const changes = await this.#source.changes();
    if (changes.type === "parts") for (const part of changes.parts) this.#take(part);
    else {
      this.copiedAnew += 1;
      for await (const parts of this.#source.all(changes.fromDay)) {
        for (const part of parts) this.#take(part);
        await this.between();
      }
    }
  }

  #take(part: Parameters<typeof readPart>[0]): void {
    this.#parts.set(`${part.day} ${part.name}`, [...readPart(part)]);
  }

  async calls(): Promise<number> {
    await this.follow();
    return [...this.#parts.values()].flat().reduce((sum, { calls }) => sum + calls, 0);
  }
}

const copyOf = (): Copy => new Copy(new UsageFollower(folder, () => nowMs));

describe("a copy of the files", () => {
  it("has all that any process writes, and reads what is there once", async () => {
    const [one, two] = [new UsageFiles({ folder }), new UsageFiles({ folder })];
    await one.append([row(), row({ hour: "2026-10-02T05" })]);
    const copy = copyOf();
    expect(await copy.calls()).toBe(2);
    await one.append([row(), row({ client: "bob" })]);
    await two.append([row({ model: "m2" })]);
    expect(await copy.calls()).toBe(5);
    await one.append([row({ hour: "2026-11-29T04" })]);
    expect([await copy.calls(), await copy.calls(), copy.copiedAnew]).toEqual([6, 6, 1]);
    await Promise.all([one.close(), two.close()]);
  });

  it("follows through compactions and months, and takes rows that come late", async () => {
    const files = new UsageFiles({ folder, compactBytes: 3_000, settleMs: 3 });
    let atMs = Date.parse("2026-10-30T12:00:00Z");
    const copy = new Copy(new UsageFollower(folder, () => atMs));
    for (let written = 1; written <= 150; written += 1) {
      atMs += 3_600_000;
      await files.append([row({ hour: new Date(atMs).toISOString().slice(0, 13) })]);
      if (written % 7 === 0) expect(await copy.calls()).toBe(written);
    }
    await files.append([row({ hour: "2026-10-30T01" })]);
    expect(await copy.calls()).toBe(151);
    await files.close();
    // There may be no file to set aside: one of the compactions above may have taken it, and the first of these two has.
    for (let time = 0; time < 2; time += 1) {
      await compactMonth({ folder, month: "2026-11", settleMs: 0 });
      expect(await copy.calls()).toBe(151);
    }
  });

  it("misses no file that was begun and set aside between two looks", async () => {
    const copy = copyOf();
    expect(await copy.calls()).toBe(0);
    for (let calls = 1; calls <= 3; calls += 1) {
      const files = new UsageFiles({ folder });
      await files.append([row()]);
      await files.close();
      await compactMonth({ folder, month: "2026-11", settleMs: 0 });
      expect(await copy.calls()).toBe(calls);
    }
  });

  it("has what is written at any moment of a look, in files that are there, new or set aside", async () => {
    for (let seed = 0; seed < 40; seed += 1) {
      const one = mkdtempSync(join(folder, "seed-"));
      let written = 0;
      // Of today, of yesterday, of a day that is left behind, and of the other month that is followed.
      const hours = ["2026-11-20T03", "2026-11-19T23", "2026-11-03T01", "2026-10-31T20"];
      const write = async (): Promise<void> => {
        const turn = seed + written;
        if (turn % 5 === 4) await compactMonth({ folder: one, month: "2026-11", settleMs: 0 });
        const files = new UsageFiles({ folder: one });
        await files.append([row({ hour: hours[(seed * 7 + written * 3) % hours.length] ?? "" })]);
        await files.close();
        written += 1;
      };
      if (seed % 3 === 0) await write();
      const copy = new Copy(
        new UsageFollower(one, () => Date.parse("2026-11-20T03:20:00Z")),
        seed % 4 === 0 ? async () => undefined : write,
      );
      for (let look = 0; look < 3; look += 1) {
        await copy.follow();
        if (seed % 2 === 0) await write();
      }
      copy.between = async () => undefined;
      await copy.follow();
      expect([seed, await copy.calls()]).toEqual([seed, written]);
    }
  });

  it("takes rows of several days that come late together", async () => {
    const files = new UsageFiles({ folder });
    await files.append([row()]);
    const copy = copyOf();
    expect(await copy.calls()).toBe(1);
    await files.append([row({ hour: "2026-11-09T01" }), row({ hour: "2026-11-05T01" })]);
    expect(await copy.calls()).toBe(3);
    await files.close();
  });

  it("waits for the end of a line that is being written, and passes over one that was cut off", async () => {
    const copy = copyOf();
    const line = writeUsageLine(row());
    const file = join(folder, "usage-2026-11.jsonl");
    writeFileSync(file, line + line.slice(0, 30));
    expect(await copy.calls()).toBe(1);
    appendFileSync(file, line.slice(30));
    expect(await copy.calls()).toBe(2);
    appendFileSync(file, `${line.slice(0, 30)}\n${line}`);
    expect(await copy.calls()).toBe(3);
  });

  it("begins anew where the files were removed or replaced", async () => {
    const copy = copyOf();
    const file = join(folder, "usage-2026-11.jsonl");
    writeFileSync(file, writeUsageLine(row()).repeat(3));
    expect(await copy.calls()).toBe(3);
    writeFileSync(file, writeUsageLine(row({ calls: 9 })));
    expect(await copy.calls()).toBe(9);
  });

  it("has one name for a folder, and another one where the folder cannot be written to", () => {
    const { id } = new UsageFollower(folder);
    expect(new UsageFollower(folder).id).toBe(id);
    expect(readFileSync(join(folder, "usage.id"), "utf8")).toBe(`${id}\n`);
    const missing = join(folder, "file", "below");
    writeFileSync(join(folder, "file"), "");
    expect(new UsageFollower(missing).id).not.toBe(new UsageFollower(missing).id);
  });

  it.each(["", "\n", "no name!\n"])("has one name from then on where the file of the name holds %j", (text) => {
    writeFileSync(join(folder, "usage.id"), text);
    const { id } = new UsageFollower(folder);
    expect(new UsageFollower(folder).id).toBe(id);
    expect(readdirSync(folder)).toEqual(["usage.id"]);
  });

  it("leaves no part out for its length, however long the names of models are", async () => {
    // In JSON each of them has twice as many characters.
    const models = Array.from({ length: 12_000 }, (_, index) =>
      writeUsageLine(row({ model: `m${index}${'"'.repeat(505)}` })),
    );
    writeFileSync(join(folder, "usage-2026-11.jsonl"), models.join(""));
    const source = new UsageFollower(folder, () => nowMs);
    const parts = [];
    for await (const some of source.all("2026-11-29")) parts.push(...some);
    const calls = parts.flatMap((part) => [...readPart(part)]).reduce((sum, one) => sum + one.calls, 0);
    expect(calls).toBe(12_000);
    for (const { text } of parts) expect(text.length).toBeLessThan(2_000_000);
  });

  it("stays small: of an hour with too many models the rest is counted as one", async () => {
    const models = Array.from({ length: 30_000 }, (_, index) => writeUsageLine(row({ model: `m${index}` })));
    writeFileSync(join(folder, "usage-2026-11.jsonl"), models.join(""));
    const source = new UsageFollower(folder, () => nowMs);
    const parts = [];
    for await (const some of source.all("2026-11-29")) parts.push(...some);
    const rows = parts.flatMap((part) => [...readPart(part)]);
    expect(rows.reduce((sum, { calls }) => sum + calls, 0)).toBe(30_000);
    expect(rows.length).toBeLessThanOrEqual(20_004);
    for (const { text } of parts) expect(text.length).toBeLessThan(2_000_000);
  });
});

describe("a copy of usage in memory", () => {
  it("has what was counted, hour by hour", async () => {
    const memory = new UsageMemory();
    const copy = new Copy(memory);
    await memory.append([row(), row({ client: "bob" }), row({ hour: "2026-11-29T04" })]);
    expect(await copy.calls()).toBe(3);
    await memory.append([row()]);
    expect(await copy.calls()).toBe(4);
    const parts = [];
    for await (const some of memory.all("2026-11-30")) parts.push(...some);
    expect(parts).toEqual([]);
    expect(await new UsageMemory().read("")).toEqual([]);
    expect((await memory.read("2026-11-29T04")).length).toBe(1);
  });
});
