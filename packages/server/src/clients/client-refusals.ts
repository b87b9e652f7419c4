import { CcpbError } from "@ccpb/core";
import type { BudgetSettings } from "@ccpb/core/config";
import { billionths } from "../usage/cost.ts";
import type { Period } from "./budget-period.ts";
import type { Spent } from "./client-counts.ts";

/** One amount of a budget, and how much of it is used. */
export interface BudgetUse {
  /** `tokens`, or a currency (ISO 4217). */
  readonly unit: string;
  readonly used: number;
  readonly limit: number;
}

/** Returns each amount of a budget with what is used of it; costs in units of their currency. */
export function budgetUses({ tokens, cost }: BudgetSettings, spent: Spent): readonly BudgetUse[] {
  return [
    ...(tokens === undefined ? [] : [{ unit: "tokens", used: spent.tokens, limit: tokens }]),
    ...Object.entries(cost).map(([unit, limit]) => ({ unit, used: (spent.cost[unit] ?? 0) / billionths, limit })),
  ];
}

/** Returns a use for people: `12.40 of 20 USD`. */
export function useText({ unit, used, limit }: BudgetUse): string {
  return unit === "tokens" ? `${used} of ${limit} tokens` : `${used.toFixed(2)} of ${limit} ${unit}`;
}

/** Returns the refusal (429) of a client's request above a limit. `waitMs`: after how long it is worth asking again. */
export function limitRefusal(client: string, what: string, waitMs: number): CcpbError {
  const message = `Client ${JSON.stringify(client)} has reached its limit of ${what} (settings.auth.clients); try again later.`;
  return new CcpbError("invalid_request", message, {
    status: 429,
    type: "rate_limit_error",
    retryAfterMs: Math.max(1_000, waitMs),
  });
}

/** Returns the refusal of a client whose budget is used up: 400, since Claude Code shows its login at 402 and 403, and would repeat a 429 for hours. */
export function budgetRefusal(
  client: string,
  { per }: BudgetSettings,
  at: { readonly use: BudgetUse; readonly period: Period },
): CcpbError {
  const again = new Date(at.period.endMs).toISOString().replace(/:\d\d\.\d+Z$/, "Z");
  const message = `The budget of client ${JSON.stringify(client)} for this ${per} is used up: ${useText(at.use)}. It begins anew at ${again}; ask the operator of this balancer for a larger one.`;
  return new CcpbError("invalid_request", message, { status: 400, type: "invalid_request_error", shouldRetry: false });
}
