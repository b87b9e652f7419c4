import type { RedisReplica } from "@ccpb/redis";
import { readPart } from "../usage/ledger-parts.ts";
import { dayIn, UsageGroups, type UsageOfOthers, type UsageQuery } from "../usage/usage-report.ts";

/** A replica, as far as it reads the ledgers of other servers. */
export type LedgerReader = Pick<RedisReplica, "readLedgers">;

/**
 * Reads from Redis what all other servers have counted: one question after the other, since each may take 256 MB for a moment and every client may ask.
 * Questions that are the same as one that waits or is being read share its answer.
 */
export class OthersUsage {
  readonly #replica: LedgerReader;
  readonly #asked = new Map<string, Promise<UsageOfOthers>>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(replica: LedgerReader) {
    this.#replica = replica;
  }

  /** Rejects where `readLedgers` does. */
  read(query: UsageQuery): Promise<UsageOfOthers> {
    const { by, since, timeZone } = query;
    const key = JSON.stringify([by, since, timeZone]);
    const known = this.#asked.get(key);
    if (known !== undefined) return known;
    const answer = this.#last
      .then(() => readUsage(this.#replica, query))
      .finally(() => {
        this.#asked.delete(key);
      });
    this.#last = answer.catch(() => undefined);
    this.#asked.set(key, answer);
    return answer;
  }
}

async function readUsage(replica: LedgerReader, query: UsageQuery): Promise<UsageOfOthers> {
  const read = await replica.readLedgers(query.since.slice(0, 10));
  if (read === undefined) return { state: "unavailable", groups: [] };
  const groups = new UsageGroups(query, dayIn(query.timeZone));
  for (const part of read.parts) for (const row of readPart(part)) groups.add(row);
  return { state: read.isComplete ? "included" : "incomplete", groups: groups.groups() };
}
