import { randomUUID } from "node:crypto";
import { mkdir, open, rename, rmdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { isMissing, listUsageFiles, readInto } from "./read-usage-files.ts";
import { writeUsageLine } from "./usage-line.ts";
import { UsageSums } from "./usage-row.ts";

// A process that died while it compacted leaves the lock; no compaction takes so long.
const staleLockMs = 120_000;

/**
 * Adds up the files of a month into one. The month's file is set aside under a name of its own, so that writers begin
 * a new one. After `settleMs`, when no writer uses it any more, all files that were set aside become one whose first
 * line names what it replaces. It appears with one rename: a crash at any moment loses nothing and counts nothing
 * twice. One process at a time does this in a folder; the others skip it.
 */
export async function compactMonth(options: {
  readonly folder: string;
  readonly month: string;
  readonly settleMs: number;
}): Promise<void> {
  const { folder, month, settleMs } = options;
  const lock = join(folder, "usage.lock");
  if (!(await takeLock(lock))) return;
  try {
    if (!(await setAside(folder, month))) return;
    await wait(settleMs);
    const files = (await listUsageFiles(folder)).filter((file) => file.month === month && !file.isLive);
    const sums = new UsageSums();
    for (const { path } of files) await readInto(path, sums, "");
    const names = files.map(({ name }) => name);
    const lines = sums.rows().map(writeUsageLine).join("");
    const made = join(folder, `usage-${month}.${randomUUID()}.jsonl`);
    await writeWhole(made, `${JSON.stringify({ replaces: names })}\n${lines}`);
    for (const { path } of files) await unlink(path);
  } finally {
    await rmdir(lock);
  }
}

/** Renames the file that is being written; false where there is none, because another process has just set it aside. */
async function setAside(folder: string, month: string): Promise<boolean> {
  try {
    await rename(join(folder, `usage-${month}.jsonl`), join(folder, `usage-${month}.${randomUUID()}.jsonl`));
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

async function takeLock(lock: string): Promise<boolean> {
  try {
    await mkdir(lock);
    return true;
  } catch {
    if (!(await isStale(lock))) return false;
    await rmdir(lock).catch(() => undefined);
    return false; // The next write tries again.
  }
}

async function isStale(lock: string): Promise<boolean> {
  try {
    // A lock of the future is as old: the clock was set back since.
    return Math.abs(Date.now() - (await stat(lock)).mtimeMs) > staleLockMs;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Writes a file that is there as a whole or not at all, also after a loss of power. */
async function writeWhole(path: string, text: string): Promise<void> {
  const part = `${path}.part`;
  const file = await open(part, "w");
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, path);
}
