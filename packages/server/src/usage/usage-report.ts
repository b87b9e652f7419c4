import { addCounts, countNames, noCounts, type UsageCounts, type UsageRow } from "./usage-row.ts";

/** Member by which a report adds up. */
export type UsageGrouping = "client" | "provider" | "model" | "key" | "day" | "hour";

/** Every grouping, for messages and completion. */
export const usageGroupings: readonly UsageGrouping[] = ["client", "provider", "model", "key", "day", "hour"];

/** One line of a report: `name` is what the rows have in common. */
export interface UsageGroup extends UsageCounts {
  readonly name: string;
}

/** Sums of a ledger. */
export interface UsageReport {
  readonly by: UsageGrouping;
  /** The first hour that is counted (UTC), such as `2026-11-29T03`. */
  readonly since: string;
  readonly groups: readonly UsageGroup[];
  readonly total: UsageCounts;
}

/** Question to a report: grouping, first hour, time zone. */
export interface UsageQuery {
  readonly by: UsageGrouping;
  /** The first hour that counts (UTC). */
  readonly since: string;
  /** In which the days are; such as `Europe/Berlin`. */
  readonly timeZone: string;
}

/** One group of one client's usage: what processes tell each other, since a client may see its own alone. */
export interface ClientGroup extends UsageGroup {
  readonly client: string;
}

/** Usage that other servers have counted. `incomplete`: a day was too large to be read. `unavailable`: Redis cannot be had. */
export interface UsageOfOthers {
  readonly state: "included" | "incomplete" | "unavailable";
  readonly groups: readonly ClientGroup[];
}

/** Adds up rows by client and group. */
export class UsageGroups {
  readonly #groups = new Map<string, ClientGroup>();
  readonly #query: Pick<UsageQuery, "by" | "since">;
  readonly #dayOf: (hour: string) => string;

  /** @param dayOf - Tells the day of an hour, in the reader's time zone: see `dayIn`. */
  constructor(query: Pick<UsageQuery, "by" | "since">, dayOf: (hour: string) => string) {
    this.#query = query;
    this.#dayOf = dayOf;
  }

  add(row: UsageRow): void {
    if (row.hour < this.#query.since) return;
    const { client } = row;
    const name = nameOf(row, this.#query.by, this.#dayOf);
    const key = `${client.length} ${client}${name}`;
    this.#groups.set(key, { client, name, ...addCounts(this.#groups.get(key) ?? noCounts, row) });
  }

  groups(): readonly ClientGroup[] {
    return [...this.#groups.values()];
  }
}

/**
 * Adds rows up. Groups of days and hours come in their order, others with the most expensive first, then those with
 * the most tokens.
 *
 * @param options - `dayOf` as for `UsageGroups`.
 */
export function reportUsage(
  rows: readonly UsageRow[],
  options: Pick<UsageQuery, "by" | "since"> & { readonly dayOf: (hour: string) => string },
): UsageReport {
  const groups = new UsageGroups(options, options.dayOf);
  for (const row of rows) groups.add(row);
  return reportGroups(groups.groups(), options);
}

/** Makes a report of groups, several of one name too: those of several clients and servers. */
export function reportGroups(
  all: readonly ClientGroup[],
  { by, since }: Pick<UsageQuery, "by" | "since">,
): UsageReport {
  const groups = new Map<string, UsageGroup>();
  let total = noCounts;
  for (const { name, client: _client, ...counts } of all) {
    groups.set(name, { name, ...addCounts(groups.get(name) ?? noCounts, counts) });
    total = addCounts(total, counts);
  }
  const isTime = by === "day" || by === "hour";
  const order = isTime ? byName : byWeight;
  return { by, since, groups: [...groups.values()].sort(order), total };
}

function nameOf(row: UsageRow, by: UsageGrouping, dayOf: (hour: string) => string): string {
  switch (by) {
    case "client":
      return row.client;
    case "provider":
      return row.provider;
    case "model":
      return row.model;
    case "key":
      return `${row.provider} key ${row.key}`;
    case "day":
      return dayOf(row.hour);
    case "hour":
      return row.hour;
  }
}

function byName(one: UsageGroup, other: UsageGroup): number {
  return one.name < other.name ? -1 : 1;
}

function byWeight(one: UsageGroup, other: UsageGroup): number {
  return costWeight(other) - costWeight(one) || tokenWeight(other) - tokenWeight(one) || byName(one, other);
}

function costWeight({ cost }: UsageCounts): number {
  return Object.values(cost).reduce((sum, amount) => sum + amount, 0);
}

function tokenWeight({ input, output, cacheRead, cacheWrite }: UsageCounts): number {
  return input + output + cacheRead + cacheWrite;
}

/** Makes the function that tells the day (`2026-11-29`) of an hour in a time zone such as `Europe/Berlin`. */
export function dayIn(timeZone: string): (hour: string) => string {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  const known = new Map<string, string>();
  return (hour) => {
    const day = known.get(hour) ?? format.format(new Date(`${hour}:00:00Z`));
    known.set(hour, day);
    return day;
  };
}

const spanForm = /^(?<count>\d{1,4})(?<unit>[hdwm])$/;
const hourMs = 3_600_000;
const spans: Readonly<Record<string, number>> = { h: hourMs, d: 24 * hourMs, w: 7 * 24 * hourMs, m: 30 * 24 * hourMs };

/**
 * Reads since when a report counts: a span such as `24h`, `7d`, `4w`, `3m` (30 days each), or a date such as `2026-11-01` (UTC). Returns the first hour,
 * or undefined where the text is neither.
 */
export function sinceHour(text: string, nowMs: number): string | undefined {
  const { count, unit } = spanForm.exec(text)?.groups ?? {};
  if (count !== undefined && unit !== undefined) {
    const firstMs = nowMs - Number(count) * (spans[unit] ?? hourMs) + hourMs;
    return new Date(firstMs).toISOString().slice(0, 13);
  }
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return undefined;
  const dayMs = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(dayMs) ? undefined : new Date(dayMs).toISOString().slice(0, 13);
}

/** Returns the report as CSV (RFC 4180): a header, then one line a group; costs in whole currency units, a column each. */
export function reportCsv({ by, groups }: UsageReport): string {
  const currencies = [...new Set(groups.flatMap(({ cost }) => Object.keys(cost)))].sort();
  const header = [by, ...countNames, ...currencies.map((currency) => `cost_${currency.toLowerCase()}`)];
  const lines = groups.map((group) => [
    csvField(group.name),
    ...countNames.map((name) => String(group[name])),
    ...currencies.map((currency) => String((group.cost[currency] ?? 0) / 1e9)),
  ]);
  return [header, ...lines].map((fields) => `${fields.join(",")}\r\n`).join("");
}

// A field that a spreadsheet would take for a formula is shown as text.
function csvField(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
