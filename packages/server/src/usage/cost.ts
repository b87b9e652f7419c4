import type { TokenUsage } from "@ccpb/core";
import { matchesGlob } from "@ccpb/core/internal";
import type { Price, PriceRow } from "./prices.ts";
import type { UsageCounts } from "./usage-row.ts";

/** Cost of one call: `amount` in billionths of `currency`, a whole number, so that sums are exact. */
export interface Cost {
  readonly amount: number;
  readonly currency: string;
}

/** Billionths in one unit of a currency. */
export const billionths = 1_000_000_000;

// Anthropic writes for five minutes at 1.25 times the input, for one hour at 2 times.
const oneHourFactor = 1.6;

/** Finds the price of `model` at `provider`: the first row that covers it. Returns undefined where none does: the cost is unknown then, not 0. */
export function findPrice(rows: readonly PriceRow[], provider: string, model: string): Price | undefined {
  const names = namesOf(model);
  const covers = (row: PriceRow): boolean =>
    (row.provider === undefined || row.provider === provider) && names.some((name) => matchesGlob(row.model, name));
  return rows.find(covers)?.price;
}

/**
 * Returns the names by which a model is looked up: as it is, and as its maker writes it. Gateways and clouds put the maker before it
 * (`anthropic/claude-opus-4.5`, `us.anthropic.claude-opus-4-5-20251101-v1:0`), and some write versions with a dot.
 */
function namesOf(model: string): readonly string[] {
  const last = model.slice(model.lastIndexOf("/") + 1);
  const claude = last.toLowerCase().indexOf("claude-");
  if (claude === -1) return [model, last];
  return [model, last.slice(claude).replaceAll(".", "-")];
}

/** Returns the tokens of `usage` as rows count them, and what they cost; without a price they count as unpriced. */
export function pricedCounts(usage: TokenUsage, price: Price | undefined): Omit<UsageCounts, "calls" | "failures"> {
  const cost = price && costOf(usage, price);
  return {
    input: usage.inputTokens,
    output: usage.outputTokens,
    cacheRead: usage.cacheReadTokens,
    cacheWrite: usage.cacheCreationTokens,
    cacheWrite1h: usage.cacheCreation1hTokens ?? 0,
    thinking: usage.thinkingTokens ?? 0,
    unpriced: cost === undefined ? 1 : 0,
    cost: cost === undefined ? {} : { [cost.currency]: cost.amount },
  };
}

/** Returns what `usage` costs: cached tokens by their own prices; thinking is a part of the output, and costs what the output costs. */
export function costOf(usage: TokenUsage, price: Price): Cost {
  const { inputTokens, outputTokens, cacheReadTokens, cacheCreationTokens, cacheCreation1hTokens = 0 } = usage;
  const whole = inputTokens + cacheReadTokens + cacheCreationTokens;
  const { above, currency = "USD" } = price;
  const rates = above !== undefined && whole > above.inputTokens ? above : price;
  const cacheWrite = rates.cacheWrite ?? rates.input;
  const oneHour = rates.cacheWrite1h ?? (rates.cacheWrite === undefined ? rates.input : oneHourFactor * cacheWrite);
  const long = Math.min(cacheCreation1hTokens, cacheCreationTokens);
  const perMillion =
    inputTokens * rates.input +
    outputTokens * rates.output +
    cacheReadTokens * (rates.cacheRead ?? rates.input) +
    (cacheCreationTokens - long) * cacheWrite +
    long * oneHour;
  return { amount: Math.round((perMillion * billionths) / 1_000_000), currency };
}
