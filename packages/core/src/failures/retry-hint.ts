import { parseRfc3339 } from "./http-date.ts";
import { durationSource, parseDuration } from "./duration.ts";
import { untilMs } from "./retry-after.ts";

// Nothing behind this is read.
const longestText = 1_000;

const retryHint = new RegExp(
  `\\b(?:try again|retry|wait|resets?|available again)(?: in| after| for|:)?:? (?:about |approximately |at least )?(${durationSource})`,
  "i",
);
const retryHintInChinese =
  /(\d{1,6}) ?(毫秒|秒|分钟|分鐘|小时|小時|天)(?:钟|鐘)?(?:之)?(?:后|後)(?:将|會|会|自动|自動|可|再|重新|重){0,3}(?:试|試|置|恢复|恢復|刷新|可用|使用|$)?/;
const chineseUnitsMs: ReadonlyMap<string, number> = new Map([
  ["毫秒", 1],
  ["秒", 1_000],
  ["分钟", 60_000],
  ["分鐘", 60_000],
  ["小时", 3_600_000],
  ["小時", 3_600_000],
  ["天", 86_400_000],
]);

/**
 * Reads a wait that an error's own words name: "try again in 6m12.5s", "retry in 32.3s", "will reset after 4h28m20s", "请 20 秒后重试".
 *
 * @returns milliseconds; undefined if the words name none.
 */
export function readRetryHintMs(text: string): number | undefined {
  const head = text.slice(0, longestText);
  const match = retryHint.exec(head);
  if (match?.[1] !== undefined) return parseDuration(match[1]);
  const chinese = retryHintInChinese.exec(head);
  const unitMs = chineseUnitsMs.get(chinese?.[2] ?? "");
  return unitMs === undefined ? undefined : Number(chinese?.[1]) * unitMs;
}

const date = "(\\d{4}-\\d{2}-\\d{2})(?:[T ](?:at )?(\\d{2}:\\d{2})(:\\d{2})?(?:\\.\\d{1,9})?)?";
const zone = "( ?(?:Z\\b|UTC|GMT)| ?[+-]\\d{2}:?\\d{2})?";
const renewalDates: readonly RegExp[] = [
  new RegExp(
    `\\b(?:regain access|resets?|be reset|renews?|try again|available again|retry)(?: on| at| after)?:? (?:at )?${date}${zone}`,
    "i",
  ),
  new RegExp(
    `(?:将|將|会|會)?(?:在|于|於) ?${date}${zone} ?(?:之?[后後])?(?:自动|自動)?(?:重置|刷新|恢复|恢復|重试|解除)`,
    "i",
  ),
];

/**
 * Reads a date at which an exhausted limit or plan serves again: "You will regain access on 2026-11-01 at 00:00 UTC.", "Your limit will reset at
 * 2026-01-05 10:00:00", "usage limit reached|1753077600".
 *
 * @returns milliseconds until then; undefined if the words name none.
 */
export function readRenewalMs(text: string, wallNowMs: number): number | undefined {
  const head = text.slice(0, longestText);
  for (const form of renewalDates) {
    const match = form.exec(head);
    if (match) return dateMs(match, wallNowMs);
  }
  const epoch = /\blimit reached ?\| ?(\d{10})(?!\d)/i.exec(head)?.[1];
  return epoch === undefined ? undefined : untilMs(Number(epoch) * 1_000, wallNowMs);
}

/** Vendors of China write a time without a zone, and mean UTC+8. */
const zoneOfChina = "+08:00";

function dateMs([, day, minutes, seconds, zoneText]: RegExpExecArray, wallNowMs: number): number | undefined {
  const time = `${day}T${minutes ?? "00:00"}${seconds ?? ":00"}`;
  const named = zoneText?.trim();
  const at = (offset: string): number | undefined => untilMs(parseRfc3339(`${time}${offset}`), wallNowMs);
  if (named !== undefined) return at(/^[+-]/.test(named) ? named : "Z");
  if (minutes === undefined) return at("Z");
  // The sooner of the two that is still to come: asked too early, the provider refuses once more.
  const inChina = at(zoneOfChina);
  return inChina === undefined || inChina > 0 ? inChina : at("Z");
}
