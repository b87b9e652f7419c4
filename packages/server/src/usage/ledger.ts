import type { Balancer, CallTrace } from "@ccpb/core";
import { pricedCounts, findPrice } from "./cost.ts";
import type { Price, PriceRow } from "./prices.ts";
import { hourOf, noCounts, type UsageCounts, type UsageKey, type UsageRow, UsageSums } from "./usage-row.ts";

/** Where rows are kept beyond the life of the process. */
export interface UsageStore {
  /** Adds rows to what is kept. Rejects where it cannot; none of them is kept then. */
  append(rows: readonly UsageRow[]): Promise<void>;
  /** Returns the rows of the hours from `from` on (`2026-11-29T03`, UTC), in any order, several of one key too. */
  read(from: string): Promise<readonly UsageRow[]>;
  close(): Promise<void>;
}

export interface LedgerOptions {
  /** Null: usage is known while the process runs, and in memory alone. */
  readonly store: UsageStore | null;
  /** The prices in force; asked for each call. */
  readonly prices: () => readonly PriceRow[];
  /** Wall clock, milliseconds since the epoch. */
  readonly now: () => number;
  /** Told when the store fails (once until it works again), and when it works again (undefined). */
  readonly onProblem: (error: unknown) => void;
  /** Told what is counted of each call or failed attempt. */
  readonly onCounted?: (key: UsageKey, counts: Partial<UsageCounts>) => void;
  /** Interval of writing rows to the store, in milliseconds. Default 500. A killed process loses the rows of one interval, and on a busy machine those of the delay. */
  readonly flushMs?: number;
}

/** The name of clients where none has one. */
export const unnamedClient = "local";

// Names of models come from clients where they are passed through.
const maxRows = 20_000;
const otherModel = "(other)";
const maxPriced = 1_000;

/**
 * Counts tokens and cost of every call by hour, client, provider, key and upstream model, and hands them to a store twice a second. A store that fails
 * loses nothing: what it did not take is handed to it again, with what came since.
 */
export class Ledger {
  readonly #options: LedgerOptions;
  readonly #timer: NodeJS.Timeout;
  /** What no store has yet. */
  readonly #pending = new UsageSums();
  /** Where there is no store: everything. */
  readonly #kept = new UsageSums();
  readonly #priced = new Map<string, Price | undefined>();
  #pricedRows: readonly PriceRow[] | undefined;
  #flushing: Promise<void> | undefined;
  #hasFailed = false;

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.flush(), options.flushMs ?? 500);
    this.#timer.unref();
  }

  /** Counts the calls of `balancer` until the result is disposed. */
  watch(balancer: Balancer): Disposable {
    return balancer.on("call-end", (trace) => this.record(trace));
  }

  /** Counts one call: its tokens where it ended, its failed attempts where they failed. */
  record(trace: CallTrace): void {
    const hour = hourOf(this.#options.now());
    const client = trace.client ?? unnamedClient;
    for (const { provider, keyIndex, model, outcome } of trace.attempts) {
      if (outcome === "failed") this.#count({ hour, client, provider, key: keyIndex + 1, model }, { failures: 1 });
    }
    const last = trace.attempts.at(-1);
    if (last !== undefined) {
      const { provider, keyIndex, model } = last;
      this.#count({ hour, client, provider, key: keyIndex + 1, model }, this.#countsOf(trace, provider, model));
    }
  }

  /** Returns the rows since the hour `from`: what the store has, and what it does not have yet. */
  async rows(from: string): Promise<readonly UsageRow[]> {
    await this.flush();
    const stored = this.#options.store === null ? this.#kept.rows() : await this.#options.store.read(from);
    return [...stored, ...this.#pending.rows()].filter(({ hour }) => hour >= from);
  }

  /** Hands what is pending to the store, after what is on its way there. */
  async flush(): Promise<void> {
    await this.#flushing;
    if (this.#pending.size === 0) return;
    this.#flushing ??= this.#flushNow().finally(() => {
      this.#flushing = undefined;
    });
    await this.#flushing;
  }

  async #flushNow(): Promise<void> {
    const rows = this.#pending.take();
    const { store, onProblem } = this.#options;
    if (store === null) {
      for (const row of rows) this.#kept.add(row, row);
      if (this.#kept.size > maxRows) this.#kept.keepNewest(maxRows / 2);
      return;
    }
    try {
      await store.append(rows);
      if (this.#hasFailed) onProblem(undefined);
      this.#hasFailed = false;
    } catch (error) {
      for (const row of rows) this.#pending.add(row, row);
      if (!this.#hasFailed) onProblem(error);
      this.#hasFailed = true;
    }
  }

  /** Hands over what is pending, and ends. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
    await this.#options.store?.close();
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

  /** Tells what a call cost as the ledger counts it; undefined where it is not known. */
  costOf({ usage, attempts }: CallTrace): Readonly<Record<string, number>> | undefined {
    const last = attempts.at(-1);
    if (usage === undefined || last === undefined) return undefined;
    const { cost, unpriced } = pricedCounts(usage, this.#priceOf(last.provider, last.model));
    return unpriced > 0 ? undefined : cost;
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
    this.#pending.add(isFull ? { ...place, model: otherModel } : place, { ...noCounts, ...counts });
  }
}
