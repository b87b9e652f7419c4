import type { PriceDocument } from "@ccpb/core/config";
import type { Log } from "../log/log-types.ts";
import { Ledger, type LedgerOptions } from "./ledger.ts";
import { pricesFor, type PriceRow } from "./prices.ts";
import { UsageFiles } from "./usage-files.ts";

export type { Ledger };

/**
 * Opens the ledger of a server.
 *
 * @param settings - Asked for the prices in force at each call. `folder` null: usage is kept in memory only.
 * @param options - `onCounted` as `LedgerOptions` has it.
 */
export function openLedger(
  folder: string | null,
  settings: () => { readonly prices: readonly PriceDocument[] },
  { log, onCounted }: { readonly log: Log; readonly onCounted?: LedgerOptions["onCounted"] },
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
    store: folder === null ? null : new UsageFiles({ folder, onCompactFailed }),
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
