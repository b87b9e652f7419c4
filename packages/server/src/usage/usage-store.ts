import type { LedgerSharing } from "@ccpb/redis";
import type { UsageRow } from "./usage-row.ts";

/** Store of rows beyond the life of the process. */
export interface UsageStore {
  /** Adds rows of one month to what is kept. Rejects where it cannot; none of them is kept then. */
  append(rows: readonly UsageRow[]): Promise<void>;
  /** Returns the rows of the hours from `from` on (`2026-11-29T03`, UTC), in any order, several of one key too. */
  read(from: string): Promise<readonly UsageRow[]>;
  close(): Promise<void>;
}

/** A ledger as it is copied to a store that all servers read. */
export type UsageSource = Omit<LedgerSharing, "onProblem">;
