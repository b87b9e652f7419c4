import type { PriceDocument } from "@ccpb/core/config";
import type { Log } from "../log/log-types.ts";
import { UsageFollower } from "./follow-usage-files.ts";
import { Ledger, type LedgerOptions } from "./ledger.ts";
import { pricesFor, type PriceRow } from "./prices.ts";
import { UsageFiles } from "./usage-files.ts";
import { UsageMemory } from "./usage-memory.ts";
import type { UsageSource, UsageStore } from "./usage-store.ts";

export type { Ledger };

export interface OpenLedgerOptions extends Pick<LedgerOptions, "onCounted"> {
  /** Takes the rows where there is no folder. */
  readonly memory: UsageStore;
  readonly log: Log;
}

/**
 * Opens the ledger of a server.
 *
 * @param folder - Null: rows go to `options.memory`.
 * @param settings - Asked for the prices in force at each call.
 */
export function openLedger(
  folder: string | null,
  settings: () => { readonly prices: readonly PriceDocument[] },
  { log, memory, onCounted }: OpenLedgerOptions,
): Ledger {
  let own: readonly PriceDocument[] | undefined;
  let rows: readonly PriceRow[] = [];
  const prices = (): readonly PriceRow[] => {
    const now = settings().prices;
    if (now !== own) rows = pricesFor(now);
    own = now;
    return rows;
  };
  let hasToldOfCompaction = false;
  const onCompactFailed = (error: unknown): void => {
    if (hasToldOfCompaction) return;
    hasToldOfCompaction = true;
    const why = error instanceof Error ? error.message : String(error);
    const message = `a file of usage cannot be compacted and goes on growing; nothing is lost: ${why}`;
    log.write("WARNING", "usage_problem", message, { folder });
  };
  return new Ledger({
    store: folder === null ? memory : new UsageFiles({ folder, onCompactFailed }),
    prices,
    now: Date.now,
    ...(onCounted !== undefined && { onCounted }),
    onProblem: (error) => {
      const why = error instanceof Error ? error.message : String(error);
      const lost = `usage cannot be written, and is kept in memory meanwhile: ${why}`;
      if (error === undefined) log.write("INFO", "usage_problem", "usage is written again");
      else log.write("ERROR", "usage_problem", lost, { folder });
    },
  });
}

/** Store of a server's usage where it has no folder, and the source from which other servers get its usage. */
export interface UsageKeeping {
  readonly memory: UsageMemory;
  /** Made when it is first asked for: it reads or makes a file. */
  readonly source: () => UsageSource;
}

/** @param folder - Null: usage is kept in memory. */
export function keepUsage(folder: string | null): UsageKeeping {
  const memory = new UsageMemory();
  let source: UsageSource | undefined;
  return { memory, source: () => (source ??= folder === null ? memory : new UsageFollower(folder)) };
}
