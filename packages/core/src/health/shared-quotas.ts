import { isObject } from "../base/json.ts";
import type { QuotaWindow } from "../base/quota-window.ts";
import { isName } from "./foreign-name.ts";

/** The most windows of one credential, or of one credential at one model, that are kept and shared. */
export const windowLimit = 16;

/** No window is longer, and none resets later, than this after it was stated. */
const longestMs = 366 * 24 * 3_600_000;

/** A used share above this is not believed. */
const mostUsed = 100;

/**
 * Joins two lists of quota windows of one credential. The join is commutative, associative and idempotent. Of two
 * sightings of a window the younger one counts, as within one process; of two of the same moment the higher use. The
 * list is bounded to 16: the windows that were heard of last stay.
 *
 * @param one - one list; undefined: empty.
 * @param other - the other list; undefined: empty. Its times are by the same clock.
 * @returns the joined list, the youngest sighting first; the arguments are not changed.
 * @example
 * ```ts
 * const window = { name: "7d", used: 0.5, lengthMs: null, resetsAtMs: null, heardAtMs: 1 };
 * const windows = mergeQuotas([window], [{ ...window, used: 0.6, heardAtMs: 2 }]);
 * console.log(windows.length, windows[0]?.used); // 1 0.6
 * ```
 */
export function mergeQuotas<Window extends QuotaWindow>(
  one: readonly Window[] = [],
  other: readonly Window[] = [],
): readonly Window[] {
  const byName = new Map<string, Window>();
  for (const window of [...one, ...other]) {
    const known = byName.get(window.name);
    if (known === undefined || order(window, known) < 0) byName.set(window.name, window);
  }
  return [...byName.values()].sort(order).slice(0, windowLimit);
}

/** Puts the sighting first that counts. */
function order(a: QuotaWindow, b: QuotaWindow): number {
  return (
    b.heardAtMs - a.heardAtMs ||
    b.used - a.used ||
    (b.resetsAtMs ?? 0) - (a.resetsAtMs ?? 0) ||
    (b.lengthMs ?? 0) - (a.lengthMs ?? 0) ||
    (a.name < b.name ? -1 : Number(a.name > b.name))
  );
}

/**
 * Decides whether other processes have to be told of windows.
 *
 * @param told - the windows of the same credential that they were told last.
 * @returns true where a window is new or has started anew, its use has changed by at least 1 % of it, or it has become used up.
 */
export function isQuotaNews(windows: readonly QuotaWindow[], told: readonly QuotaWindow[]): boolean {
  return windows.some(({ name, used, resetsAtMs, heardAtMs }) => {
    const before = told.find((window) => window.name === name);
    if (before === undefined || Math.abs(used - before.used) >= 0.01 - 1e-9) return true;
    if (used >= 1 !== before.used >= 1 || (resetsAtMs === null) !== (before.resetsAtMs === null)) return true;
    if (resetsAtMs === null || before.resetsAtMs === null) return heardAtMs - before.heardAtMs > sameWithinMs;
    return before.resetsAtMs <= heardAtMs || Math.abs(resetsAtMs - before.resetsAtMs) > sameWithinMs;
  });
}

/** Resets that are no further apart are of one window: providers round, and some state how long it takes to be full again. */
const sameWithinMs = 60_000;

/** Reads quota windows out of foreign JSON; those that cannot be reckoned with are left out. Undefined where it is no list, or a longer one than is shared. */
export function parseQuotas(value: unknown): readonly QuotaWindow[] | undefined {
  if (!Array.isArray(value) || value.length > windowLimit) return undefined;
  return value.flatMap((one: unknown): readonly QuotaWindow[] => {
    if (!isObject(one)) return [];
    const { name, used, lengthMs, resetsAtMs, heardAtMs, family, limit, remaining } = one;
    if (!isName(name, 100) || !isAmount(used) || !isAmount(heardAtMs)) return [];
    if (lengthMs !== null && !isAmount(lengthMs)) return [];
    if (resetsAtMs !== null && (!isAmount(resetsAtMs) || resetsAtMs > heardAtMs + longestMs)) return [];
    if (family !== undefined && !isName(family, 100)) return [];
    return [
      {
        name,
        used: Math.min(used, mostUsed),
        lengthMs: lengthMs !== null && lengthMs > longestMs ? null : lengthMs,
        resetsAtMs,
        heardAtMs,
        ...(family !== undefined && { family }),
        ...(isAmount(limit) && { limit }),
        ...(isAmount(remaining) && { remaining }),
      },
    ];
  });
}

function isAmount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
