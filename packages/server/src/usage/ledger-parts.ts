import type { LedgerPart } from "@ccpb/redis";
import { otherModel, type UsageKey, type UsageRow, UsageSums } from "./usage-row.ts";
import { readUsageLine, writeUsageLine } from "./usage-line.ts";

/** Parts of one hour: what changes is copied part by part, and servers with many models have many rows an hour. */
const partsOfHour = 4;
/** The most rows of a part; further ones are counted as one model. */
const rowsOfPart = 5_000;
/** The most characters of a part, as far as they are known when a row is new; longer texts than 2,000,000 are not copied. */
const charactersOfPart = 1_900_000;
/** Characters by which a row may grow after that: eleven counts, and costs in a few currencies. */
const growthOfRow = 150;

interface OpenPart {
  readonly day: string;
  readonly name: string;
  readonly sums: UsageSums;
  /** Characters that its rows may come to. */
  length: number;
}

/** Sums of rows, in the parts in which they are copied to other servers, and which of these have changed. */
export class PartSums {
  readonly #parts = new Map<string, OpenPart>();
  readonly #changed = new Set<OpenPart>();
  #size = 0;

  /** Number of rows. */
  get size(): number {
    return this.#size;
  }

  add(row: UsageRow): void {
    const day = row.hour.slice(0, 10);
    const name = `${row.hour.slice(11)}-${partNumber(row)}`;
    const key = `${day} ${name}`;
    let part = this.#parts.get(key);
    if (part === undefined) {
      part = { day, name, sums: new UsageSums(), length: 0 };
      this.#parts.set(key, part);
    }
    const isFull = part.sums.size >= rowsOfPart || part.length >= charactersOfPart;
    const counted = isFull && !part.sums.has(row) ? { ...row, model: otherModel } : row;
    if (!part.sums.has(counted)) {
      part.length += writeUsageLine(counted).length + growthOfRow;
      this.#size += 1;
    }
    part.sums.add(counted, row);
    this.#changed.add(part);
  }

  /** Returns the parts that have changed since this was last called. */
  takeChanged(): readonly LedgerPart[] {
    const parts = [...this.#changed].map(written);
    this.#changed.clear();
    return parts;
  }

  /** Returns all parts from a day on, and counts them as unchanged. */
  takeAll(fromDay: string): readonly LedgerPart[] {
    this.#changed.clear();
    return [...this.#parts.values()].filter(({ day }) => day >= fromDay).map(written);
  }

  rows(): readonly UsageRow[] {
    return [...this.#parts.values()].flatMap(({ sums }) => sums.rows());
  }

  /** Forgets the parts before `day`. */
  forgetBefore(day: string): void {
    for (const [key, part] of this.#parts) if (part.day < day) this.#forget(key, part);
  }

  /** Forgets the oldest hours until no more than `count` rows are left. Returns the last hour that was forgotten a part of; undefined for none. */
  keepNewest(count: number): string | undefined {
    let last: string | undefined;
    if (this.#size <= count) return last;
    for (const [key, part] of [...this.#parts].sort(([one], [other]) => (one < other ? -1 : 1))) {
      if (this.#size <= count) break;
      this.#forget(key, part);
      last = `${part.day}T${part.name.slice(0, 2)}`;
    }
    return last;
  }

  #forget(key: string, part: OpenPart): void {
    this.#parts.delete(key);
    this.#changed.delete(part);
    this.#size -= part.sums.size;
  }
}

/** Returns the rows in a part that another server has written; what is no row is passed over, and so is a row of another hour than its part's. */
export function* readPart({ day, name, text }: LedgerPart): Generator<UsageRow> {
  const hour = `${day}T${name.slice(0, 2)}`;
  for (const line of text.split("\n")) {
    const row = line === "" ? undefined : readUsageLine(line);
    if (row?.hour === hour) yield row;
  }
}

function written({ day, name, sums }: OpenPart): LedgerPart {
  return { day, name, text: sums.rows().map(writeUsageLine).join("") };
}

/** The part that a row is in: the same in every process, whatever came before it. */
function partNumber({ client, provider, key, model }: UsageKey): number {
  let hash = 2_166_136_261;
  const text = `${client} ${provider} ${key} ${model}`;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 16_777_619);
  return (hash >>> 0) % partsOfHour;
}
