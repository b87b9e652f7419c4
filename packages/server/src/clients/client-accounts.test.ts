import type { ClientSettings } from "@ccpb/core/config";
import { describe, expect, it } from "vitest";
import { type BudgetNotice, ClientAccounts } from "./client-accounts.ts";
import type { ClientCounts } from "./client-counts.ts";

const noon = Date.parse("2026-11-29T12:00:00Z");

function stage() {
  // `setMs`: by how much the wall clock was set.
  const clock = { nowMs: noon, setMs: 0 };
  const notices: BudgetNotice[] = [];
  const make = (): ClientAccounts =>
    new ClientAccounts({
      now: () => clock.nowMs + clock.setMs,
      monotonicNow: () => clock.nowMs,
      onBudget: (one) => notices.push(one),
    });
  return { clock, notices, make, accounts: make() };
}

function client(change: Partial<ClientSettings> = {}): ClientSettings {
  const settings = { role: "client", models: ["*"], providers: ["*"], limits: {}, budgets: [], priority: 0 } as const;
  return { name: "alice", key: "k", ...settings, ...change };
}

function admitted(accounts: ClientAccounts, settings: ClientSettings): (() => void) | string {
  const admission = accounts.admit(settings);
  return admission.type === "admitted" ? admission.release : admission.reason;
}

describe("limits", () => {
  it("hold the requests under way, and let the next one in when one is over", () => {
    const { accounts } = stage();
    const alice = client({ limits: { concurrent: 2 } });
    const first = admitted(accounts, alice);
    admitted(accounts, alice);
    expect(admitted(accounts, alice)).toBe("concurrent");
    expect(typeof admitted(accounts, client({ name: "bob", limits: { concurrent: 2 } }))).toBe("function");
    (first as () => void)();
    expect(typeof admitted(accounts, alice)).toBe("function");
  });

  it("hold requests and tokens of any 60 seconds, and say when to ask again", () => {
    const { accounts, clock } = stage();
    const alice = client({ limits: { requestsPerMinute: 2, tokensPerMinute: 100 } });
    for (let index = 0; index < 2; index += 1) (admitted(accounts, alice) as () => void)();
    const refused = accounts.admit(alice);
    expect(refused).toMatchObject({
      type: "refused",
      reason: "requests",
      error: { status: 429, type: "rate_limit_error", retryAfterMs: 61_000 },
    });
    clock.nowMs += 61_000;
    accounts.record(alice, { input: 50, output: 30, cacheWrite: 20, cacheRead: 9_000 });
    expect(admitted(accounts, alice)).toBe("tokens");
    // What uses no tokens goes on.
    expect(accounts.admit(alice, false).type).toBe("admitted");
    clock.nowMs += 61_000;
    expect(typeof admitted(accounts, alice)).toBe("function");
  });
});

describe("limits by the minute on a machine whose clock is set", () => {
  const hourMs = 3_600_000;
  it.each([-hourMs, -24 * hourMs, -8_760 * hourMs, hourMs, 24 * hourMs, -1_500, 1_500])(
    "by %i ms hold for 61 seconds at most, and no shorter",
    (setMs) => {
      const { accounts, clock } = stage();
      const alice = client({ limits: { requestsPerMinute: 2, tokensPerMinute: 100 } });
      for (let index = 0; index < 2; index += 1) (admitted(accounts, alice) as () => void)();
      clock.setMs = setMs;
      expect(accounts.admit(alice)).toMatchObject({ reason: "requests", error: { retryAfterMs: 61_000 } });
      clock.nowMs += 61_000;
      accounts.record(alice, { input: 100 });
      expect(accounts.admit(alice)).toMatchObject({ reason: "tokens", error: { retryAfterMs: 61_000 } });
      clock.setMs = 0;
      clock.nowMs += 61_000;
      expect(typeof admitted(accounts, alice)).toBe("function");
    },
  );
});

describe("a budget", () => {
  const alice = client({ budgets: [{ per: "day", timezone: "UTC", cost: { USD: 1 } }] });

  it("warns from 80 % on, is told of once, and refuses from 100 % on until the next period", () => {
    const { accounts, clock, notices } = stage();
    const spend = (usd: number): void => accounts.record(alice, { input: 1, cost: { USD: usd * 1e9 } });
    spend(0.79);
    expect(accounts.admit(alice)).toMatchObject({ type: "admitted", headers: undefined });
    spend(0.01);
    spend(0.05);
    expect(accounts.admit(alice)).toMatchObject({ headers: { "x-ccpb-budget-used": "85%" } });
    spend(0.15);
    spend(0.5);
    expect(accounts.admit(alice)).toMatchObject({
      reason: "budget",
      error: {
        status: 400,
        message: expect.stringMatching(/for this day is used up: 1\.50 of 1 USD\. It begins anew at 2026-11-30T00:00Z/),
      },
    });
    expect(notices.map(({ client: name, percent }) => [name, percent])).toEqual([
      ["alice", 80],
      ["alice", 100],
    ]);
    clock.nowMs = Date.parse("2026-11-30T00:00:00Z");
    expect(accounts.admit(alice)).toMatchObject({ type: "admitted", headers: undefined });
    spend(1);
    expect(notices).toHaveLength(3);
  });

  it("counts tokens, does not count another currency, and each of several budgets holds", () => {
    const { accounts } = stage();
    const both = client({
      budgets: [
        { per: "day", timezone: "UTC", cost: { USD: 1 }, tokens: 100 },
        { per: "month", timezone: "UTC", cost: { CNY: 3 } },
      ],
    });
    accounts.record(both, { input: 60, output: 39, cost: { EUR: 9e9 } });
    expect(accounts.admit(both).type).toBe("admitted");
    accounts.record(both, { input: 1 });
    expect(accounts.admit(both)).toMatchObject({
      reason: "budget",
      error: { message: expect.stringContaining("100 of 100 tokens") },
    });
    accounts.record(both, { cost: { CNY: 3e9 } });
    const { uses } = accounts.uses(both)[1] ?? {};
    expect(uses).toEqual([{ unit: "CNY", used: 3, limit: 3 }]);
  });

  it("keeps what was used after midnight where the clock is set back before it", () => {
    const { accounts, clock } = stage();
    const used = (): number | undefined => accounts.uses(alice)[0]?.uses[0]?.used;
    clock.nowMs = Date.parse("2026-11-30T00:00:01Z");
    accounts.record(alice, { cost: { USD: 5e8 } });
    clock.nowMs -= 2_000;
    accounts.record(alice, { cost: { USD: 2e8 } });
    expect(used()).toBe(0);
    clock.nowMs += 2_000;
    expect(used()).toBe(0.5);
  });

  it("goes on from what the ledger has, and does not count twice what other servers tell of the same", () => {
    const { make } = stage();
    const before: ClientCounts = {
      alice: {
        running: 0,
        requests: 0,
        tokens: 0,
        spent: { "day|UTC": { period: "2026-11-29", tokens: 9, cost: { USD: 6e8 } } },
      },
    };
    const accounts = make();
    accounts.hear({ kind: "before", origin: "", counts: before });
    accounts.record(alice, { cost: { USD: 1e8 } });
    expect(accounts.uses(alice)[0]?.uses[0]?.used).toBeCloseTo(0.7);
    accounts.hear({ kind: "host", origin: "earlier-self", counts: before });
    expect(accounts.uses(alice)[0]?.uses[0]?.used).toBeCloseTo(0.7);
    accounts.hear({ kind: "host", origin: "another", counts: before });
    expect(accounts.uses(alice)[0]?.uses[0]?.used).toBeCloseTo(1.3);
    expect(accounts.admit(alice).type).toBe("refused");
  });
});

describe("processes that tell each other what they count", () => {
  it("hold one limit and one budget together, and let go of what a process has under way that ends", () => {
    const { make } = stage();
    const alice = client({
      limits: { concurrent: 2, requestsPerMinute: 4 },
      budgets: [{ per: "day", timezone: "UTC", cost: {}, tokens: 100 }],
    });
    const [one, two] = [make(), make()];
    const tell = (): void => {
      one.hear({ kind: "worker", origin: "2", counts: two.counts() });
      two.hear({ kind: "worker", origin: "1", counts: one.counts() });
    };
    tell();
    admitted(one, alice);
    const second = admitted(one, alice) as () => void;
    tell();
    expect(admitted(two, alice)).toBe("concurrent");
    second();
    tell();
    admitted(two, alice);
    tell();
    one.hear({ kind: "worker", origin: "2", counts: null });
    expect(typeof admitted(one, alice)).toBe("function");
    tell();
    expect(admitted(two, alice)).toBe("concurrent");
    one.record(alice, { input: 60 });
    two.record(alice, { input: 40 });
    tell();
    expect([admitted(one, alice), admitted(two, alice)]).toEqual(["budget", "budget"]);
  });
});
