import type { ClientSettings } from "@ccpb/core/config";
import type { Log } from "../log/log-types.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Ledger } from "../usage/ledger.ts";
import type { UsageCounts, UsageKey, UsageRow } from "../usage/usage-row.ts";
import { periodsOf, spanName } from "./budget-period.ts";
import { type Admission, type BudgetNotice, ClientAccounts } from "./client-accounts.ts";
import { addSpent, hostCounts, type ClientCount, type ClientCounts, noCount } from "./client-counts.ts";
import { useText } from "./client-refusals.ts";

export interface ClientDeskOptions {
  /** The clients with names that are configured now. */
  readonly clients: () => readonly ClientSettings[];
  readonly log: Log;
  readonly metrics: Metrics;
  /** Wall clock, milliseconds since the epoch. */
  readonly now: () => number;
  /** Called when other processes may want to know what was counted. */
  readonly onChange?: () => void;
  /** Called once a period and amount when a budget has reached 80 or 100 %. */
  readonly onBudget?: (notice: BudgetNotice) => void;
}

/** One amount of a budget, as `/usage` shows it; costs in units of their currency. */
export interface BudgetView {
  readonly client: string;
  readonly per: string;
  readonly period: string;
  /** `tokens`, or a currency. */
  readonly unit: string;
  readonly used: number;
  readonly limit: number;
  readonly begins_anew: string;
}

/** Admits the requests of named clients in one process and counts their usage. */
export class ClientDesk {
  readonly accounts: ClientAccounts;
  readonly #options: ClientDeskOptions;
  #known: readonly ClientSettings[] = [];
  #byName: ReadonlyMap<string, ClientSettings> = new Map();

  constructor(options: ClientDeskOptions) {
    this.#options = options;
    this.accounts = new ClientAccounts({
      now: options.now,
      monotonicNow: () => performance.now(),
      knows: (name) => this.#find(name) !== undefined,
      onBudget: (notice) => this.#onBudget(notice),
      ...(options.onChange !== undefined && { onChange: options.onChange }),
    });
  }

  /** Admits a request of a client, or tells why it may not go on; `isCounted` as `ClientAccounts.admit` has it. */
  admit(client: ClientSettings, isCounted: boolean): Admission {
    const admission = this.accounts.admit(client, isCounted);
    if (admission.type === "refused") this.#options.metrics.onClientRefused(client.name, admission.reason);
    return admission;
  }

  /** Counts what the ledger has counted. */
  count({ client: name, provider }: UsageKey, counts: Partial<UsageCounts>): void {
    this.#options.metrics.onUsage(name, provider, counts);
    const client = this.#find(name);
    if (client !== undefined) this.accounts.record(client, counts);
  }

  /** Restores the usage of budgets from before this process, from the ledger's rows of periods that are not over. */
  async restore(ledger: Ledger): Promise<void> {
    const { clients, now, log } = this.#options;
    try {
      const counts = await countsBefore((from) => ledger.rows(from), clients(), now());
      this.accounts.hear({ kind: "before", origin: "", counts });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log.write("ERROR", "usage_problem", `budgets begin at 0, since the ledger cannot be read: ${why}`);
    }
  }

  /** Returns the use of every budget of the clients that `isShown` is true for, in all processes as far as they have told. */
  budgets(isShown: (client: string) => boolean): readonly BudgetView[] {
    return this.#options
      .clients()
      .filter(({ name }) => isShown(name))
      .flatMap((client) =>
        this.accounts.uses(client).flatMap(({ budget: { per }, period, uses }) =>
          uses.map(({ unit, used, limit }) => ({
            client: client.name,
            per,
            period: period.id,
            unit,
            used,
            limit,
            begins_anew: new Date(period.endMs).toISOString(),
          })),
        ),
      );
  }

  /** Takes in what another server has told of its clients, unchecked. */
  onHost(origin: string, value: unknown, isAlive: boolean): void {
    const counts = hostCounts(value, isAlive);
    if (counts !== undefined) this.accounts.hear({ kind: "host", origin, counts });
  }

  #find(name: string): ClientSettings | undefined {
    const now = this.#options.clients();
    if (now !== this.#known) {
      this.#known = now;
      this.#byName = new Map(now.map((client) => [client.name, client]));
      this.accounts.retain(new Set(this.#byName.keys()));
    }
    return this.#byName.get(name);
  }

  #onBudget(notice: BudgetNotice): void {
    const { client, per, use, percent, period } = notice;
    const event = percent === 100 ? "budget_reached" : "budget_warning";
    const rest = percent === 100 ? "is used up" : `is used to ${percent} %`;
    const message = `the budget of ${client} for this ${per} ${rest}: ${useText(use)}`;
    const data = { client, per, period: period.id, unit: use.unit, used: use.used, budget: use.limit, percent };
    this.#options.log.write("WARNING", event, message, data);
    this.#options.onBudget?.(notice);
  }
}

/** Returns what clients have used in the periods of their budgets that are not over, by the rows that `read` gives from an hour on. */
export async function countsBefore(
  read: (from: string) => Promise<readonly UsageRow[]>,
  clients: readonly ClientSettings[],
  nowMs: number,
): Promise<ClientCounts> {
  const from = firstHour(clients, nowMs);
  return from === undefined ? {} : countsOfRows(await read(from), clients, nowMs);
}

/** The first hour of the periods of all budgets that are not over; undefined where there are none. */
function firstHour(clients: readonly ClientSettings[], nowMs: number): string | undefined {
  const starts = clients.flatMap(({ budgets }) => budgets.map((budget) => periodsOf(budget)(nowMs).startMs));
  if (starts.length === 0) return undefined;
  const first = starts.reduce((earliest, start) => Math.min(earliest, start));
  return new Date(first).toISOString().slice(0, 13);
}

/** Returns the usage of clients in the periods that contain `nowMs`, from rows of the ledger. An hour counts to the period in which it begins. */
export function countsOfRows(
  rows: readonly UsageRow[],
  clients: readonly ClientSettings[],
  nowMs: number,
): ClientCounts {
  const spans = new Map(clients.flatMap(({ budgets }) => budgets.map((one) => [spanName(one), periodsOf(one)(nowMs)])));
  const names = new Set(clients.map(({ name }) => name));
  const counts: Record<string, ClientCount> = {};
  for (const { client, hour, input, output, cacheWrite, cost } of rows) {
    if (!names.has(client)) continue;
    const atMs = Date.parse(`${hour}:00:00Z`);
    const before = counts[client] ?? noCount;
    const spent = { ...before.spent };
    for (const [span, { id: period, startMs, endMs }] of spans) {
      if (atMs < startMs || atMs >= endMs) continue;
      const one = { period, tokens: input + output + cacheWrite, cost };
      spent[span] = addSpent(spent[span], one) ?? one;
    }
    counts[client] = { ...before, spent };
  }
  return counts;
}
