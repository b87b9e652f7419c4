import { parseDuration } from "./duration.ts";
import { parseHttpDate, parseRfc3339 } from "./http-date.ts";
import { readRateLimitFields } from "./rate-limit-fields.ts";
import type { HeaderMap } from "../base/outcome.ts";

/**
 * Reads `Retry-After`, `retry-after-ms` and Azure's `x-ms-retry-after-ms`, the longest. `Retry-After` holds seconds or a date; gateways also write
 * a duration (`30s`, `10 seconds`), an RFC 3339 time, a date of JavaScript's or epoch seconds there.
 *
 * @returns finite milliseconds ≥ 0; undefined where absent or junk.
 */
export function readRetryAfterMs(headers: HeaderMap, wallNowMs: number): number | undefined {
  const text = firstValue(headers["retry-after"]);
  const waits = ["retry-after-ms", "x-ms-retry-after-ms"].map((name) => {
    const precise = firstValue(headers[name]);
    return precise === undefined ? undefined : (parseDecimal(precise, 1) ?? parseDuration(precise));
  });
  return longest([text === undefined ? undefined : waitOrTimeMs(text.replaceAll('"', ""), wallNowMs), ...waits]);
}

const yearMs = 365 * 86_400_000;

/** A number is seconds from now, unless it is the time in epoch seconds of some moment within a year of now. */
function waitOrTimeMs(text: string, wallNowMs: number): number | undefined {
  const ms = parseDecimal(text, 1_000);
  if (ms === undefined) return parseReset(text, wallNowMs);
  return Math.abs(ms - wallNowMs) < yearMs ? untilMs(ms, wallNowMs) : ms;
}

/**
 * Reads the wait that a 429 states: the longest of `readRetryAfterMs`, the latest rejected
 * `anthropic-ratelimit-unified-*-reset` (epoch seconds) and the resets of other limits whose remaining is 0. Finite
 * milliseconds ≥ 0; undefined if nothing valid is stated.
 */
export function readRateLimitResetMs(headers: HeaderMap, wallNowMs: number): number | undefined {
  return longest([
    readRetryAfterMs(headers, wallNowMs),
    unifiedResetMs(headers, wallNowMs),
    ...exhaustedResetsMs(headers, wallNowMs),
    ...readRateLimitFields(headers).map(({ remaining, resetsInMs }) => (remaining === 0 ? resetsInMs : undefined)),
  ]);
}

/** Reads the `Date` header of a reply, in milliseconds since the epoch; undefined where it is absent or junk. */
export function readDateMs(headers: HeaderMap): number | undefined {
  const date = firstValue(headers["date"]);
  return date === undefined ? undefined : parseHttpDate(date);
}

// A header's date has whole seconds and comes a moment later: within this both clocks agree, and ours is the finer.
const agreementMs = 2_000;

/**
 * Returns the reply's own clock in milliseconds since the epoch: its `Date` header, else `wallNowMs`. So a machine whose clock is wrong reads the waits of
 * providers rightly.
 */
export function replyNowMs(headers: HeaderMap, wallNowMs: number): number {
  const replyMs = readDateMs(headers);
  return replyMs === undefined || Math.abs(replyMs - wallNowMs) <= agreementMs ? wallNowMs : replyMs;
}

/**
 * Decides whether the window that is used up is the whole account's: a rejected unified window of 5 hours or 7 days
 * that belongs to no single model.
 */
export function isAccountWindow(headers: HeaderMap): boolean {
  const claim = firstValue(headers[`${unified}representative-claim`]);
  if (claim !== undefined && claim !== "") return claim === "five_hour" || claim === "seven_day";
  const names = Object.keys(headers).filter((name) => name.startsWith(unified) && name.endsWith("-status"));
  const rejected = names.filter(
    (name) => firstValue(headers[name]) === "rejected" && !name.startsWith(`${unified}overage`),
  );
  const windows = rejected
    .map((name) => name.slice(unified.length, -"-status".length))
    .filter((window) => window !== "");
  if (windows.length > 0) return windows.some((window) => window === "5h" || window === "7d");
  return firstValue(headers[`${unified}status`]) === "rejected";
}

// Long enough for every date and duration, short enough for every expression here.
const longestHeader = 64;

/** Returns a repeated header's first value: it comes as an array, or joined with commas. A date has a comma of its own. */
export function firstValue(value: string | readonly string[] | undefined): string | undefined {
  const whole = typeof value === "string" ? value : value?.[0];
  if (whole === undefined) return undefined;
  const first = whole.slice(0, longestHeader);
  const date = /^\s*[a-z]{3,9}, [^,]*/i.exec(first)?.[0];
  return (date ?? first.split(",")[0] ?? "").trim();
}

export function parseDecimal(text: string, unitMs: number): number | undefined {
  if (!/^\+?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i.test(text.trim())) return undefined;
  const value = Number(text) * unitMs;
  return Number.isFinite(value) ? value : undefined;
}

/**
 * Reads a reset as any vendor writes it: RFC 3339 or HTTP date, duration, epoch milliseconds or seconds, or seconds from now.
 *
 * @returns Milliseconds from `wallNowMs`, at least 0; undefined for junk.
 */
export function parseReset(text: string, wallNowMs: number): number | undefined {
  const number = parseDecimal(text, 1);
  if (number === undefined) return parseDuration(text) ?? untilMs(parseRfc3339(text) ?? parseHttpDate(text), wallNowMs);
  if (number >= 1e11) return untilMs(number, wallNowMs);
  // From 5e8 on (16 years) a number can only be a time: epoch seconds.
  return number >= 5e8 ? untilMs(number * 1_000, wallNowMs) : number * 1_000;
}

export function untilMs(atMs: number | undefined, wallNowMs: number): number | undefined {
  return atMs === undefined || !Number.isFinite(atMs) ? undefined : Math.max(0, atMs - wallNowMs);
}

export function longest(waits: readonly (number | undefined)[]): number | undefined {
  const known = waits.filter((wait) => wait !== undefined);
  return known.length === 0 ? undefined : Math.round(known.reduce((one, other) => Math.max(one, other)));
}

const unified = "anthropic-ratelimit-unified-";

/** Subscriptions have several windows (`5h`, `7d`, …), each with a status and a reset; only a rejected one stands in the way. */
function unifiedResetMs(headers: HeaderMap, wallNowMs: number): number | undefined {
  const resets: (number | undefined)[] = [];
  for (const [name, value] of Object.entries(headers)) {
    // Overage is rejected for everybody who has not bought it, and its month says nothing about when the windows reset.
    if (!name.startsWith(unified) || !name.endsWith("reset") || name.startsWith(`${unified}overage`)) continue;
    const status = firstValue(headers[name.replace(/reset$/, "status")]);
    const isSummary = name === `${unified}reset`;
    if (status !== "rejected" && !(isSummary && status === undefined)) continue;
    const text = firstValue(value);
    resets.push(text === undefined ? undefined : parseReset(text, wallNowMs));
  }
  return longest(resets);
}

function exhaustedResetsMs(headers: HeaderMap, wallNowMs: number): readonly (number | undefined)[] {
  return Object.entries(headers).map(([name, value]) => {
    if (name.startsWith(unified) || !/rate-?limit/.test(name) || !name.includes("reset")) return undefined;
    // `x-ratelimit-reset-after`, in seconds, goes with `x-ratelimit-remaining`.
    const remaining = firstValue(headers[name.replace(/reset(?:-after)?/, "remaining")]);
    const text = firstValue(value);
    if (text === undefined || remaining === undefined || parseDecimal(remaining, 1) !== 0) return undefined;
    return parseReset(text, wallNowMs);
  });
}
