import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { TemporaryFolder } from "../../test/temporary-folder.ts";
import { rotateLog } from "./log-rotation.ts";
import { LogFile } from "./log-file.ts";
import type { Log } from "./log-types.ts";
import { openLog } from "./logger.ts";

const write = (file: LogFile, text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    file.write(text, (error) => (error ? reject(error) : resolve()));
  });

/** A file system of 64 kB, for tests that run as root on Linux. */
class SmallDisk implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), "ccpb-disk-"));

  constructor() {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", this.path], { stdio: "ignore" });
  }

  grow(): void {
    execFileSync("mount", ["-o", "remount,size=1m", this.path], { stdio: "ignore" });
  }

  [Symbol.dispose](): void {
    // Lazily: a log that is closed has written all, but the system may not have closed its file yet.
    execFileSync("umount", ["-l", this.path], { stdio: "ignore" });
    rmSync(this.path, { recursive: true });
  }
}

const canMount = mayMount();

/** A folder on another file system than that of temporary files, to which no file can be renamed from there. */
class OtherDisk implements Disposable {
  readonly path: string = mkdtempSync("/dev/shm/ccpb-");

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

const hasOtherDisk =
  statSync("/dev/shm", { throwIfNoEntry: false })?.dev !== statSync(tmpdir()).dev && existsSync("/dev/shm");

function mayMount(): boolean {
  try {
    using _disk = new SmallDisk();
    return true;
  } catch {
    return false;
  }
}

describe("a log file of several writers", () => {
  it("loses and tears no line while it is rotated under them", async () => {
    using folder = new TemporaryFolder();
    const path = join(folder.path, "logs", "balancer.jsonl");
    const problems: Error[] = [];
    const rotation = rotateLog(path, {
      rotateBytes: 20_000,
      keptFiles: 50,
      everyMs: 5,
      onProblem: (e) => problems.push(e),
    });
    const writers = [1, 2, 3].map(() => new LogFile(path));
    await Promise.all(
      writers.map(async (writer, number) => {
        for (let round = 0; round < 60; round += 1) {
          const lines = Array.from({ length: 10 }, (_, index) =>
            JSON.stringify({ number, round, index, fill: "x".repeat(90) }),
          );
          await write(writer, `${lines.join("\n")}\n`);
          if (round % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
        }
      }),
    );
    for (const writer of writers) writer.destroy();
    await rotation[Symbol.asyncDispose]();
    const names = readdirSync(join(folder.path, "logs"));
    expect(names.length).toBeGreaterThan(2);
    const lines = names.flatMap((name) =>
      readFileSync(join(folder.path, "logs", name), "utf8")
        .split("\n")
        // A writer that sees the file while another one writes to it begins on a new line to be sure, which may leave an empty one.
        .filter((line) => line !== ""),
    );
    expect(new Set(lines.map((line) => JSON.stringify(JSON.parse(line)))).size).toBe(3 * 60 * 10);
    expect(lines.length).toBe(3 * 60 * 10);
    expect(problems).toEqual([]);
    for (const name of names) expect(statSync(join(folder.path, "logs", name)).mode & 0o777).toBe(0o640);
  });

  it("keeps so many old files, the youngest as .1", async () => {
    using folder = new TemporaryFolder();
    const path = join(folder.path, "log");
    const file = new LogFile(path);
    const rotate = async (): Promise<void> => {
      const before = statSync(path).ino;
      await using _rotation = rotateLog(path, { rotateBytes: 1, keptFiles: 2, everyMs: 1, onProblem: () => undefined });
      const untilMs = performance.now() + 30_000;
      while (statSync(path, { throwIfNoEntry: false })?.ino === before) {
        expect(performance.now()).toBeLessThan(untilMs);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    };
    for (const text of ["first\n", "second\n", "third\n"]) {
      await write(file, text);
      await rotate();
    }
    await write(file, "fourth\n");
    file.destroy();
    expect(readdirSync(folder.path).sort()).toEqual(["log", "log.1", "log.2"]);
    expect(["log", "log.1", "log.2"].map((name) => readFileSync(join(folder.path, name), "utf8"))).toEqual([
      "fourth\n",
      "third\n",
      "second\n",
    ]);
  });

  it("says that it cannot be written, and can be opened anew", async () => {
    using folder = new TemporaryFolder();
    const blocked = folder.write("file", "");
    const file = new LogFile(join(blocked, "log"));
    file.on("error", () => undefined);
    await expect(write(file, "x\n")).rejects.toThrow(/ENOTDIR|EEXIST/);
  });
});

describe("a log file of one writer", () => {
  it.each([
    ["was removed", (path: string) => rmSync(path)],
    ["was removed with its folder", (path: string) => rmSync(dirname(path), { recursive: true })],
    ["was renamed", (path: string) => renameSync(path, `${path}.moved`)],
    ["was replaced", (path: string) => (rmSync(path), writeFileSync(path, "other\n"))],
  ])("is made anew when it %s", async (_what, take) => {
    using folder = new TemporaryFolder();
    const path = join(folder.path, "logs", "balancer.jsonl");
    const file = new LogFile(path, { bytes: 1_000, files: 2, onProblem: () => undefined });
    await write(file, "first\n");
    take(path);
    await write(file, "second\n");
    await write(file, "third\n");
    file.destroy();
    expect(readFileSync(path, "utf8").replace("other\n", "")).toBe("second\nthird\n");
  });

  it.each([
    ["half of a line", 'whole\n{"half', 'whole\n{"half\nnext\n'],
    ["a whole line", "whole\n", "whole\nnext\n"],
    ["nothing", "", "next\n"],
  ])("goes on with a new line behind %s", async (_what, before, after) => {
    using folder = new TemporaryFolder();
    const path = folder.write("log", before);
    const file = new LogFile(path);
    await write(file, "next\n");
    // Another process may leave half of a line at any time.
    appendFileSync(path, "torn");
    await write(file, "last\n");
    file.destroy();
    expect(readFileSync(path, "utf8")).toBe(`${after}torn\nlast\n`);
  });

  it("is rotated before it grows beyond its size, and goes on where it cannot be renamed", async () => {
    using folder = new TemporaryFolder();
    const path = join(folder.path, "log");
    const problems: string[] = [];
    const file = new LogFile(path, { bytes: 12, files: 1, onProblem: (error) => problems.push(error.message) });
    for (const text of ["one\n", "two\n", "three\n"]) await write(file, text);
    expect([readFileSync(path, "utf8"), readFileSync(`${path}.1`, "utf8")]).toEqual(["three\n", "one\ntwo\n"]);
    rmSync(`${path}.1`);
    mkdirSync(join(`${path}.1`, "in-the-way"), { recursive: true });
    for (const text of ["four\n", "five\n", "six\n"]) await write(file, text);
    expect(readFileSync(path, "utf8")).toBe("three\nfour\nfive\nsix\n");
    expect(problems).toHaveLength(1);
    file.destroy();
  });

  it("that is a link stays one, and the file that it leads to is rotated", async () => {
    using folder = new TemporaryFolder();
    const path = join(folder.path, "log");
    const target = folder.write("disk/balancer.jsonl", "");
    symlinkSync(target, path);
    const problems: Error[] = [];
    const file = new LogFile(path, { bytes: 12, files: 2, onProblem: (error) => problems.push(error) });
    for (const text of ["one\n", "two\n", "three\n", "four\n", "five\n"]) await write(file, text);
    file.destroy();
    expect(["log", "log.1", "log.2"].map((name) => readFileSync(join(folder.path, name), "utf8"))).toEqual([
      "five\n",
      "three\nfour\n",
      "one\ntwo\n",
    ]);
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(readFileSync(target, "utf8")).toBe("five\n");
    expect(problems).toEqual([]);
  });

  it.skipIf(!hasOtherDisk)("loses no older file where it cannot be renamed, and says so once", async () => {
    using folder = new TemporaryFolder();
    using otherDisk = new OtherDisk();
    const path = join(folder.path, "log");
    symlinkSync(join(otherDisk.path, "log"), path);
    folder.write("log.1", "younger\n");
    folder.write("log.2", "older\n");
    const problems: string[] = [];
    const onProblem = (error: Error): void => void problems.push(error.message);
    const file = new LogFile(path, { bytes: 12, files: 3, onProblem });
    for (let line = 1; line <= 8; line += 1) await write(file, `line ${line}\n`);
    file.destroy();
    expect(readFileSync(path, "utf8").split("\n")).toHaveLength(9);
    const older = (): readonly string[] =>
      ["log.2", "log.3"].map((name) => readFileSync(join(folder.path, name), "utf8"));
    expect(older()).toEqual(["younger\n", "older\n"]);
    expect(problems).toHaveLength(1);
    {
      await using _rotation = rotateLog(path, { rotateBytes: 12, keptFiles: 3, everyMs: 1, onProblem });
      await expect.poll(() => problems.length).toBe(2);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(older()).toEqual(["younger\n", "older\n"]);
    expect(problems).toHaveLength(2);
  });

  it.skipIf(!canMount)("begins on a new line after its disk was full", async () => {
    using disk = new SmallDisk();
    const path = join(disk.path, "logs", "balancer.jsonl");
    const told: number[] = [];
    const lost = { onLinesDropped: (count: number) => void told.push(count), onLinesLost: () => undefined };
    const log = (): Log =>
      openLog({ level: "INFO", file: path, console: null, secrets: [], rotateBytes: 1e6, losses: () => lost });
    const first = log();
    const fill = "x".repeat(900);
    for (let index = 0; index < 100; index += 1) first.write("INFO", "request_received", fill, { index });
    await first.close();
    expect(told.length).toBeGreaterThan(0);
    const torn = readFileSync(path, "utf8");
    expect(torn.endsWith("\n")).toBe(false);
    disk.grow();
    const second = log();
    second.write("INFO", "request_received", "after");
    await second.close();
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    expect(lines.filter((line) => !isJson(line))).toHaveLength(1);
    expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ message: "after" });
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
