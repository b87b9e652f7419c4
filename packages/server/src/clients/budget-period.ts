import type { BudgetSettings } from "@ccpb/core/config";

/** The day, week or month in which a time lies. */
export interface Period {
  /** Its first day, such as `2026-11-29`; of a month `2026-11`. */
  readonly id: string;
  readonly startMs: number;
  /** Start of the next period, in milliseconds since the epoch. */
  readonly endMs: number;
}

type Span = Pick<BudgetSettings, "per" | "timezone">;

const dayMs = 86_400_000;
/** Longer than half of any period, and shorter than any: how far the search for a border looks. */
const reachMs: Readonly<Record<BudgetSettings["per"], number>> = {
  day: 26 * 3_600_000,
  week: 8 * dayMs,
  month: 32 * dayMs,
};

/** Names a kind of period: budgets with the same name begin anew at the same time. */
export function spanName({ per, timezone = "" }: Span): string {
  return `${per}|${timezone}`;
}

/** Makes the function that tells the period of a time, by the days of the budget's time zone. */
export function periodsOf({ per, timezone }: Span): (timeMs: number) => Period {
  const format = new Intl.DateTimeFormat("sv-SE", {
    ...(timezone !== undefined && { timeZone: timezone }),
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  const idOf = (timeMs: number): string => periodId(format.format(timeMs), per);
  let known: Period | undefined;
  return (timeMs) => {
    if (known !== undefined && timeMs >= known.startMs && timeMs < known.endMs) return known;
    const id = idOf(timeMs);
    // By seconds: no time zone has changed its offset within one since long before any ledger.
    const second = Math.floor(timeMs / 1_000);
    const reach = Math.ceil(reachMs[per] / 1_000);
    const isWithin = (at: number): boolean => idOf(at * 1_000) === id;
    const startMs = firstWhere(second - reach, second, isWithin) * 1_000;
    const endMs = firstWhere(second, second + reach, (at) => !isWithin(at)) * 1_000;
    known = { id, startMs, endMs };
    return known;
  };
}

function periodId(day: string, per: BudgetSettings["per"]): string {
  if (per === "day") return day;
  if (per === "month") return day.slice(0, 7);
  const timeMs = Date.parse(`${day}T00:00:00Z`);
  const sinceMonday = (new Date(timeMs).getUTCDay() + 6) % 7;
  return new Date(timeMs - sinceMonday * dayMs).toISOString().slice(0, 10);
}

/** The first whole number above `low` for which `test` holds, where it holds for `high` and once it holds, it goes on to. */
function firstWhere(low: number, high: number, test: (at: number) => boolean): number {
  let [below, above] = [low, high];
  while (above - below > 1) {
    const middle = Math.floor((below + above) / 2);
    if (test(middle)) above = middle;
    else below = middle;
  }
  return above;
}
