import type { ClientCounts } from "../clients/client-counts.ts";
import { ClientDesk, type ClientDeskOptions } from "../clients/client-desk.ts";
import type { ServerSettings } from "../config/server-settings.ts";
import type { Log } from "../log/log-types.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { type Ledger, openLedger } from "../usage/open-ledger.ts";
import type { UsageStore } from "../usage/usage-store.ts";

/** Holds the server's counters: usage of all clients, and limits and budgets of named ones. */
export interface Books {
  readonly ledger: Ledger;
  readonly clients: ClientDesk;
}

export interface BooksOptions extends Pick<ClientDeskOptions, "onBudget"> {
  /** Sends this process's counts of clients to other processes; called a moment after a change. */
  readonly tellCounts: (counts: ClientCounts) => void;
  readonly usageFolder: string | null;
  /** Keeps usage where there is no folder. */
  readonly memory: UsageStore;
  /** The settings in force; asked at each use. */
  readonly settings: () => ServerSettings;
  readonly log: Log;
  readonly metrics: Metrics;
}

// Processes tell each other their counts after this time. Together they may exceed a limit by what they count within it.
const tellAfterMs = 50;
const noClients: readonly never[] = [];

/** Opens the ledger of a server, and has its clients held to what it counts. */
export function openBooks(options: BooksOptions): Books {
  const { usageFolder, memory, settings, log, metrics, tellCounts, ...told } = options;
  let isTelling = false;
  const tellSoon = (): void => {
    if (isTelling) return;
    isTelling = true;
    const tell = (): void => {
      isTelling = false;
      tellCounts(clients.accounts.counts());
    };
    setTimeout(tell, tellAfterMs).unref();
  };
  const clients: ClientDesk = new ClientDesk({
    clients: () => settings().auth.clients ?? noClients,
    log,
    metrics,
    now: Date.now,
    ...told,
    onChange: tellSoon,
  });
  const ledger = openLedger(usageFolder, settings, {
    log,
    memory,
    onCounted: (key, counts) => clients.count(key, counts),
  });
  return { ledger, clients };
}
