import { closeSync, fstatSync, ftruncateSync, open, writeSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { makeFolder } from "../log/make-folder.ts";
import { compactMonth } from "./compact-month.ts";
import { listUsageFiles, readInto } from "./read-usage-files.ts";
import { writeUsageLine } from "./usage-line.ts";
import { type UsageRow, UsageSums } from "./usage-row.ts";
import type { UsageStore } from "./usage-store.ts";

const openFile = promisify(open);

export interface UsageFilesOptions {
  readonly folder: string;
  /** A month's file is compacted when it is longer than this, bytes. Default 4,000,000. */
  readonly compactBytes?: number;
  /** Time in which a writer of another process may still write to a file that was set aside, milliseconds. Default 3,000. */
  readonly settleMs?: number;
  /** Called when a file could not be compacted. It stays as it is, and nothing is lost; the next write tries again. */
  readonly onCompactFailed?: (error: unknown) => void;
}

const usualSettleMs = 3_000;

/** A file that is open for appending. */
interface OpenFile {
  readonly month: string;
  readonly descriptor: number;
  readonly openedAtMs: number;
}

/**
 * Keeps the ledger as lines of JSON, in one file a month, `usage-2026-11.jsonl`. Lines are added with one write to a file opened for appending, so that
 * several processes can write, and a process that is killed loses at most what it had not handed over. A file that has grown is compacted: see
 * `compactMonth`.
 *
 * Files are opened in the background, since a disk that hangs must not hang the server, and written synchronously: the lines are with the system before
 * anything else runs, however late the event loop and the threads of a busy machine are. A file is used for a third of `settleMs` and no longer, since a
 * compaction of another process adds up what was written until `settleMs` is over; half-way the next one is opened ahead.
 */
export class UsageFiles implements UsageStore {
  readonly #options: UsageFilesOptions;
  #compacting: Promise<void> = Promise.resolve();
  #isCompacting = false;
  /** The last write may have left a part of a line: of this process, or of one that was killed. */
  #isTorn = true;
  #open: OpenFile | undefined;
  #isOpening = false;
  #isClosed = false;
  #closing: NodeJS.Timeout | undefined;
  readonly #reuseMs: number;

  constructor(options: UsageFilesOptions) {
    this.#options = options;
    this.#reuseMs = (options.settleMs ?? usualSettleMs) / 3;
  }

  /** Adds rows. Those of several months go to several files: where one of these fails, the rows of the others may be kept. */
  async append(rows: readonly UsageRow[]): Promise<void> {
    const byMonth = new Map<string, string>();
    for (const row of rows) {
      const month = row.hour.slice(0, 7);
      byMonth.set(month, (byMonth.get(month) ?? "") + writeUsageLine(row));
    }
    for (const [month, lines] of byMonth) await this.#appendTo(month, lines);
  }

  async #appendTo(month: string, lines: string): Promise<void> {
    const file = this.#openFile(month) ?? (await this.#openAnew(month));
    const bytes = Buffer.from(this.#isTorn ? `\n${lines}` : lines);
    try {
      this.#isTorn = true;
      const bytesWritten = writeSync(file.descriptor, bytes);
      const { size, nlink } = fstatSync(file.descriptor);
      if (bytesWritten < bytes.length) {
        // The disk may be full. The written part is removed, because the caller hands over the same rows again.
        ftruncateSync(file.descriptor, size - bytesWritten);
        throw new Error(`the disk took ${bytesWritten} of ${bytes.length} bytes for the usage of ${month}`);
      }
      if (nlink === 0) throw new Error(`the file of the usage of ${month} was removed while it was written`);
      this.#isTorn = false;
      if (size > (this.#options.compactBytes ?? 4_000_000)) this.#compactLater(month);
    } catch (error) {
      this.#letGo();
      throw error;
    }
    if (performance.now() - file.openedAtMs > this.#reuseMs / 2) this.#openAhead(month);
  }

  /** Returns the file of `month` where it was opened lately. */
  #openFile(month: string): OpenFile | undefined {
    const file = this.#open;
    return file?.month === month && performance.now() - file.openedAtMs < this.#reuseMs ? file : undefined;
  }

  async #openAnew(month: string): Promise<OpenFile> {
    const { folder } = this.#options;
    makeFolder(folder);
    // Before it is opened, so that a late answer makes it no younger.
    const openedAtMs = performance.now();
    const descriptor = await openFile(join(folder, `usage-${month}.jsonl`), "a");
    this.#letGo();
    const file = { month, descriptor, openedAtMs };
    this.#open = file;
    this.#closing = setTimeout(() => this.#letGo(), this.#reuseMs).unref();
    return file;
  }

  #openAhead(month: string): void {
    if (this.#isOpening) return;
    this.#isOpening = true;
    this.#openAnew(month)
      // The next write opens it itself, and tells of what is wrong.
      .catch(() => undefined)
      .finally(() => {
        this.#isOpening = false;
        if (this.#isClosed) this.#letGo();
      });
  }

  /** Closes the open file, so that the next write opens what stands there then. */
  #letGo(): void {
    clearTimeout(this.#closing);
    if (this.#open !== undefined) closeSync(this.#open.descriptor);
    this.#open = undefined;
  }

  async read(from: string): Promise<readonly UsageRow[]> {
    const sums = new UsageSums();
    for (const { path, month } of await listUsageFiles(this.#options.folder)) {
      if (month >= from.slice(0, 7)) await readInto(path, sums, from);
    }
    return sums.rows();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#letGo();
    await this.#compacting;
  }

  #compactLater(month: string): void {
    if (this.#isCompacting) return;
    this.#isCompacting = true;
    const { folder, settleMs = usualSettleMs, onCompactFailed } = this.#options;
    this.#compacting = compactMonth({ folder, month, settleMs })
      .catch((error: unknown) => onCompactFailed?.(error))
      .finally(() => {
        this.#isCompacting = false;
      });
  }
}
