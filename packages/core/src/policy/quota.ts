import type { QuotaWindow } from "../base/quota-window.ts";

/** A shorter window lapses all the time: what is unused of it is no loss, and the next one is as large. */
const shortestLapsingMs = 3_600_000;

/** A wait that is longer than this tells of a long window where its length is not stated. */
const longWaitMs = 900_000;

/**
 * Finds the window that leaves no more than the reserve: its credential is left while another can serve.
 *
 * @param reserve - Per cent of a window, 0 to 100.
 * @returns Of several the one that resets last; undefined where all leave more.
 */
export function spentWindow(windows: readonly QuotaWindow[], reserve: number): QuotaWindow | undefined {
  let spent: QuotaWindow | undefined;
  for (const window of windows) {
    // Providers round the used share to hundredths: 0.95 is not below a reserve of 5 per cent by the error of a float.
    if ((1 - window.used) * 100 > reserve + 1e-9) continue;
    if (spent === undefined || resetOf(window) > resetOf(spent)) spent = window;
  }
  return spent;
}

/**
 * Finds the window whose unused part is lost when it resets: the longest one, since a shorter one fills up again from it. A subscription's five hours come
 * back 33 times a week, its seven days once.
 *
 * @returns undefined where no window lapses, as with limits a minute, or nothing of it is left.
 */
export function lapsingWindow(windows: readonly QuotaWindow[]): QuotaWindow | undefined {
  let longest: QuotaWindow | undefined;
  for (const window of windows) {
    if (window.resetsAtMs === null || lengthOf(window) < shortestLapsingMs) continue;
    if (longest === undefined || isLonger(window, longest)) longest = window;
  }
  return longest !== undefined && longest.used < 1 ? longest : undefined;
}

function isLonger(one: QuotaWindow, other: QuotaWindow): boolean {
  const difference = lengthOf(one) - lengthOf(other);
  return difference === 0 ? resetOf(one) > resetOf(other) : difference > 0;
}

/** The length that is stated; else the least that the wait for its reset shows. */
function lengthOf({ lengthMs, resetsAtMs, heardAtMs }: QuotaWindow): number {
  if (lengthMs !== null) return lengthMs;
  const waitMs = (resetsAtMs ?? heardAtMs) - heardAtMs;
  return waitMs >= longWaitMs ? Math.max(waitMs, shortestLapsingMs) : waitMs;
}

function resetOf({ resetsAtMs, heardAtMs }: QuotaWindow): number {
  return resetsAtMs ?? heardAtMs;
}
