import type { Alert } from "../alerts/alert.ts";
import type { BudgetNotice } from "../clients/client-accounts.ts";

/** Announces to the webhooks that a client has used a part of its budget. */
export function budgetAlert({ client, per, period, use, percent }: BudgetNotice): Alert {
  const budget = `${use.limit} ${use.unit} a ${per}`;
  return { type: "budget.reached", client, percent, budget, resetsAt: new Date(period.endMs).toISOString() };
}
