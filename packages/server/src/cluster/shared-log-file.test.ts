import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { TemporaryFolder } from "../../test/temporary-folder.ts";
import { rotateLog } from "./log-rotation.ts";
import { SharedLogFile } from "./shared-log-file.ts";

const write = (file: SharedLogFile, text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    file.write(text, (error) => (error ? reject(error) : resolve()));
  });

describe("a log file of several writers", () => {
  it("loses and tears no line while it is rotated under them", async () => {
    using folder = new TemporaryFolder();
    const path = join(folder.path, "logs", "balancer.jsonl");
    const problems: Error[] = [];
    using _rotation = rotateLog(path, {
      rotateBytes: 20_000,
      keptFiles: 50,
      everyMs: 5,
      onProblem: (e) => problems.push(e),
    });
    const writers = [1, 2, 3].map(() => new SharedLogFile(path));
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
    const names = readdirSync(join(folder.path, "logs"));
    expect(names.length).toBeGreaterThan(2);
    const lines = names.flatMap((name) =>
      readFileSync(join(folder.path, "logs", name), "utf8")
        .trimEnd()
        .split("\n"),
    );
    expect(new Set(lines.map((line) => JSON.stringify(JSON.parse(line)))).size).toBe(3 * 60 * 10);
    expect(lines.length).toBe(3 * 60 * 10);
    expect(problems).toEqual([]);
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  it("keeps so many old files, the youngest as .1", async () => {
    using folder = new TemporaryFolder();
    const path = join(folder.path, "log");
    const file = new SharedLogFile(path);
    const rotate = async (): Promise<void> => {
      const before = statSync(path).ino;
      using _rotation = rotateLog(path, { rotateBytes: 1, keptFiles: 2, everyMs: 1, onProblem: () => undefined });
      for (let waited = 0; statSync(path, { throwIfNoEntry: false })?.ino === before; waited += 1) {
        expect(waited).toBeLessThan(1000);
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
    const file = new SharedLogFile(join(blocked, "log"));
    file.on("error", () => undefined);
    await expect(write(file, "x\n")).rejects.toThrow(/ENOTDIR|EEXIST/);
  });
});
