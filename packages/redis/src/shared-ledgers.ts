import { type Link, RefusedError } from "./link.ts";
import { type KeptLinkOptions, LinkKeeper } from "./link-keeper.ts";

/** A part of a ledger: all that one server has counted in one part of a day. A later text of the same part replaces the earlier one. */
export interface LedgerPart {
  /** Day in UTC, such as `2026-11-29`. */
  readonly day: string;
  /** Names the part within the day; at most 20 letters, digits, dots and hyphens. */
  readonly name: string;
  /** At most 2,000,000 characters; a longer one is left out. */
  readonly text: string;
}

/** Changes of a ledger since the last question. */
export type LedgerChanges =
  /** The parts that have changed since the last question, each as a whole. */
  | { readonly type: "parts"; readonly parts: readonly LedgerPart[] }
  /** Everything from this day on has to be copied anew, since the changes are not known. */
  | { readonly type: "all"; readonly fromDay: string };

/** Copies a ledger to Redis, from where each server reads those of all others. */
export interface LedgerSharing {
  /** Names the ledger, in 8 to 40 letters, digits and hyphens: the same after a restart where the ledger is the same, another one for every other ledger. */
  readonly id: string;
  /** Returns what has changed since it was last called. Called once a second while Redis can be had. */
  readonly changes: () => Promise<LedgerChanges>;
  /** Returns the parts from a day on, in portions. `changes` tells of what changes after they were read. */
  readonly all: (fromDay: string) => AsyncIterable<readonly LedgerPart[]>;
  /** Called where `changes` or `all` fails. They are asked again later. */
  readonly onProblem: (error: unknown) => void;
}

export interface SharedLedgersOptions extends LedgerSharing, KeptLinkOptions {}

/** Days for which Redis keeps a day's usage after its last change. */
const keptDays = 100;
const dayMs = 86_400_000;
const keptMs = keptDays * dayMs;
const beatMs = 1_000;
// Beats in which nothing has changed, after which it is looked whether Redis has forgotten the copy.
const idleBeats = 10;
const mostPauseBeats = 60;
/** Characters of one command. */
const batchLength = 200_000;
const textLimit = 2_000_000;
const daysAtOnce = 10;
/** Largest number of bytes read from Redis for one question. A day of more than `dayLimit` is left out. */
const readLimit = 256_000_000;
const dayLimit = 32_000_000;
/** The most parts of one day that are read: of 256 servers. */
const partLimit = 25_000;

/** The ledgers of other servers, as far as they could be read. */
export interface OtherLedgers {
  /** The parts of all of them, in any order. */
  readonly parts: readonly LedgerPart[];
  /** False where a day was too large to be read. */
  readonly isComplete: boolean;
}

/**
 * Copies this process's ledger to Redis, and reads those of others. The ledger itself is the truth: what is copied are whole parts under names of their own,
 * so that a copy which is lost, late or repeated changes nothing. A mark in Redis says from which day on the copy may be behind; where it is gone, so may be
 * everything else, and all is copied anew.
 */
export class SharedLedgers implements AsyncDisposable {
  readonly #options: SharedLedgersOptions;
  readonly #keeper: LinkKeeper;
  /** Undefined: the copy is as the mark says. Else from which day on it has to be made anew; empty for all of it. */
  #anewFrom: string | undefined = "";
  #isConnected = false;
  #syncing: Promise<void> | undefined;
  #beat: Disposable;
  #idle = 0;
  #pause = 0;
  #failures = 0;

  constructor(options: SharedLedgersOptions) {
    this.#options = options;
    const { open, clock, random, onRefused } = options;
    this.#keeper = new LinkKeeper({
      open,
      clock,
      random,
      onUp: () => {
        // It may be another Redis, or an older state of the same: the mark there tells.
        this.#isConnected = false;
        this.#pause = 0;
        void this.#sync();
      },
      // The connection for health tells of the same loss, but not of what only this one is refused.
      onDown: (error) => {
        if (error instanceof RefusedError) onRefused(error);
      },
      onRefused,
      onMessage: () => undefined,
      onTooLong: () => undefined,
    });
    this.#beat = this.#nextBeat();
  }

  /** Reads the parts of all other ledgers from a day on; undefined where Redis cannot be had. */
  async read(fromDay: string): Promise<OtherLedgers | undefined> {
    const days = this.#daysFrom(fromDay);
    const parts: LedgerPart[] = [];
    let left = readLimit;
    let isComplete = true;
    for (let index = 0; index < days.length; index += daysAtOnce) {
      const read = await Promise.all(days.slice(index, index + daysAtOnce).map((day) => this.#readDay(day, left)));
      for (const one of read) {
        if (one === undefined) return undefined;
        isComplete &&= one.isComplete;
        left -= one.bytes;
        for (const part of one.parts) parts.push(part);
      }
    }
    return { parts, isComplete };
  }

  /**
   * Copies what has changed, as long as Redis answers each command within a second, and leaves. The copy stays in Redis. A connection that is still being
   * opened for the first time is waited for, because a ledger in memory is lost otherwise.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#beat[Symbol.dispose]();
    await this.#keeper.firstTry;
    await this.#syncing;
    await this.#sync();
    this.#keeper.close();
  }

  async #readDay(day: string, left: number): Promise<(OtherLedgers & { readonly bytes: number }) | undefined> {
    const { id } = this.#options;
    const limits = { members: partLimit, bytes: Math.min(dayLimit, left) };
    const read = await this.#keeper.run((link) => link.members(day, limits));
    if (read === undefined) return undefined;
    if (read.type === "too-large") return { parts: [], isComplete: false, bytes: 0 };
    const parts: LedgerPart[] = [];
    for (const [member, text] of Object.entries(read.members)) {
      const dot = member.indexOf(".");
      if (dot > 0 && member.slice(0, dot) !== id) parts.push({ day, name: member.slice(dot + 1), text });
    }
    return { parts, isComplete: true, bytes: read.bytes };
  }

  #daysFrom(fromDay: string): readonly string[] {
    const days: string[] = [];
    const firstDay = this.#dayAgo(keptDays);
    // Others' clocks may be ahead.
    for (let ago = -1; ago <= keptDays; ago += 1) {
      const day = this.#dayAgo(ago);
      if (day < fromDay || day < firstDay) break;
      days.push(day);
    }
    return days;
  }

  #sync(): Promise<void> {
    this.#syncing ??= this.#syncNow().finally(() => {
      this.#syncing = undefined;
    });
    return this.#syncing;
  }

  async #syncNow(): Promise<void> {
    if (this.#keeper.state !== "connected") return;
    if (!this.#isConnected) await this.#compareMark();
    const isDone = await this.#copy();
    this.#failures = isDone ? 0 : this.#failures + 1;
    // Redis may refuse for long, and each try reads the whole ledger: the pause doubles up to 60 beats.
    this.#pause = isDone ? 0 : Math.min(mostPauseBeats, 2 ** Math.min(this.#failures, 6));
  }

  async #copy(): Promise<boolean> {
    try {
      return this.#anewFrom === undefined ? await this.#copyChanges() : await this.#copyAnew(this.#anewFrom);
    } catch (error) {
      this.#options.onProblem(error);
      return false;
    }
  }

  async #compareMark(): Promise<void> {
    const mark = await this.#keeper.run(async (link) => (await link.mark(markOf(this.#options.id))) ?? "");
    if (mark === undefined) return;
    this.#isConnected = true;
    const behindFrom = /^\d{4}-\d\d-\d\d$/.test(mark) && mark <= this.#completeThrough() ? mark : "";
    this.#anewFrom = earlier(this.#anewFrom === "" ? undefined : this.#anewFrom, behindFrom);
  }

  async #copyChanges(): Promise<boolean> {
    const changes = await this.#options.changes();
    if (changes.type === "all") {
      this.#anewFrom = changes.fromDay;
      return this.#copyAnew(changes.fromDay);
    }
    const { parts } = changes;
    this.#idle = parts.length === 0 ? this.#idle + 1 : 0;
    if (parts.length === 0 && this.#idle < idleBeats) return true;
    this.#idle = 0;
    // First: what is written to a Redis that has forgotten the rest must not look like all of it.
    const isThere = await this.#setMark(this.#completeThrough(), true);
    if (isThere === false) this.#anewFrom = "";
    if (isThere === true && (await this.#write(parts))) return true;
    this.#anewFrom ??= earlier(
      this.#completeThrough(),
      parts.reduce<string | undefined>((day, part) => earlier(day, part.day), undefined),
    );
    return isThere === false;
  }

  /** Copies all from a day on. The mark says "all" meanwhile, and what it says at the end is kept only if Redis has not forgotten it on the way. */
  async #copyAnew(fromDay: string): Promise<boolean> {
    const firstDay = this.#dayAgo(keptDays);
    if ((await this.#setMark(fromDay, false)) === undefined) return false;
    for await (const parts of this.#options.all(fromDay < firstDay ? firstDay : fromDay)) {
      if (!(await this.#write(parts))) return false;
    }
    if ((await this.#setMark(this.#completeThrough(), true)) !== true) {
      this.#anewFrom = "";
      return false;
    }
    this.#anewFrom = undefined;
    return true;
  }

  /** Rows of yesterday may still change today, and those of today do. */
  #completeThrough(): string {
    return this.#dayAgo(1);
  }

  #setMark(text: string, onlyIfThere: boolean): Promise<boolean | undefined> {
    return this.#keeper.run((link) => link.setMark(markOf(this.#options.id), { text, ttlMs: keptMs, onlyIfThere }));
  }

  async #write(parts: readonly LedgerPart[]): Promise<boolean> {
    const byDay = new Map<string, LedgerPart[]>();
    for (const part of parts) {
      if (part.text.length > textLimit) continue;
      const ofDay = byDay.get(part.day) ?? [];
      byDay.set(part.day, ofDay);
      ofDay.push(part);
    }
    for (const [day, ofDay] of byDay) {
      for (const batch of batches(ofDay)) {
        const members = Object.fromEntries(batch.map(({ name, text }) => [`${this.#options.id}.${name}`, text]));
        const isWritten = await this.#keeper.run(async (link: Link) => {
          await link.setMembers(day, members, keptMs);
          return true;
        });
        if (isWritten === undefined) return false;
      }
    }
    return true;
  }

  #dayAgo(days: number): string {
    return new Date(this.#options.clock.wallNow() - days * dayMs).toISOString().slice(0, 10);
  }

  #nextBeat(): Disposable {
    return this.#options.clock.setTimer(beatMs, () => {
      this.#beat = this.#nextBeat();
      if (this.#pause > 0) this.#pause -= 1;
      else void this.#sync();
    });
  }
}

/** The mark of a ledger, under a name that is none of a day. */
function markOf(id: string): string {
  return `of-${id}`;
}

function* batches(parts: readonly LedgerPart[]): Generator<readonly LedgerPart[]> {
  let batch: LedgerPart[] = [];
  let length = 0;
  for (const part of parts) {
    batch.push(part);
    length += part.text.length;
    if (length < batchLength) continue;
    yield batch;
    batch = [];
    length = 0;
  }
  if (batch.length > 0) yield batch;
}

function earlier(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one < other ? one : other;
}
