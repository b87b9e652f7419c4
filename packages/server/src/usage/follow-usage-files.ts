import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { ledgerId } from "./ledger-id.ts";
import { PartSums } from "./ledger-parts.ts";
import { isMissing, listUsageFiles, readInto, usageFileNames } from "./read-usage-files.ts";
import { readUsageLine } from "./usage-line.ts";
import { type UsageRow, UsageSums } from "./usage-row.ts";
import type { UsageSource } from "./usage-store.ts";

/** Place up to which a file has been read: bytes, and the inode by which a replaced file is noticed. */
interface Place {
  readonly inode: number;
  readonly offset: number;
}

const dayMs = 86_400_000;
const monthMs = 28 * dayMs;
/** The most rows that are kept at hand. */
const maxRows = 100_000;
// Compactions of other processes change the list of files while it is read; each takes seconds.
const tries = 5;

/**
 * Follows the files of a ledger, whichever processes write them: reads what was added since the last look, and says which parts that changes. So a copy of
 * the ledger equals the files even if a process died before it reported its rows.
 */
export class UsageFollower implements UsageSource {
  readonly id: string;
  readonly #folder: string;
  readonly #now: () => number;
  #sums = new PartSums();
  #places = new Map<string, Place>();
  /** Names of the files that were set aside, at the last look. */
  #aside = "";
  /** The hour from which on `#sums` has all rows; empty before anything was read. */
  #from = "";

  /** @param now - Wall clock, milliseconds since the epoch. */
  constructor(folder: string, now: () => number = Date.now) {
    this.#folder = folder;
    this.#now = now;
    this.id = ledgerId(folder);
  }

  readonly changes: UsageSource["changes"] = async () => {
    if (this.#from === "") return { type: "all", fromDay: "" };
    // A file may have been begun and set aside since the last look: then its rows were never seen at its own place.
    if ((await this.#namesAside()) !== this.#aside) return this.#allThatChanges();
    for (const month of this.#months()) {
      const rows = await this.#readOn(month);
      if (rows === undefined) return this.#allThatChanges();
      for (const row of rows) {
        // Rows of a day that was left behind: a disk that was full for so long, or a clock that was set back.
        if (row.hour < this.#from) return this.#allThatChanges();
        this.#sums.add(row);
      }
    }
    const parts = this.#sums.takeChanged();
    this.#leaveBehind();
    return { type: "parts", parts };
  };

  /** All of the months that are looked at: a file that is not followed on may hold rows that came late. */
  #allThatChanges(): { readonly type: "all"; readonly fromDay: string } {
    return { type: "all", fromDay: `${this.#months().toSorted()[0]}-01` };
  }

  readonly all: UsageSource["all"] = (fromDay) => this.#all(fromDay);

  async *#all(fromDay: string): ReturnType<UsageSource["all"]> {
    // Kept at hand: what changes from now on is nearly always of these.
    this.#from = "";
    const aside = await this.#namesAside();
    const keptFrom = this.#yesterday();
    const sums = new PartSums();
    const places = new Map<string, Place>();
    const readFromDay = earlier(fromDay, keptFrom);
    const readFromMonth = readFromDay.slice(0, 7);
    const months = [...new Set((await listUsageFiles(this.#folder)).map(({ month }) => month))].sort().reverse();
    for (const month of months.filter((one) => one >= readFromMonth)) {
      const { rows, place } = await this.#readMonth(month, readFromDay);
      if (place !== undefined) places.set(month, place);
      const older = new PartSums();
      for (const row of rows) (row.hour >= keptFrom ? sums : older).add(row);
      yield older.takeAll(fromDay);
    }
    yield sums.takeAll(fromDay);
    // A file that is begun while others are read has no place: the next look reads it from its beginning.
    for (const month of this.#months().filter((one) => one < readFromMonth)) {
      const end = await endOf(this.#fileOf(month));
      if (end !== undefined) places.set(month, end);
    }
    this.#sums = sums;
    this.#places = places;
    this.#aside = aside;
    this.#from = keptFrom;
    this.#leaveBehind();
  }

  /** The months whose files are looked at: rows may come late, of a disk that was full say. */
  #months(): readonly string[] {
    const nowMs = this.#now();
    return [...new Set([nowMs - monthMs, nowMs].map((atMs) => new Date(atMs).toISOString().slice(0, 7)))];
  }

  #fileOf(month: string): string {
    return join(this.#folder, `usage-${month}.jsonl`);
  }

  /** Forgets what hardly changes any more. */
  #leaveBehind(): void {
    const keptFrom = this.#yesterday();
    if (keptFrom > this.#from) {
      this.#from = keptFrom;
      this.#sums.forgetBefore(keptFrom);
    }
    const forgotten = this.#sums.keepNewest(maxRows);
    // Later than all rows of that hour, and earlier than those of the next.
    if (forgotten !== undefined) this.#from = `${forgotten}:`;
  }

  #yesterday(): string {
    return new Date(this.#now() - dayMs).toISOString().slice(0, 10);
  }

  /** Reads what was added to the file of a month; undefined where it is another one than before, since it was compacted. */
  async #readOn(month: string): Promise<readonly UsageRow[] | undefined> {
    const known = this.#places.get(month);
    const read = await readFrom(this.#fileOf(month), known);
    if (read === undefined) return known === undefined ? [] : undefined;
    if (known !== undefined && (read.place.inode !== known.inode || read.place.offset < known.offset)) return undefined;
    this.#places.set(month, read.place);
    return read.rows;
  }

  /** Reads all files of a month, and again where they were compacted meanwhile. `place`: how far that of its file goes which is still written. */
  async #readMonth(
    month: string,
    fromDay: string,
  ): Promise<{ readonly rows: readonly UsageRow[]; readonly place: Place | undefined }> {
    const path = this.#fileOf(month);
    for (let attempt = 0; attempt < tries; attempt += 1) {
      const before = await this.#setAside(month);
      const sums = new UsageSums();
      for (const one of before) await readInto(one, sums, fromDay);
      const live = await readFrom(path, undefined);
      const after = await this.#setAside(month);
      if (before.join("\n") !== after.join("\n")) continue;
      for (const row of live?.rows ?? []) if (row.hour >= fromDay) sums.add(row, row);
      return { rows: sums.rows(), place: live?.place };
    }
    throw new Error(`the usage of ${month} in ${this.#folder} cannot be copied: its files change all the time`);
  }

  async #namesAside(): Promise<string> {
    const names = await usageFileNames(this.#folder);
    return names
      .filter(({ isLive }) => !isLive)
      .map(({ name }) => name)
      .join("\n");
  }

  /** The files of a month besides the one that is being written. */
  async #setAside(month: string): Promise<readonly string[]> {
    const files = await listUsageFiles(this.#folder);
    return files.filter((file) => file.month === month && !file.isLive).map(({ path }) => path);
  }
}

/** Reads whole lines of a file from a place on, or from its beginning; undefined where it is missing. Another file than the place's is read from its beginning. */
async function readFrom(
  path: string,
  from: Place | undefined,
): Promise<{ readonly rows: readonly UsageRow[]; readonly place: Place } | undefined> {
  let file;
  try {
    file = await open(path, "r");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    const { ino: inode, size } = await file.stat();
    const start = from?.inode === inode && from.offset <= size ? from.offset : 0;
    const bytes = Buffer.alloc(size - start);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
    // A line that is being written is read with the next look.
    const end = bytes.subarray(0, bytesRead).lastIndexOf("\n") + 1;
    const lines = bytes.toString("utf8", 0, end).split("\n");
    const rows = lines.flatMap((line) => (line === "" ? [] : (readUsageLine(line) ?? [])));
    return { rows, place: { inode, offset: start + end } };
  } finally {
    await file.close();
  }
}

/** The end of a file that need not be read; undefined where it is missing. */
async function endOf(path: string): Promise<Place | undefined> {
  try {
    const { ino: inode, size } = await stat(path);
    return { inode, offset: size };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function earlier(one: string, other: string): string {
  return one < other ? one : other;
}
