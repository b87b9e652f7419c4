import type { UsageCounts } from "../usage/usage-row.ts";
import type { UsageReport } from "../usage/usage-report.ts";

/** Sums as `/usage` shows them; costs in whole units of each currency. */
export interface CountsView {
  readonly calls: number;
  readonly failures: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_creation_tokens: number;
  /** The part of `cache_creation_tokens` that was written for one hour. */
  readonly cache_creation_1h_tokens: number;
  /** The part of `output_tokens` that was thinking. */
  readonly thinking_tokens: number;
  /** Cost by currency; empty if no price is known. */
  readonly cost: Readonly<Record<string, number>>;
  /** Calls whose price is not known: their cost is in no sum. */
  readonly unpriced_calls: number;
}

/** The answer of `GET /usage`. */
export interface UsageView {
  readonly by: string;
  readonly since: string;
  readonly groups: readonly (CountsView & { readonly name: string })[];
  readonly total: CountsView;
}

export function usageView({ by, since, groups, total }: UsageReport): UsageView {
  return {
    by,
    since: `${since}:00:00Z`,
    groups: groups.map((group) => ({ name: group.name, ...countsView(group) })),
    total: countsView(total),
  };
}

function countsView(counts: UsageCounts): CountsView {
  return {
    calls: counts.calls,
    failures: counts.failures,
    input_tokens: counts.input,
    output_tokens: counts.output,
    cache_read_tokens: counts.cacheRead,
    cache_creation_tokens: counts.cacheWrite,
    cache_creation_1h_tokens: counts.cacheWrite1h,
    thinking_tokens: counts.thinking,
    cost: Object.fromEntries(Object.entries(counts.cost).map(([currency, amount]) => [currency, amount / 1e9])),
    unpriced_calls: counts.unpriced,
  };
}
