import type { CcpbError } from "@ccpb/core";
import type { BudgetSettings, ClientSettings } from "@ccpb/core/config";
import type { UsageCounts } from "../usage/usage-row.ts";
import { type Period, periodsOf, spanName } from "./budget-period.ts";
import {
  addCost,
  addSpent,
  addCounts,
  type ClientCount,
  type ClientCounts,
  type CountsNews,
  noCount,
  type Spent,
} from "./client-counts.ts";
import { budgetRefusal, type BudgetUse, budgetUses, limitRefusal } from "./client-refusals.ts";
import { MinuteWindow } from "./minute-window.ts";

/** A budget has reached 80 or 100 %. Told once a period and amount. */
export interface BudgetNotice {
  readonly client: string;
  readonly per: BudgetSettings["per"];
  readonly period: Period;
  readonly use: BudgetUse;
  readonly percent: 80 | 100;
}

export interface ClientAccountsOptions {
  /** Wall clock, milliseconds since the epoch. */
  readonly now: () => number;
  /**
   * Decides whether a client is configured. Counts of other processes for further clients are dropped. Default: every
   * client is.
   */
  readonly knows?: (client: string) => boolean;
  readonly onBudget: (notice: BudgetNotice) => void;
  /** Called when something was counted that other processes may want to know. */
  readonly onChange?: () => void;
}

/** Admits a request with the headers of its answer, or refuses it with a reason. */
export type Admission =
  | {
      readonly type: "admitted";
      readonly headers: Readonly<Record<string, string>>;
      /** Call it once, when the request is over. */ readonly release: () => void;
    }
  | { readonly type: "refused"; readonly reason: RefusalReason; readonly error: CcpbError };

export type RefusalReason = "concurrent" | "requests" | "tokens" | "budget";

/** Holds the usage of one client, in this process and as other processes have reported it. */
interface Account {
  running: number;
  requests: number;
  tokens: number;
  readonly recentRequests: MinuteWindow;
  readonly recentTokens: MinuteWindow;
  /** Usage by `spanName`. */
  readonly spent: Map<string, Spent>;
  /** Period in which the notice was given, by span and unit. */
  readonly noticed: Map<string, string>;
}

/** A budget of a client, and the amount of it of which the largest part is used: found once a request, for the refusal and for the warning. */
interface AskedBudget {
  readonly budget: BudgetSettings;
  readonly at: { readonly use: BudgetUse; readonly period: Period };
}

interface Asked {
  readonly account: Account;
  readonly nowMs: number;
  /** Undefined for a request that uses no tokens. */
  readonly budgets: readonly AskedBudget[] | undefined;
}

/** Holds clients with names to their limits and budgets. Without I/O: what other processes count is told by `hear`. */
export class ClientAccounts {
  readonly #options: ClientAccountsOptions;
  readonly #accounts = new Map<string, Account>();
  readonly #periods = new Map<string, (timeMs: number) => Period>();
  /** Usage before this process began, from the ledger. */
  #before: ClientCounts = {};
  /** Other processes of this server, by number. */
  readonly #workers = new Map<string, ClientCounts>();
  /** Other servers, by name. */
  readonly #hosts = new Map<string, ClientCounts>();
  /** The sum of both; made anew when one changes. */
  #elsewhere: { readonly workers: ClientCounts; readonly hosts: ClientCounts } = { workers: {}, hosts: {} };

  constructor(options: ClientAccountsOptions) {
    this.#options = options;
  }

  /**
   * Admits a request of a client, or tells why it may not go on.
   *
   * @param isCounted - True if budgets and token limits apply; false for requests that use none.
   */
  admit(client: ClientSettings, isCounted = true): Admission {
    const { name, limits } = client;
    const nowMs = this.#options.now();
    const account = this.#accountOf(name);
    const budgets = client.budgets.map((budget) => ({ budget, at: this.#worst(name, budget, nowMs) }));
    const refused = this.#refusal(client, { account, nowMs, budgets: isCounted ? budgets : undefined });
    if (refused !== undefined) return refused;
    account.running += 1;
    account.requests += 1;
    if (limits.requestsPerMinute !== undefined) account.recentRequests.add(nowMs, 1);
    this.#options.onChange?.();
    const release = (): void => {
      account.running -= 1;
      this.#options.onChange?.();
    };
    return { type: "admitted", headers: warnings(budgets), release };
  }

  #refusal(client: ClientSettings, { account, nowMs, budgets }: Asked): Admission | undefined {
    const { name, limits } = client;
    const { concurrent, requestsPerMinute, tokensPerMinute } = limits;
    const refuse = (reason: RefusalReason, error: CcpbError): Admission => ({ type: "refused", reason, error });
    for (const { budget, at } of budgets ?? []) {
      if (at.use.used >= at.use.limit) return refuse("budget", budgetRefusal(name, budget, at));
    }
    if (concurrent !== undefined && account.running + this.#runningElsewhere(name) >= concurrent) {
      return refuse("concurrent", limitRefusal(name, `${concurrent} requests at once`, 1_000));
    }
    if (requestsPerMinute !== undefined) {
      const waitMs = account.recentRequests.waitMs(nowMs, requestsPerMinute);
      if (waitMs > 0) return refuse("requests", limitRefusal(name, `${requestsPerMinute} requests per minute`, waitMs));
    }
    if (budgets === undefined || tokensPerMinute === undefined) return undefined;
    const waitMs = account.recentTokens.waitMs(nowMs, tokensPerMinute);
    return waitMs > 0
      ? refuse("tokens", limitRefusal(name, `${tokensPerMinute} tokens per minute`, waitMs))
      : undefined;
  }

  /** Counts what a call of a client has used; `client` is what the configuration says of it now. */
  record(client: ClientSettings, counts: Partial<UsageCounts>): void {
    const tokens = (counts.input ?? 0) + (counts.output ?? 0) + (counts.cacheWrite ?? 0);
    const { cost = {} } = counts;
    const account = this.#accountOf(client.name);
    const nowMs = this.#options.now();
    account.tokens += tokens;
    if (client.limits.tokensPerMinute !== undefined) account.recentTokens.add(nowMs, tokens);
    for (const span of new Set(client.budgets.map(spanName))) {
      const { id: period } = this.#periodOf(span, client.budgets, nowMs);
      const now = { period, tokens, cost };
      account.spent.set(span, addSpent(account.spent.get(span), now) ?? now);
    }
    this.#notice(client, nowMs);
    this.#options.onChange?.();
  }

  /** Returns the counts of this process alone, without those of other processes. */
  counts(): ClientCounts {
    return Object.fromEntries(
      [...this.#accounts].map(([name, { running, requests, tokens, spent }]): [string, ClientCount] => [
        name,
        { running, requests, tokens, spent: Object.fromEntries(spent) },
      ]),
    );
  }

  /** Takes in what another process has counted, or what was used before any process of this server began. */
  hear({ kind, origin, counts }: CountsNews): void {
    if (kind === "before") {
      this.#before = counts ?? {};
      return;
    }
    const all = kind === "worker" ? this.#workers : this.#hosts;
    const before = all.get(origin);
    if (counts === null) all.delete(origin);
    else all.set(origin, counts);
    this.#elsewhere = { workers: addCounts(this.#workers.values()), hosts: addCounts(this.#hosts.values()) };
    if (before === undefined || counts === null) return;
    const nowMs = this.#options.now();
    for (const [name, count] of Object.entries(counts)) {
      if (this.#options.knows?.(name) === false) continue;
      const known = before[name] ?? noCount;
      const account = this.#accountOf(name);
      account.recentRequests.add(nowMs, Math.max(0, count.requests - known.requests));
      account.recentTokens.add(nowMs, Math.max(0, count.tokens - known.tokens));
    }
  }

  /** Returns the use of each budget of a client, in all processes. */
  uses(
    client: ClientSettings,
  ): readonly { readonly budget: BudgetSettings; readonly period: Period; readonly uses: readonly BudgetUse[] }[] {
    const nowMs = this.#options.now();
    return client.budgets.map((budget) => {
      const { period, spent } = this.#spent(client.name, budget, nowMs);
      return { budget, period, uses: budgetUses(budget, spent) };
    });
  }

  /** Forgets clients that the configuration does not have any more and that have nothing under way. */
  retain(names: ReadonlySet<string>): void {
    for (const [name, { running }] of this.#accounts)
      if (!names.has(name) && running === 0) this.#accounts.delete(name);
  }

  #spent(name: string, budget: BudgetSettings, nowMs: number): { readonly period: Period; readonly spent: Spent } {
    const span = spanName(budget);
    const period = this.#periodOf(span, [budget], nowMs);
    const none: Spent = { period: period.id, tokens: 0, cost: {} };
    const of = (counts: ClientCounts): Spent => {
      const spent = Object.hasOwn(counts, name) ? counts[name]?.spent[span] : undefined;
      return spent?.period === period.id ? spent : none;
    };
    const own = this.#accounts.get(name)?.spent.get(span);
    const { workers, hosts } = this.#elsewhere;
    // The counts of other servers and the ledger both include what this one counted before its restart: the larger one is complete.
    const earlier = larger(of(this.#before), of(hosts));
    const parts = [own?.period === period.id ? own : none, of(workers), earlier];
    const spent = parts.reduce<Spent>(
      (sum, part) => ({ period: period.id, tokens: sum.tokens + part.tokens, cost: addCost(sum.cost, part.cost) }),
      none,
    );
    return { period, spent };
  }

  /** The amount of a budget of which the largest part is used. */
  #worst(name: string, budget: BudgetSettings, nowMs: number): { readonly use: BudgetUse; readonly period: Period } {
    const { period, spent } = this.#spent(name, budget, nowMs);
    const none: BudgetUse = { unit: "tokens", used: 0, limit: 1 };
    const use = budgetUses(budget, spent).reduce((worst, one) => (shareOf(one) > shareOf(worst) ? one : worst), none);
    return { period, use };
  }

  #notice(client: ClientSettings, nowMs: number): void {
    for (const budget of client.budgets) {
      const { period, spent } = this.#spent(client.name, budget, nowMs);
      for (const use of budgetUses(budget, spent)) {
        const percent = shareOf(use) >= 1 ? 100 : shareOf(use) >= 0.8 ? 80 : undefined;
        if (percent === undefined) continue;
        const { noticed } = this.#accountOf(client.name);
        const key = `${spanName(budget)} ${use.unit} ${use.limit} ${percent}`;
        if (noticed.get(key) === period.id) continue;
        noticed.set(key, period.id);
        this.#options.onBudget({ client: client.name, per: budget.per, period, use, percent });
      }
    }
  }

  #periodOf(span: string, budgets: readonly BudgetSettings[], nowMs: number): Period {
    let periods = this.#periods.get(span);
    if (periods === undefined) {
      const budget = budgets.find((one) => spanName(one) === span);
      periods = periodsOf(budget ?? { per: "day" });
      this.#periods.set(span, periods);
    }
    return periods(nowMs);
  }

  #runningElsewhere(name: string): number {
    const { workers, hosts } = this.#elsewhere;
    return (workers[name]?.running ?? 0) + (hosts[name]?.running ?? 0);
  }

  #accountOf(name: string): Account {
    const known = this.#accounts.get(name);
    if (known !== undefined) return known;
    const account: Account = {
      running: 0,
      requests: 0,
      tokens: 0,
      recentRequests: new MinuteWindow(),
      recentTokens: new MinuteWindow(),
      spent: new Map(),
      noticed: new Map(),
    };
    this.#accounts.set(name, account);
    return account;
  }
}

function warnings(budgets: readonly AskedBudget[]): Readonly<Record<string, string>> {
  let most = 0;
  for (const { at } of budgets) most = Math.max(most, shareOf(at.use));
  return most < 0.8 ? {} : { "x-ccpb-budget-used": `${Math.floor(most * 100)}%` };
}

function shareOf({ used, limit }: BudgetUse): number {
  return used / limit;
}

function larger(one: Spent, other: Spent): Spent {
  const cost: Record<string, number> = { ...one.cost };
  for (const [currency, amount] of Object.entries(other.cost)) cost[currency] = Math.max(cost[currency] ?? 0, amount);
  return { period: one.period, tokens: Math.max(one.tokens, other.tokens), cost };
}
