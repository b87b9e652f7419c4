import type { Balancer, CallTrace } from "@ccpb/core";
import { type Cost, costOf, findPrice, pricedCounts } from "./cost.ts";
import type { Price, PriceRow } from "./prices.ts";
import { hourOf, otherModel, type UsageCounts, type UsageKey, type UsageRow, UsageSums } from "./usage-row.ts";
import type { UsageStore } from "./usage-store.ts";

export interface LedgerOptions {
  readonly store: UsageStore;
  /** The prices in force; asked for each call. */
  readonly prices: () => readonly PriceRow[];
  /** Wall clock, milliseconds since the epoch. */
  readonly now: () => number;
  /** Called when the store fails (once until it works again), and with undefined when it works again. */
  readonly onProblem: (error: unknown) => void;
  /** Called with the counts of each call or failed attempt. */
  readonly onCounted?: (key: UsageKey, counts: Partial<UsageCounts>) => void;
  /** Least time between two writes to the store, in milliseconds. Default 100. A call that ends later than that after a write is written at once. */
  readonly flushMs?: number;
}

/** The name of clients where none has one. */
export const unnamedClient = "local";

const maxRows = 20_000;
const maxPriced = 1_000;
const hourMs = 3_600_000;
const usualFlushMs = 100;
// A store that failed is not asked again sooner.
const retryMs = 1_000;

/**
 * Counts tokens and cost of every call by hour, client, provider, key and upstream model, and hands them to a store: a call that ends alone at once, before its
 * client has the end of its answer, many calls together every 100 ms. A store that fails loses nothing: what it did not take is handed to it again, with
 * what came since.
 */
export class Ledger {
  readonly #options: LedgerOptions;
  readonly #flushMs: number;
  /** Set while something is pending and nothing is on its way to the store. */
  #timer: NodeJS.Timeout | undefined;
  /** Time at which pending rows are due at the store, by the monotonic clock; Infinity while rows are on their way there. */
  #dueAtMs: number;
  #hour = { startMs: 0, text: "" };
  /** Sums that no store has yet. */
  readonly #pending = new UsageSums();
  readonly #priced = new Map<string, Price | undefined>();
  #pricedRows: readonly PriceRow[] | undefined;
  #flushing: Promise<void> | undefined;
  #hasFailed = false;

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#flushMs = options.flushMs ?? usualFlushMs;
    this.#dueAtMs = performance.now() + this.#flushMs;
  }

  /** Counts the calls of `balancer` until the result is disposed. */
  watch(balancer: Balancer): Disposable {
    return balancer.on("call-end", (trace) => this.record(trace));
  }

  /** Counts one call: its tokens where it ended, its failed attempts where they failed. */
  record(trace: CallTrace): void {
    const hour = this.#hourNow();
    const client = trace.client ?? unnamedClient;
    for (const { provider, keyIndex, model, outcome } of trace.attempts) {
      if (outcome === "failed") this.#count({ hour, client, provider, key: keyIndex + 1, model }, { failures: 1 });
    }
    const last = trace.attempts.at(-1);
    if (last !== undefined) {
      const { provider, keyIndex, model } = last;
      this.#count({ hour, client, provider, key: keyIndex + 1, model }, this.#countsOf(trace, provider, model));
    }
    // Without a timer, which comes late where the machine is busy.
    if (performance.now() >= this.#dueAtMs) void this.flush();
  }

  /** The hour of now; made anew once an hour. */
  #hourNow(): string {
    const nowMs = this.#options.now();
    const { startMs } = this.#hour;
    if (!(nowMs >= startMs && nowMs < startMs + hourMs)) {
      this.#hour = { startMs: Math.floor(nowMs / hourMs) * hourMs, text: hourOf(nowMs) };
    }
    return this.#hour.text;
  }

  /** Returns the rows since the hour `from`: what the store has, and what it does not have yet. */
  async rows(from: string): Promise<readonly UsageRow[]> {
    await this.flush();
    const stored = await this.#options.store.read(from);
    return [...stored, ...this.#pending.rows()].filter(({ hour }) => hour >= from);
  }

  /** Hands what is pending to the store, after what is on its way there. */
  async flush(): Promise<void> {
    await this.#flushing;
    if (this.#pending.size === 0) return;
    const startedAtMs = performance.now();
    this.#flushing ??= this.#flushNow().finally(() => {
      this.#flushing = undefined;
      this.#dueAtMs = startedAtMs + (this.#hasFailed ? retryMs : this.#flushMs);
      if (this.#pending.size > 0) this.#setTimer();
    });
    await this.#flushing;
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), Math.max(0, this.#dueAtMs - performance.now())).unref();
  }

  async #flushNow(): Promise<void> {
    clearTimeout(this.#timer);
    this.#dueAtMs = Number.POSITIVE_INFINITY;
    const { store, onProblem } = this.#options;
    let problem: { readonly error: unknown } | undefined;
    // A month by itself: where only one of two can be written, the other must not be handed over again.
    for (const rows of byMonth(this.#pending.take())) {
      try {
        await store.append(rows);
      } catch (error) {
        problem ??= { error };
        for (const row of rows) this.#pending.add(row, row);
      }
    }
    if (problem !== undefined && !this.#hasFailed) onProblem(problem.error);
    if (problem === undefined && this.#hasFailed) onProblem(undefined);
    this.#hasFailed = problem !== undefined;
  }

  /** Hands over what is pending, and ends. */
  async close(): Promise<void> {
    await this.flush();
    clearTimeout(this.#timer);
    await this.#options.store.close();
  }

  #count(place: UsageKey, counts: Partial<UsageCounts>): void {
    this.#add(place, counts);
    this.#options.onCounted?.(place, counts);
  }

  #countsOf({ usage, state }: CallTrace, provider: string, model: string): Partial<UsageCounts> {
    const failures = state === "truncated" ? 1 : 0;
    if (usage === undefined) return { calls: 1, failures };
    return { calls: 1, failures, ...pricedCounts(usage, this.#priceOf(provider, model)) };
  }

  /** Computes the cost of a call as the ledger counts it; undefined if it is unknown. */
  costOf({ usage, attempts }: CallTrace): Cost | undefined {
    const last = attempts.at(-1);
    if (usage === undefined || last === undefined) return undefined;
    const price = this.#priceOf(last.provider, last.model);
    return price && costOf(usage, price);
  }

  /** Finds a price, and remembers it as long as the prices are the same: rows are patterns, and a busy server asks for few models. */
  #priceOf(provider: string, model: string): Price | undefined {
    const rows = this.#options.prices();
    if (rows !== this.#pricedRows || this.#priced.size >= maxPriced) this.#priced.clear();
    this.#pricedRows = rows;
    const key = `${provider}\n${model}`;
    if (!this.#priced.has(key)) this.#priced.set(key, findPrice(rows, provider, model));
    return this.#priced.get(key);
  }

  #add(place: UsageKey, counts: Partial<UsageCounts>): void {
    const isFull = this.#pending.size >= maxRows && !this.#pending.has(place);
    const isFirst = this.#pending.size === 0;
    this.#pending.add(isFull ? { ...place, model: otherModel } : place, counts);
    if (isFirst && this.#flushing === undefined && performance.now() < this.#dueAtMs) this.#setTimer();
  }
}

/** Returns the rows by their months; most have one. */
function byMonth(rows: readonly UsageRow[]): Iterable<readonly UsageRow[]> {
  const months = new Map<string, UsageRow[]>();
  for (const row of rows) {
    const month = row.hour.slice(0, 7);
    const known = months.get(month);
    if (known === undefined) months.set(month, [row]);
    else known.push(row);
  }
  return months.values();
}
