/** Owner of a row's usage: one hour (UTC), client, provider, key and upstream model. */
export interface UsageKey {
  /** The hour that it began in, such as `2026-11-29T03`; UTC. */
  readonly hour: string;
  readonly client: string;
  readonly provider: string;
  /** Counted from 1. */
  readonly key: number;
  readonly model: string;
}

/** The model that rows are counted under beyond the number that is kept: names of models come from clients where they are passed through. */
export const otherModel = "(other)";

/** Counts of calls, tokens and costs. Costs are in billionths of a currency (ISO 4217). */
export interface UsageCounts {
  /** Calls whose last attempt was here. */
  readonly calls: number;
  /** Attempts that failed here. */
  readonly failures: number;
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  /** The part of `cacheWrite` that was written for one hour. */
  readonly cacheWrite1h: number;
  /** The part of `output` that was thinking. */
  readonly thinking: number;
  /** Calls with tokens whose price is not known: their cost is in no sum. */
  readonly unpriced: number;
  readonly cost: Readonly<Record<string, number>>;
}

/** One row of the ledger; nothing in it is of a prompt. */
export interface UsageRow extends UsageKey, UsageCounts {}

/** The names of the plain counts. */
export const countNames = [
  "calls",
  "failures",
  "input",
  "output",
  "cacheRead",
  "cacheWrite",
  "cacheWrite1h",
  "thinking",
  "unpriced",
] as const satisfies readonly (keyof UsageCounts)[];

/** No usage at all. */
export const noCounts: UsageCounts = {
  calls: 0,
  failures: 0,
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite: 0,
  cacheWrite1h: 0,
  thinking: 0,
  unpriced: 0,
  cost: {},
};

/** Adds up two usages. */
export function addCounts(one: UsageCounts, other: UsageCounts): UsageCounts {
  const sum: Record<string, unknown> = {};
  for (const name of countNames) sum[name] = one[name] + other[name];
  const cost: Record<string, number> = { ...one.cost };
  for (const [currency, amount] of Object.entries(other.cost)) cost[currency] = (cost[currency] ?? 0) + amount;
  // Every count is there: the loop goes over all of their names.
  return { ...(sum as Omit<UsageCounts, "cost">), cost };
}

/** Returns a text that is the same for the same key alone. */
export function keyText({ hour, client, provider, key, model }: UsageKey): string {
  // Lengths keep keys apart whatever their parts hold; every hour is as long as any other.
  return `${hour}${key} ${client.length} ${client}${provider.length} ${provider}${model}`;
}

/** Returns the hour of a wall-clock time in milliseconds, in UTC. */
export function hourOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 13);
}

/** A row that is being added to. */
type OpenRow = UsageKey & { -readonly [Name in keyof UsageCounts]: UsageCounts[Name] } & {
  cost: Record<string, number>;
};

/** Sums of rows by key. */
export class UsageSums {
  readonly #rows = new Map<string, OpenRow>();

  get size(): number {
    return this.#rows.size;
  }

  /** Adds `counts` to the row of `key`; absent counts are 0. Done for each call, so nothing is made for a row that is there. */
  add(key: UsageKey, counts: Partial<UsageCounts>): void {
    const name = keyText(key);
    let row = this.#rows.get(name);
    if (row === undefined) {
      const { hour, client, provider, key: number, model } = key;
      row = { hour, client, provider, key: number, model, ...noCounts, cost: {} };
      this.#rows.set(name, row);
    }
    for (const count of countNames) row[count] += counts[count] ?? 0;
    for (const currency in counts.cost) row.cost[currency] = (row.cost[currency] ?? 0) + (counts.cost[currency] ?? 0);
  }

  has(key: UsageKey): boolean {
    return this.#rows.has(keyText(key));
  }

  /** Returns copies of all rows. */
  rows(): readonly UsageRow[] {
    return Array.from(this.#rows.values(), (row) => ({ ...row, cost: { ...row.cost } }));
  }

  /** Forgets all but the `count` rows of the latest hours. */
  keepNewest(count: number): void {
    const rows = this.take().toSorted((one, other) => (one.hour < other.hour ? 1 : -1));
    for (const row of rows.slice(0, count)) this.add(row, row);
  }

  /** Returns all rows and forgets them. */
  take(): readonly UsageRow[] {
    const rows = [...this.#rows.values()];
    this.#rows.clear();
    return rows;
  }
}
