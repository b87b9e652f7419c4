import { ClientDesk, type ClientDeskOptions } from "../clients/client-desk.ts";
import type { ServerSettings } from "../config/server-settings.ts";
import type { Log } from "../log/log-types.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { type Ledger, openLedger } from "../usage/open-ledger.ts";

/** What a server counts: usage of everybody, and the limits and budgets of clients with names. */
export interface Books {
  readonly ledger: Ledger;
  readonly clients: ClientDesk;
}

export interface BooksOptions extends Pick<ClientDeskOptions, "onChange" | "onBudget"> {
  readonly usageFolder: string | null;
  /** The settings in force; asked at each use. */
  readonly settings: () => ServerSettings;
  readonly log: Log;
  readonly metrics: Metrics;
}

const noClients: readonly never[] = [];

/** Opens the ledger of a server, and has its clients held to what it counts. */
export function openBooks({ usageFolder, settings, log, metrics, ...told }: BooksOptions): Books {
  const clients = new ClientDesk({
    clients: () => settings().auth.clients ?? noClients,
    log,
    metrics,
    now: Date.now,
    ...told,
  });
  const ledger = openLedger(usageFolder, settings, { log, onCounted: (key, counts) => clients.count(key, counts) });
  return { ledger, clients };
}
