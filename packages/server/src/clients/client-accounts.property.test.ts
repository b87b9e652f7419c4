import type { BudgetSettings, ClientSettings } from "@ccpb/core/config";
import fc from "fast-check";
import { expect, it } from "vitest";
import { ClientAccounts } from "./client-accounts.ts";
import type { ClientCounts, Spent } from "./client-counts.ts";
import { spanName } from "./budget-period.ts";

const start = Date.parse("2026-11-29T20:00:00Z");
const hourMs = 3_600_000;

const budgets: readonly BudgetSettings[] = [
  { per: "day", timezone: "UTC", tokens: 1_000, cost: { USD: 1 } },
  { per: "day", timezone: "UTC", cost: { CNY: 3 } },
  { per: "month", timezone: "UTC", tokens: 5_000, cost: {} },
];

/** One thing that happens to a client, in the order of time. */
const event = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant("call"), tokens: fc.nat(400), usd: fc.nat(300_000_000) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("hours"), hours: fc.integer({ min: 1, max: 30 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("told"),
      kind: fc.constantFrom("worker", "host", "before"),
      origin: fc.constantFrom("1", "2"),
      tokens: fc.option(fc.nat(500)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("reload"), count: fc.nat(3) }) },
);

function alice(count: number): ClientSettings {
  const rest = { role: "client", models: ["*"], providers: ["*"], limits: {}, priority: 0 } as const;
  return { name: "alice", key: "k", ...rest, budgets: budgets.slice(0, count) };
}

/** The period of a time in UTC. */
function periodOf({ per }: BudgetSettings, timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, per === "day" ? 10 : 7);
}

function toldCounts(tokens: number, nowMs: number): ClientCounts {
  const spent = budgets.map((budget): [string, Spent] => [
    spanName(budget),
    { period: periodOf(budget, nowMs), tokens, cost: { USD: tokens * 1e6, CNY: tokens * 2e6 } },
  ]);
  return { alice: { running: 0, requests: 0, tokens, spent: Object.fromEntries(spent) } };
}

/** Adds up from the beginning what counts to a budget: slow, and without anything that is kept between requests. */
class Bookkeeping {
  readonly #calls: {
    readonly atMs: number;
    readonly spans: ReadonlySet<string>;
    readonly tokens: number;
    readonly usd: number;
  }[] = [];
  readonly #told = new Map<string, ClientCounts>();

  call(atMs: number, client: ClientSettings, { tokens, usd }: { readonly tokens: number; readonly usd: number }): void {
    this.#calls.push({ atMs, spans: new Set(client.budgets.map(spanName)), tokens, usd });
  }

  told(kind: string, origin: string, counts: ClientCounts | null): void {
    const key = kind === "before" ? kind : `${kind} ${origin}`;
    if (counts === null) this.#told.delete(key);
    else this.#told.set(key, counts);
  }

  used(budget: BudgetSettings, unit: string, nowMs: number): number {
    const [span, period] = [spanName(budget), periodOf(budget, nowMs)];
    const own = this.#calls
      .filter(({ atMs, spans }) => spans.has(span) && periodOf(budget, atMs) === period)
      .reduce((sum, { tokens, usd }) => sum + (unit === "tokens" ? tokens : unit === "USD" ? usd : 2 * usd), 0);
    const of = (key: string): number => {
      const spent = this.#told.get(key)?.["alice"]?.spent[span];
      if (spent === undefined || spent.period !== period) return 0;
      return unit === "tokens" ? spent.tokens : (spent.cost[unit] ?? 0);
    };
    const sum = own + of("worker 1") + of("worker 2") + Math.max(of("before"), of("host 1") + of("host 2"));
    return unit === "tokens" ? sum : sum / 1e9;
  }
}

it("holds a client to the sums of all of its calls, whatever is told, reloaded and goes by between them", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      let [nowMs, client] = [start, alice(3)];
      const accounts = new ClientAccounts({ now: () => nowMs, monotonicNow: () => nowMs, onBudget: () => {} });
      const books = new Bookkeeping();
      for (const one of events) {
        if ("hours" in one) nowMs += one.hours * hourMs;
        else if ("count" in one) client = alice(one.count);
        else if ("usd" in one) {
          const { tokens, usd } = one;
          books.call(nowMs, client, { tokens, usd });
          accounts.record(client, { input: tokens, cost: { USD: usd, CNY: 2 * usd } });
        } else {
          const counts = one.tokens === null ? null : toldCounts(one.tokens, nowMs);
          books.told(one.kind, one.origin, counts);
          accounts.hear({ kind: one.kind, origin: one.origin, counts } as Parameters<ClientAccounts["hear"]>[0]);
        }
        const uses = accounts.uses(client).map(({ uses: each }) => each);
        const wanted = client.budgets.map((budget) => {
          const amounts = { ...(budget.tokens !== undefined && { tokens: budget.tokens }), ...budget.cost };
          return Object.entries(amounts).map(([unit, limit]) => ({
            unit,
            used: books.used(budget, unit, nowMs),
            limit,
          }));
        });
        expect(uses).toEqual(wanted);
        const shares = wanted.flat().map(({ used, limit }) => used / limit);
        const most = Math.max(0, ...shares);
        const admission = accounts.admit(client);
        expect(admission.type).toBe(most >= 1 ? "refused" : "admitted");
        if (admission.type === "refused") continue;
        expect(admission.headers?.["x-ccpb-budget-used"]).toBe(most < 0.8 ? undefined : `${Math.floor(most * 100)}%`);
        admission.release();
      }
    }),
  );
});
