import { isObject } from "../base/json-object.ts";
/** Holds the usage of one period: tokens, and cost in billionths of a currency. */
export interface Spent {
  readonly period: string;
  readonly tokens: number;
  readonly cost: Readonly<Record<string, number>>;
}

/** Holds the counts of one client in one process since its start. `requests` and `tokens` only grow. */
export interface ClientCount {
  /** Requests under way. */
  readonly running: number;
  readonly requests: number;
  readonly tokens: number;
  /** Usage by `spanName`, of the period that a call was last counted in. */
  readonly spent: Readonly<Record<string, Spent>>;
}

/** Counts by client's name, as processes exchange them. */
export type ClientCounts = Readonly<Record<string, ClientCount>>;

export const noCount: ClientCount = { running: 0, requests: 0, tokens: 0, spent: {} };

/** Adds what was used in the same period; of two periods the later one counts. */
export function addSpent(one: Spent | undefined, other: Spent | undefined): Spent | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  if (one.period !== other.period) return one.period > other.period ? one : other;
  return { period: one.period, tokens: one.tokens + other.tokens, cost: addCost(one.cost, other.cost) };
}

function addCost(
  one: Readonly<Record<string, number>>,
  other: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const sum: Record<string, number> = { ...one };
  for (const [currency, amount] of Object.entries(other)) sum[currency] = (sum[currency] ?? 0) + amount;
  return sum;
}

/** Adds up the counts of processes. */
export function addCounts(all: Iterable<ClientCounts>): ClientCounts {
  const sums: Record<string, ClientCount> = {};
  for (const counts of all) {
    for (const [name, count] of Object.entries(counts)) {
      const sum = Object.hasOwn(sums, name) ? (sums[name] ?? noCount) : noCount;
      sums[name] = {
        running: sum.running + count.running,
        requests: sum.requests + count.requests,
        tokens: sum.tokens + count.tokens,
        spent: addSpents(sum.spent, count.spent),
      };
    }
  }
  return sums;
}

function addSpents(one: ClientCount["spent"], other: ClientCount["spent"]): ClientCount["spent"] {
  const sum: Record<string, Spent> = { ...one };
  for (const [span, spent] of Object.entries(other)) sum[span] = addSpent(sum[span], spent) ?? spent;
  return sum;
}

/** Returns the counts that outlive their process: the usage of each period. */
export function remainsOf(counts: ClientCounts): ClientCounts {
  return Object.fromEntries(Object.entries(counts).map(([name, { spent }]) => [name, { ...noCount, spent }]));
}

/** Message from one process to another. `before` is the usage before the server began; `counts` is null when the sender has ended. */
export interface CountsNews {
  readonly kind: "before" | "worker" | "host";
  readonly origin: string;
  readonly counts: ClientCounts | null;
}

/** Reads counts that another process wrote, where they are such; undefined for anything else. */
function readCounts(value: unknown): ClientCounts | undefined {
  if (!isObject(value)) return undefined;
  const counts: [string, ClientCount][] = [];
  for (const [name, count] of Object.entries(value).slice(0, maxClients)) {
    if (!isObject(count) || name.length > 100) return undefined;
    const { running, requests, tokens, spent } = count;
    if (![running, requests, tokens].every(isAmount) || !isObject(spent)) return undefined;
    const spans = Object.entries(spent).slice(0, maxSpans);
    if (!spans.every(([, one]) => isSpent(one))) return undefined;
    // Checked member by member above.
    counts.push([name, { running, requests, tokens, spent: Object.fromEntries(spans) } as ClientCount]);
  }
  return Object.fromEntries(counts);
}

const maxClients = 10_000;
const maxSpans = 20;
const maxCurrencies = 20;

function isSpent(value: unknown): value is Spent {
  if (!isObject(value)) return false;
  const { period, tokens, cost } = value;
  if (typeof period !== "string" || !/^\d{4}-\d\d(?:-\d\d)?$/.test(period) || !isAmount(tokens)) return false;
  return isObject(cost) && Object.keys(cost).length <= maxCurrencies && Object.values(cost).every(isAmount);
}

function isAmount(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

/** Reads what another server has told of its clients; undefined where it is nothing of the kind. One that is not alive has nothing under way. */
export function hostCounts(value: unknown, isAlive: boolean): ClientCounts | undefined {
  const counts = readCounts(value);
  return counts === undefined || isAlive ? counts : remainsOf(counts);
}
