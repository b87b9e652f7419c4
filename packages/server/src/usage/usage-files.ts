import { open } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../log/make-folder.ts";
import type { UsageStore } from "./ledger.ts";
import { compactMonth } from "./compact-month.ts";
import { listUsageFiles, readInto } from "./read-usage-files.ts";
import { writeUsageLine } from "./usage-line.ts";
import { type UsageRow, UsageSums } from "./usage-row.ts";

export interface UsageFilesOptions {
  readonly folder: string;
  /** A month's file is compacted when it is longer than this, bytes. Default 4,000,000. */
  readonly compactBytes?: number;
  /** How long a writer of another process may still write to a file that was set aside, milliseconds. Default 2,000. */
  readonly settleMs?: number;
  /** Called when a file could not be compacted. It stays as it is, and nothing is lost; the next write tries again. */
  readonly onCompactFailed?: (error: unknown) => void;
}

/**
 * Keeps the ledger as lines of JSON, in one file a month, `usage-2026-11.jsonl`. Lines are added with one write to a file opened for appending, so that
 * several processes can write, and a process that is killed loses at most what it had not handed over. A file that has grown is compacted: see
 * `compactMonth`.
 */
export class UsageFiles implements UsageStore {
  readonly #options: UsageFilesOptions;
  #compacting: Promise<void> = Promise.resolve();
  #isCompacting = false;
  /** The last write may have left a part of a line: of this process, or of one that was killed. */
  #isTorn = true;

  constructor(options: UsageFilesOptions) {
    this.#options = options;
  }

  async append(rows: readonly UsageRow[]): Promise<void> {
    const byMonth = new Map<string, string>();
    for (const row of rows) {
      const month = row.hour.slice(0, 7);
      byMonth.set(month, (byMonth.get(month) ?? "") + writeUsageLine(row));
    }
    makeFolder(this.#options.folder);
    for (const [month, lines] of byMonth) await this.#appendTo(month, lines);
  }

  async #appendTo(month: string, lines: string): Promise<void> {
    const path = join(this.#options.folder, `usage-${month}.jsonl`);
    const file = await open(path, "a");
    try {
      const bytes = Buffer.from(this.#isTorn ? `\n${lines}` : lines);
      this.#isTorn = true;
      // Written before anything else is asked of the file: a kill loses what is not written.
      const { bytesWritten } = await file.write(bytes);
      const { size } = await file.stat();
      if (bytesWritten < bytes.length) {
        // A full disk. What was written is taken back, since the caller hands over the same rows again.
        await file.truncate(size - bytesWritten);
        throw new Error(`the disk took ${bytesWritten} of ${bytes.length} bytes for ${path}`);
      }
      this.#isTorn = false;
      if (size > (this.#options.compactBytes ?? 4_000_000)) this.#compactLater(month);
    } finally {
      await file.close();
    }
  }

  async read(from: string): Promise<readonly UsageRow[]> {
    const sums = new UsageSums();
    for (const { path, month } of await listUsageFiles(this.#options.folder)) {
      if (month >= from.slice(0, 7)) await readInto(path, sums, from);
    }
    return sums.rows();
  }

  async close(): Promise<void> {
    await this.#compacting;
  }

  #compactLater(month: string): void {
    if (this.#isCompacting) return;
    this.#isCompacting = true;
    const { folder, settleMs = 2_000, onCompactFailed } = this.#options;
    this.#compacting = compactMonth({ folder, month, settleMs })
      .catch((error: unknown) => onCompactFailed?.(error))
      .finally(() => {
        this.#isCompacting = false;
      });
  }
}
