import type { BudgetSettings } from "@ccpb/core/config";
import { billionths } from "../usage/cost.ts";
import type { Period } from "./budget-period.ts";
import { addSpent, type Spent } from "./client-counts.ts";
import { type BudgetUse, budgetUses } from "./client-refusals.ts";
import type { CountsElsewhere } from "./counts-elsewhere.ts";

/** Holds the sources of a meter's numbers. */
export interface MeterSource {
  readonly client: string;
  /** Kind of period, as `spanName` has it. */
  readonly span: string;
  /** Returns the period of a time; the same object as long as it lasts. */
  readonly periodAt: (timeMs: number) => Period;
  readonly elsewhere: CountsElsewhere;
}

/** Adds up the usage of one client in the current day, week or month: sums that grow with each call instead of being made anew for each request. */
export class SpanMeter {
  readonly #source: MeterSource;
  #period: Period;
  /** Usage in this process in the period that a call was last counted in. */
  #own: { readonly period: string; tokens: number; readonly cost: Record<string, number> } | undefined;
  /** Usage elsewhere in `#period`, as `CountsElsewhere` had it at a version. */
  #elsewhere: Spent | undefined;
  #version: number;

  constructor(source: MeterSource, nowMs: number) {
    this.#source = source;
    this.#period = source.periodAt(nowMs);
    this.#version = source.elsewhere.version;
    this.#elsewhere = source.elsewhere.spent(source.client, source.span, this.#period.id);
  }

  /** Moves on to the period of a time, and returns it. `used` and `spent` are of this period. */
  moveTo(nowMs: number): Period {
    const { client, span, periodAt, elsewhere } = this.#source;
    const period = periodAt(nowMs);
    if (period !== this.#period || elsewhere.version !== this.#version) {
      this.#period = period;
      this.#version = elsewhere.version;
      this.#elsewhere = elsewhere.spent(client, span, period.id);
    }
    return period;
  }

  /** Counts a call of this process; costs in billionths by currency. A call of an earlier period than the last one is dropped: the clock was set back. */
  add(nowMs: number, tokens: number, cost: Readonly<Record<string, number>>): void {
    const { id: period } = this.moveTo(nowMs);
    let own = this.#own;
    if (own?.period !== period) {
      if (own !== undefined && own.period > period) return;
      own = { period, tokens: 0, cost: {} };
      this.#own = own;
    }
    own.tokens += tokens;
    for (const currency in cost) own.cost[currency] = (own.cost[currency] ?? 0) + (cost[currency] ?? 0);
  }

  /** Returns what is used of a unit in all processes: tokens, or billionths of a currency. */
  used(unit: string): number {
    const own = this.#own?.period === this.#period.id ? this.#own : undefined;
    const elsewhere = this.#elsewhere;
    if (unit === "tokens") return (own?.tokens ?? 0) + (elsewhere?.tokens ?? 0);
    return (own?.cost[unit] ?? 0) + (elsewhere?.cost[unit] ?? 0);
  }

  /** Returns what is used in all processes. */
  spent(): Spent {
    const { id: period } = this.#period;
    const own = this.#own?.period === period ? this.#own : undefined;
    return addSpent(own, this.#elsewhere) ?? { period, tokens: 0, cost: {} };
  }

  /** Returns a copy of what was used in this process, in the period that a call was last counted in; undefined before the first. */
  own(): Spent | undefined {
    return this.#own && { ...this.#own, cost: { ...this.#own.cost } };
  }
}

/** Holds one budget of a client to what the meter of its period shows. */
export class BudgetGauge {
  readonly budget: BudgetSettings;
  readonly #meter: SpanMeter;
  /** Limits in the meter's own units. */
  readonly #limits: readonly (readonly [unit: string, limit: number, inOneUnit: number])[];

  constructor(budget: BudgetSettings, meter: SpanMeter) {
    this.budget = budget;
    this.#meter = meter;
    this.#limits = budgetUses(budget, meter.spent()).map(
      ({ unit, limit }) => [unit, limit, unit === "tokens" ? 1 : billionths] as const,
    );
  }

  /** Returns how much of the budget is used at a time, of its amounts the one with the largest part: 1 and more where it is used up. */
  share(nowMs: number): number {
    this.#meter.moveTo(nowMs);
    let largest = 0;
    for (const [unit, limit, inOneUnit] of this.#limits) {
      const share = this.#meter.used(unit) / inOneUnit / limit;
      if (share > largest) largest = share;
    }
    return largest;
  }

  /** Returns each amount of the budget with what is used of it. */
  uses(nowMs: number): { readonly period: Period; readonly uses: readonly BudgetUse[] } {
    const period = this.#meter.moveTo(nowMs);
    return { period, uses: budgetUses(this.budget, this.#meter.spent()) };
  }

  /** Returns the amount of which the largest part is used. */
  worst(nowMs: number): { readonly period: Period; readonly use: BudgetUse } {
    const { period, uses } = this.uses(nowMs);
    const none: BudgetUse = { unit: "tokens", used: 0, limit: 1 };
    return { period, use: uses.reduce((worst, one) => (shareOf(one) > shareOf(worst) ? one : worst), none) };
  }
}

/** Returns the used part of an amount: 1 where it is used up. */
export function shareOf({ used, limit }: BudgetUse): number {
  return used / limit;
}
