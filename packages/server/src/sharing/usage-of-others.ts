import type { RedisReplica } from "@ccpb/redis";
import { readPart } from "../usage/ledger-parts.ts";
import { dayIn, UsageGroups, type UsageOfOthers, type UsageQuery } from "../usage/usage-report.ts";

/** Reads from Redis what all other servers have counted. */
export async function usageOfOthers(replica: RedisReplica, query: UsageQuery): Promise<UsageOfOthers> {
  const read = await replica.readLedgers(query.since.slice(0, 10));
  if (read === undefined) return { state: "unavailable", groups: [] };
  const groups = new UsageGroups(query, dayIn(query.timeZone));
  for (const part of read.parts) for (const row of readPart(part)) groups.add(row);
  return { state: read.isComplete ? "included" : "incomplete", groups: groups.groups() };
}
