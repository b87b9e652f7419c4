import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { monthOfUsageFile } from "../base/usage-file-name.ts";
import { readUsageLine } from "./usage-line.ts";
import type { UsageSums } from "./usage-row.ts";

/** One file of the ledger. */
export interface UsageFile {
  readonly path: string;
  readonly name: string;
  /** Month in UTC, such as `2026-11`. */
  readonly month: string;
  /** False for a file that was set aside to be compacted, or that a compaction made. */
  readonly isLive: boolean;
}

/**
 * Lists the files whose rows count, by name; none where the folder is missing. A file that was made of others names them in its first line: what it
 * replaces does not count any more, also where a crash kept it from being removed.
 */
export async function listUsageFiles(folder: string): Promise<readonly UsageFile[]> {
  const files = await usageFileNames(folder);
  const replaced = new Set<string>();
  for (const { path, isLive } of files) {
    if (isLive) continue;
    for (const one of await replacedBy(path)) replaced.add(one);
  }
  return files.filter(({ name }) => !replaced.has(name));
}

/** Lists the ledger's files without a look into them, those included that another one replaces. */
export async function usageFileNames(folder: string): Promise<readonly UsageFile[]> {
  return (await namesIn(folder)).flatMap((name) => {
    const month = monthOfUsageFile(name);
    return month === undefined
      ? []
      : { name, month, path: join(folder, name), isLive: name === `usage-${month}.jsonl` };
  });
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function replacedBy(path: string): Promise<readonly string[]> {
  for await (const line of linesOf(path)) return readReplaced(line);
  return [];
}

function readReplaced(line: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(line);
    const names: unknown = typeof value === "object" && value !== null && "replaces" in value ? value.replaces : [];
    return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
  } catch {
    return [];
  }
}

/** Adds the rows of a file, from the hour `from` on, to `sums`. Lines that are no rows are passed over; a file that has gone meanwhile has none. */
export async function readInto(path: string, sums: UsageSums, from: string): Promise<void> {
  for await (const line of linesOf(path)) {
    const row = readUsageLine(line);
    if (row !== undefined && row.hour >= from) sums.add(row, row);
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const stream = createReadStream(path);
  try {
    yield* createInterface({ input: stream, crlfDelay: Infinity });
  } catch (error) {
    // Another process has compacted it between the listing and the reading: the new file is not in this listing.
    if (!isMissing(error)) throw error;
  } finally {
    stream.destroy();
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
