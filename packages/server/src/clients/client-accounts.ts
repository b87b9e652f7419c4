import type { CcpbError } from "@ccpb/core";
import type { BudgetSettings, ClientSettings } from "@ccpb/core/config";
import type { UsageCounts } from "../usage/usage-row.ts";
import { BudgetGauge, shareOf, SpanMeter } from "./budget-meter.ts";
import { type Period, periodsOf, spanName } from "./budget-period.ts";
import { type ClientCount, type ClientCounts, type CountsNews, noCount, type Spent } from "./client-counts.ts";
import { budgetRefusal, type BudgetUse, limitRefusal } from "./client-refusals.ts";
import { CountsElsewhere } from "./counts-elsewhere.ts";
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
  /** Wall clock, milliseconds since the epoch: the days of budgets. */
  readonly now: () => number;
  /**
   * Monotonic clock, milliseconds: the last 60 seconds of limits. A wall clock that is set back would hold a client to
   * what it asked before, for as long as the clock was set back.
   */
  readonly monotonicNow: () => number;
  /**
   * Decides whether a client is configured. Counts of other processes for further clients are dropped. Default: every
   * client is.
   */
  readonly knows?: (client: string) => boolean;
  readonly onBudget: (notice: BudgetNotice) => void;
  /** Called when something was counted that other processes may want to know. */
  readonly onChange?: () => void;
}

/** Admits a request, or refuses it with a reason. */
export type Admission =
  | {
      readonly type: "admitted";
      /** Headers for its answer, which warn of a budget; undefined for none. */
      readonly headers: Readonly<Record<string, string>> | undefined;
      /** Call it once, when the request is over. */
      readonly release: () => void;
    }
  | { readonly type: "refused"; readonly reason: RefusalReason; readonly error: CcpbError };

export type RefusalReason = "concurrent" | "requests" | "tokens" | "budget";

/** Holds the settings of a client with its meters and gauges, which are made once per configuration and not for each request. */
interface Plan {
  readonly client: ClientSettings;
  readonly gauges: readonly BudgetGauge[];
  /** One for each kind of period that its budgets have. */
  readonly meters: readonly SpanMeter[];
}

/** Holds the usage of one client, in this process and as other processes have reported it. */
interface Account {
  running: number;
  requests: number;
  tokens: number;
  readonly recentRequests: MinuteWindow;
  readonly recentTokens: MinuteWindow;
  /** Usage by `spanName`. */
  readonly meters: Map<string, SpanMeter>;
  /** Period in which the notice was given, by span and unit. */
  readonly noticed: Map<string, string>;
  plan: Plan | undefined;
  /** The admission of a request that nothing needs to be said to. It is the same for all of them. */
  readonly admitted: Admission & { readonly type: "admitted" };
}

interface Asked {
  readonly account: Account;
  /** By the monotonic clock. */
  readonly monotonicMs: number;
  /** False for a request that uses no tokens. */
  readonly isCounted: boolean;
}

/** Holds clients with names to their limits and budgets. Without I/O: what other processes count is told by `hear`. */
export class ClientAccounts {
  readonly #options: ClientAccountsOptions;
  readonly #accounts = new Map<string, Account>();
  readonly #periods = new Map<string, (timeMs: number) => Period>();
  readonly #elsewhere = new CountsElsewhere();

  constructor(options: ClientAccountsOptions) {
    this.#options = options;
  }

  /**
   * Admits a request of a client, or tells why it may not go on.
   *
   * @param isCounted - True if budgets and token limits apply; false for requests that use none.
   */
  admit(client: ClientSettings, isCounted = true): Admission {
    const { limits } = client;
    const nowMs = this.#options.now();
    const account = this.#accountOf(client.name);
    const { gauges } = this.#planOf(client, account, nowMs);
    let share = 0;
    for (const gauge of gauges) {
      const used = gauge.share(nowMs);
      if (used >= 1 && isCounted) return overBudget(client.name, gauge, nowMs);
      if (used > share) share = used;
    }
    const monotonicMs = this.#options.monotonicNow();
    const refused = this.#refusal(client, { account, monotonicMs, isCounted });
    if (refused !== undefined) return refused;
    account.running += 1;
    account.requests += 1;
    if (limits.requestsPerMinute !== undefined) account.recentRequests.add(monotonicMs, 1);
    this.#options.onChange?.();
    if (share < warnedShare) return account.admitted;
    return { ...account.admitted, headers: { "x-ccpb-budget-used": `${Math.floor(share * 100)}%` } };
  }

  #refusal({ name, limits }: ClientSettings, { account, monotonicMs, isCounted }: Asked): Admission | undefined {
    const { concurrent, requestsPerMinute, tokensPerMinute } = limits;
    if (concurrent !== undefined && account.running + this.#elsewhere.running(name) >= concurrent) {
      return refuse("concurrent", limitRefusal(name, `${concurrent} requests at once`, 1_000));
    }
    if (requestsPerMinute !== undefined) {
      const waitMs = account.recentRequests.waitMs(monotonicMs, requestsPerMinute);
      if (waitMs > 0) return refuse("requests", limitRefusal(name, `${requestsPerMinute} requests per minute`, waitMs));
    }
    if (!isCounted || tokensPerMinute === undefined) return undefined;
    const waitMs = account.recentTokens.waitMs(monotonicMs, tokensPerMinute);
    return waitMs > 0
      ? refuse("tokens", limitRefusal(name, `${tokensPerMinute} tokens per minute`, waitMs))
      : undefined;
  }

  /** Counts what a call of a client has used; `client` is what the configuration says of it now. */
  record(client: ClientSettings, counts: Partial<UsageCounts>): void {
    const tokens = (counts.input ?? 0) + (counts.output ?? 0) + (counts.cacheWrite ?? 0);
    const account = this.#accountOf(client.name);
    const nowMs = this.#options.now();
    account.tokens += tokens;
    if (client.limits.tokensPerMinute !== undefined) account.recentTokens.add(this.#options.monotonicNow(), tokens);
    const { meters, gauges } = this.#planOf(client, account, nowMs);
    for (const meter of meters) meter.add(nowMs, tokens, counts.cost ?? noCost);
    for (const gauge of gauges) {
      if (gauge.share(nowMs) >= warnedShare) this.#notice(account, gauge, { client: client.name, nowMs });
    }
    this.#options.onChange?.();
  }

  /** Returns the counts of this process alone, without those of other processes. */
  counts(): ClientCounts {
    return Object.fromEntries(
      [...this.#accounts].map(([name, { running, requests, tokens, meters }]): [string, ClientCount] => [
        name,
        { running, requests, tokens, spent: Object.fromEntries(ownSpent(meters)) },
      ]),
    );
  }

  /** Takes in what another process has counted, or what was used before any process of this server began. */
  hear(news: CountsNews): void {
    const before = this.#elsewhere.hear(news);
    const { counts } = news;
    if (before === undefined || counts === null) return;
    const monotonicMs = this.#options.monotonicNow();
    for (const [name, count] of Object.entries(counts)) {
      if (this.#options.knows?.(name) === false) continue;
      const known = before[name] ?? noCount;
      const account = this.#accountOf(name);
      account.recentRequests.add(monotonicMs, Math.max(0, count.requests - known.requests));
      account.recentTokens.add(monotonicMs, Math.max(0, count.tokens - known.tokens));
    }
  }

  /** Returns the use of each budget of a client, in all processes. */
  uses(
    client: ClientSettings,
  ): readonly { readonly budget: BudgetSettings; readonly period: Period; readonly uses: readonly BudgetUse[] }[] {
    const nowMs = this.#options.now();
    const { gauges } = this.#planOf(client, this.#accountOf(client.name), nowMs);
    return gauges.map((gauge) => ({ budget: gauge.budget, ...gauge.uses(nowMs) }));
  }

  /** Forgets clients that the configuration does not have any more and that have nothing under way. */
  retain(names: ReadonlySet<string>): void {
    for (const [name, { running }] of this.#accounts)
      if (!names.has(name) && running === 0) this.#accounts.delete(name);
  }

  #notice(
    { noticed }: Account,
    gauge: BudgetGauge,
    { client, nowMs }: { readonly client: string; readonly nowMs: number },
  ): void {
    const { budget } = gauge;
    const { period, uses } = gauge.uses(nowMs);
    for (const use of uses) {
      const percent = shareOf(use) >= 1 ? 100 : shareOf(use) >= warnedShare ? 80 : undefined;
      if (percent === undefined) continue;
      const key = `${spanName(budget)} ${use.unit} ${use.limit} ${percent}`;
      if (noticed.get(key) === period.id) continue;
      noticed.set(key, period.id);
      this.#options.onBudget({ client, per: budget.per, period, use, percent });
    }
  }

  /** Returns the plan of a client, and makes it anew where the configuration was read again. The meters stay. */
  #planOf(client: ClientSettings, account: Account, nowMs: number): Plan {
    if (account.plan?.client === client) return account.plan;
    const meterOf = (budget: BudgetSettings): SpanMeter => {
      const span = spanName(budget);
      const known = account.meters.get(span);
      if (known !== undefined) return known;
      const periodAt = this.#periodsOf(budget);
      const meter = new SpanMeter({ client: client.name, span, periodAt, elsewhere: this.#elsewhere }, nowMs);
      account.meters.set(span, meter);
      return meter;
    };
    const meters = client.budgets.map(meterOf);
    const gauges = client.budgets.map((budget) => new BudgetGauge(budget, meterOf(budget)));
    account.plan = { client, gauges, meters: [...new Set(meters)] };
    return account.plan;
  }

  /** Returns the periods of a budget; all clients share them, since a calendar is dear to make. */
  #periodsOf(budget: BudgetSettings): (timeMs: number) => Period {
    const span = spanName(budget);
    const periods = this.#periods.get(span) ?? periodsOf(budget);
    this.#periods.set(span, periods);
    return periods;
  }

  #accountOf(name: string): Account {
    const known = this.#accounts.get(name);
    if (known !== undefined) return known;
    const release = (): void => {
      account.running -= 1;
      this.#options.onChange?.();
    };
    const account: Account = {
      running: 0,
      requests: 0,
      tokens: 0,
      recentRequests: new MinuteWindow(),
      recentTokens: new MinuteWindow(),
      meters: new Map(),
      noticed: new Map(),
      plan: undefined,
      admitted: { type: "admitted", headers: undefined, release },
    };
    this.#accounts.set(name, account);
    return account;
  }
}

/** The used part of a budget from which its client is warned, and the operator told. */
const warnedShare = 0.8;
const noCost: Readonly<Record<string, number>> = {};

function refuse(reason: RefusalReason, error: CcpbError): Admission {
  return { type: "refused", reason, error };
}

function overBudget(client: string, gauge: BudgetGauge, nowMs: number): Admission {
  return refuse("budget", budgetRefusal(client, gauge.budget, gauge.worst(nowMs)));
}

function ownSpent(meters: ReadonlyMap<string, SpanMeter>): readonly (readonly [span: string, spent: Spent])[] {
  return [...meters].flatMap(([span, meter]) => {
    const spent = meter.own();
    return spent === undefined ? [] : [[span, spent] as const];
  });
}
