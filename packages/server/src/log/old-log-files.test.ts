import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openLog } from "./logger.ts";
import { removeOlderThan } from "./old-log-files.ts";

it("removes rotated files that are too old, and nothing else", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ccpb-old-"));
  const names = ["log.jsonl", "log.jsonl.1", "log.jsonl.2", "log.jsonl.3", "log.jsonl.old", "other.jsonl.4"];
  for (const [index, name] of names.entries()) {
    writeFileSync(join(folder, name), "");
    utimesSync(join(folder, name), 1_000 - index, 1_000 - index);
  }
  await removeOlderThan(join(folder, "log.jsonl"), 998_500);
  expect(readdirSync(folder).sort()).toEqual(["log.jsonl", "log.jsonl.1", "log.jsonl.old", "other.jsonl.4"]);
  rmSync(folder, { recursive: true });
  await removeOlderThan(join(folder, "log.jsonl"), 998_500);
});

it("keeps as many rotated files as it is told", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ccpb-keep-"));
  const file = join(folder, "log.jsonl");
  for (let index = 0; index < 6; index += 1) {
    const log = openLog({ level: "INFO", file, console: null, secrets: [], rotateBytes: 100, keptFiles: 2 });
    log.write("INFO", "server_started", "x".repeat(200));
    await log.close();
  }
  expect(readdirSync(folder).sort()).toEqual(["log.jsonl", "log.jsonl.1", "log.jsonl.2"]);
  rmSync(folder, { recursive: true });
});
