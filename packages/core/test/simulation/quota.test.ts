import type { SelectionStrategy } from "@ccpb/core";
import { describe, expect, test } from "vitest";
import { answerFor, providerNamed, World } from "./world.ts";

const hourMs = 3_600_000;
const weekMs = 168 * hourMs;
const days = 7;
/** Requests that one account serves in its seven days, and in its five hours. */
const weekly = 4_000;
const fiveHourly = 1_000;
/** The accounts' seven days end after so many hours: one after the other. */
const ends: Readonly<Record<string, number>> = { first: 131, second: 26, third: 158, fourth: 74 };

/** A window of fixed length; `used` counts requests. */
interface Window {
  endsAtMs: number;
  used: number;
}

/** One subscription: it refuses where one of its windows is used up, and states both in every answer, the share rounded as Anthropic does. */
class Account {
  readonly #endsAtMs: number;
  readonly week: Window;
  readonly #hours: Window;
  /** Requests that were left when its seven days ended. */
  lapsed: number | undefined;

  constructor(endsInMs: number) {
    this.#endsAtMs = endsInMs;
    // Of what it had at the start of the simulation as much is used as of its time.
    this.week = { endsAtMs: endsInMs, used: Math.round(weekly * (1 - endsInMs / weekMs)) };
    this.#hours = { endsAtMs: endsInMs % (5 * hourMs), used: 0 };
  }

  at(nowMs: number): this {
    if (nowMs >= this.#endsAtMs && this.lapsed === undefined) this.lapsed = weekly - this.week.used;
    this.#renew(this.week, weekMs, nowMs);
    this.#renew(this.#hours, 5 * hourMs, nowMs);
    return this;
  }

  #renew(window: Window, lengthMs: number, nowMs: number): void {
    while (window.endsAtMs <= nowMs) {
      window.endsAtMs += lengthMs;
      window.used = 0;
    }
  }

  /** Whether it would serve so many more requests. */
  hasRoom(count = 1): boolean {
    return this.week.used + count <= weekly && this.#hours.used + count <= fiveHourly;
  }

  take(): void {
    this.week.used += 1;
    this.#hours.used += 1;
  }

  headers(epochMs: number): Record<string, string> {
    const seconds = (window: Window): string => String(Math.round((window.endsAtMs + epochMs) / 1_000));
    const isOut = !this.hasRoom();
    const unified = "anthropic-ratelimit-unified";
    return {
      [`${unified}-status`]: isOut ? "rejected" : "allowed",
      [`${unified}-5h-status`]: this.#hours.used >= fiveHourly ? "rejected" : "allowed",
      [`${unified}-5h-utilization`]: (this.#hours.used / fiveHourly).toFixed(2),
      [`${unified}-5h-reset`]: seconds(this.#hours),
      [`${unified}-7d-status`]: this.week.used >= weekly ? "rejected" : "allowed",
      [`${unified}-7d-utilization`]: (this.week.used / weekly).toFixed(2),
      [`${unified}-7d-reset`]: seconds(this.week),
    };
  }
}

interface Week {
  /** Requests that were served, and those of them that went to the account whose quota lapsed first of those with room. */
  readonly served: number;
  readonly servedByFirst: number;
  /** Refusals while another account had room. */
  readonly avoidable: number;
  readonly lost: number;
  /** Requests that were left in the accounts when their seven days ended. */
  readonly lapsed: number;
}

/** The share of two decimals hides up to half a hundredth: an account with less room than that counts as used up. */
const hidden = Math.ceil(weekly / 200) + 5;

interface Plan {
  readonly strategy: SelectionStrategy;
  readonly reserve: number | undefined;
  readonly seed: number;
  /** Between two requests of one of the three clients. */
  readonly pauseMs: number;
}

async function simulate({ strategy, reserve, seed, pauseMs }: Plan): Promise<Week> {
  const accounts = new Map(Object.entries(ends).map(([name, hours]) => [name, new Account(hours * hourMs)]));
  let [served, servedByFirst, avoidable, lost] = [0, 0, 0, 0];
  const world: World = new World({
    providers: Object.keys(ends).map((name) => providerNamed(name, reserve === undefined ? {} : { reserve })),
    settings: { selectionStrategy: strategy },
    seed,
    answer: ({ provider, atMs }) => {
      for (const account of accounts.values()) account.at(atMs);
      const account = accounts.get(provider) as Account;
      const others = [...accounts.values()].filter((other) => other !== account);
      const epochMs = world.clock.wallNow() - world.clock.now();
      if (!account.hasRoom()) {
        if (others.some((other) => other.hasRoom(hidden))) avoidable += 1;
        return { status: 429, headers: account.headers(epochMs), body: '{"error":{"type":"rate_limit_error"}}' };
      }
      const isFirst = !others.some((other) => other.week.endsAtMs < account.week.endsAtMs && other.hasRoom(hidden));
      account.take();
      served += 1;
      servedByFirst += isFirst ? 1 : 0;
      return { ...answerFor(20_000), headers: account.headers(epochMs) };
    },
  });
  const client = async (name: string): Promise<void> => {
    for (let round = 0; world.clock.now() < days * 24 * hourMs; round += 1) {
      await world.sleep(pauseMs * (0.2 + 1.6 * world.random()));
      // At night there are fewer.
      if (world.clock.now() % (24 * hourMs) > 16 * hourMs && world.random() < 0.7) continue;
      if (!(await world.ask({ text: `${name} ${round}` })).isServed) lost += 1;
      if (world.asked.length > 1_000) world.asked.splice(0, 900);
      if (world.traces.length > 1_000) world.traces.splice(0, 900);
    }
  };
  await world.until(Promise.all(["a", "b", "c"].map(client)), 60_000, 2 * days * 24 * hourMs);
  const lapsed = [...accounts.values()].reduce((sum, account) => sum + (account.at(days * 24 * hourMs).lapsed ?? 0), 0);
  return { served, servedByFirst, avoidable, lost, lapsed };
}

describe("a week of four accounts whose quotas lapse one after the other", () => {
  test.each([
    ["a reserve of half a per cent", 0.5, 1],
    ["no reserve", undefined, 1],
    ["a reserve of half a per cent, and another order of clients", 0.5, 2],
  ])(
    "drain_soonest with %s uses first what lapses first, and is not refused while another account has room",
    async (_name, reserve, seed) => {
      const week = await simulate({ strategy: "drain_soonest", reserve, seed, pauseMs: 90_000 });
      const text = JSON.stringify(week);
      expect(week.servedByFirst / week.served, text).toBeGreaterThanOrEqual(0.99);
      expect(week.lapsed / (weekly * 4), text).toBeLessThan(0.01);
      expect(week.avoidable, text).toBe(0);
      expect(week.lost, text).toBe(0);
    },
    120_000,
  );

  test("with more requests than the accounts have quota for, none is refused while another account has room", async () => {
    const week = await simulate({ strategy: "drain_soonest", reserve: 0.5, seed: 1, pauseMs: 40_000 });
    const text = JSON.stringify(week);
    expect(week.lost, text).toBeGreaterThan(1_000);
    expect(week.avoidable, text).toBe(0);
    expect(week.lapsed / (weekly * 4), text).toBeLessThan(0.01);
  });

  test("round_robin loses more than a twentieth of the quota: the measure can fail", async () => {
    const week = await simulate({ strategy: "round_robin", reserve: undefined, seed: 1, pauseMs: 90_000 });
    const text = JSON.stringify(week);
    expect(week.servedByFirst / week.served, text).toBeLessThan(0.6);
    expect(week.lapsed / (weekly * 4), text).toBeGreaterThan(0.05);
  });
});
