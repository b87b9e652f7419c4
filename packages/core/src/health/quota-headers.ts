import type { HeaderMap } from "../base/outcome.ts";
import type { QuotaWindow } from "../base/quota-window.ts";
import { readRateLimitFields } from "../failures/rate-limit-fields.ts";
import { firstValue, parseDecimal, parseReset, replyNowMs } from "../failures/retry-after.ts";

/** The quota windows of one answer: those of the whole credential, and those of the credential at the model that was asked. */
export interface QuotaReading {
  readonly account: readonly QuotaWindow[];
  readonly model: readonly QuotaWindow[];
}

const nothing: QuotaReading = { account: [], model: [] };
const hourMs = 3_600_000;

/** A reset that is further away than this is none. */
const longestMs = 366 * 24 * hourMs;

/** A used share above this is not believed. */
const mostUsed = 100;

/** No answer states more windows than this; further ones are left out. */
const maxWindows = 16;

/**
 * Reads the quota windows that an answer's headers state, in the shapes of Anthropic's subscriptions (`anthropic-ratelimit-unified-*`) and API keys
 * (`anthropic-ratelimit-*`), of ChatGPT's plans (`x-codex-*`), of OpenAI and the APIs that follow it (`x-ratelimit-*`, with or without a period in the
 * name), of Together (`x-tokenlimit-*`), and of the IETF's draft (`RateLimit`, `RateLimit-Policy`). Junk is left out.
 */
export function readQuota(headers: HeaderMap, wallNowMs: number): QuotaReading {
  const names = quotaNames(headers);
  if (names.length === 0) return nothing;
  const nowMs = replyNowMs(headers, wallNowMs);
  const read: Reader = {
    text: (name) => firstValue(headers[name]),
    number: (name) => {
      const text = firstValue(headers[name]);
      return text === undefined ? undefined : parseDecimal(text, 1);
    },
    resetsAtMs: (name) => {
      const text = firstValue(headers[name]);
      const inMs = text === undefined || text === "" ? undefined : parseReset(text, nowMs);
      return inMs === undefined || inMs > longestMs ? null : wallNowMs + Math.round(inMs);
    },
    heardAtMs: wallNowMs,
  };
  const account = [...unifiedWindows(names, read), ...codexWindows(names, read)];
  const model = [...countedWindows(names, read), ...structuredWindows(headers, wallNowMs)];
  return { account: sane(account), model: sane(model) };
}

/** The first windows of an answer, with shares and lengths that can be reckoned with. */
function sane(windows: readonly QuotaWindow[]): readonly QuotaWindow[] {
  return windows.slice(0, maxWindows).map((window) => {
    const { used, lengthMs } = window;
    const isOdd = used > mostUsed || (lengthMs !== null && lengthMs > longestMs);
    return isOdd ? { ...window, used: Math.min(used, mostUsed), lengthMs: null } : window;
  });
}

interface Reader {
  text(name: string): string | undefined;
  number(name: string): number | undefined;
  /** Wall clock. */
  resetsAtMs(name: string): number | null;
  readonly heardAtMs: number;
}

/** The headers that may be about quota, by names of a sane length. */
function quotaNames(headers: HeaderMap): string[] {
  const names: string[] = [];
  for (const name in headers) {
    if (name.length > 80) continue;
    if (name.startsWith("x-codex-") || name.includes("ratelimit") || name.includes("rate-limit")) names.push(name);
    else if (name.includes("tokenlimit")) names.push(name);
  }
  return names;
}

const unified = "anthropic-ratelimit-unified-";

/** `5h`, `7d`, and those of one family of models, such as `7d_opus`. Overage is no window that lapses: it is paid for. */
function unifiedWindows(names: readonly string[], read: Reader): QuotaWindow[] {
  const windows = new Set<string>();
  for (const name of names) {
    const window = /^anthropic-ratelimit-unified-(\d{1,3}[mhd](?:_[a-z0-9_]{1,30})?)-(?:utilization|status)$/.exec(
      name,
    )?.[1];
    if (window !== undefined) windows.add(window);
  }
  const found = [...windows].flatMap((window): QuotaWindow[] => {
    const isRejected = read.text(`${unified}${window}-status`) === "rejected";
    const utilization = read.number(`${unified}${window}-utilization`);
    if (utilization === undefined && !isRejected) return [];
    const [length = "", ...family] = window.split("_");
    const suffix = family.join("_");
    return [
      {
        name: window,
        used: isRejected ? Math.max(1, utilization ?? 1) : (utilization ?? 1),
        lengthMs: periodMs(length),
        resetsAtMs: read.resetsAtMs(`${unified}${window}-reset`),
        heardAtMs: read.heardAtMs,
        ...(suffix !== "" && { family: suffix }),
      },
    ];
  });
  // Some answers have the summary alone.
  const isSummaryRejected = found.length === 0 && read.text(`${unified}status`) === "rejected";
  if (!isSummaryRejected) return found;
  const resetsAtMs = read.resetsAtMs(`${unified}reset`);
  return [{ name: "unified", used: 1, lengthMs: null, resetsAtMs, heardAtMs: read.heardAtMs }];
}

/** `x-codex-primary-*` and `x-codex-secondary-*`, and the same of further limits, whose name stands in between. Named by their length. */
function codexWindows(names: readonly string[], read: Reader): QuotaWindow[] {
  return names.flatMap((name): QuotaWindow[] => {
    const stem = /^(x-codex-(?:([a-z0-9-]{1,40})-)?(?:primary|secondary))-used-percent$/.exec(name);
    const percent = stem && read.number(name);
    if (!stem?.[1] || percent === undefined || percent === null) return [];
    const minutes = read.number(`${stem[1]}-window-minutes`);
    if (minutes === 0) return [];
    const lengthMs = minutes === undefined ? null : minutes * 60_000;
    const role = stem[1].endsWith("primary") ? "primary" : "secondary";
    const length = lengthMs === null ? role : periodName(lengthMs);
    const resetsAtMs = read.resetsAtMs(`${stem[1]}-reset-at`) ?? read.resetsAtMs(`${stem[1]}-reset-after-seconds`);
    return [
      {
        name: stem[2] === undefined ? length : `${length} ${stem[2]}`,
        used: percent / 100,
        lengthMs,
        resetsAtMs,
        heardAtMs: read.heardAtMs,
        ...(stem[2] !== undefined && {
          family: (read.text(`x-codex-${stem[2]}-limit-name`) ?? stem[2]).toLowerCase(),
        }),
      },
    ];
  });
}

/** Windows that are stated as a limit and what remains of it, whatever stands before, between and after those words. */
function countedWindows(names: readonly string[], read: Reader): QuotaWindow[] {
  const windows: QuotaWindow[] = [];
  for (const name of names) {
    if (name.startsWith(unified) || name.startsWith("x-codex-") || !/(?:^|[-_])remaining(?:[-_]|$)/.test(name))
      continue;
    const remaining = read.number(name);
    const limit = read.number(name.replace("remaining", "limit"));
    if (remaining === undefined || (limit === undefined && remaining > 0) || limit === 0) continue;
    const what = windowName(name);
    windows.push({
      name: what,
      used: limit === undefined ? 1 : Math.max(0, 1 - remaining / limit),
      lengthMs: periodIn(what),
      resetsAtMs: read.resetsAtMs(name.replace("remaining", "reset")),
      heardAtMs: read.heardAtMs,
      remaining,
      ...(limit !== undefined && { limit }),
    });
  }
  return windows;
}

/** Name of the window by its unit and period, from the header's name: `tokens-minute` of `x-ratelimit-remaining-tokens-minute`. */
function windowName(header: string): string {
  const isTokens = header.includes("tokenlimit");
  const start = header.indexOf("limit");
  const words = header
    .slice(start + "limit".length)
    .split("-")
    .filter((word) => word !== "remaining" && word !== "" && word !== "per" && word !== "bysize");
  if (words.length === 0) return isTokens ? "tokens" : "requests";
  return words.map((word) => (word === "req" ? "requests" : word)).join("-");
}

const units: Readonly<Record<string, number>> = {
  s: 1_000,
  second: 1_000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  h: hourMs,
  hour: hourMs,
  d: 24 * hourMs,
  day: 24 * hourMs,
  daily: 24 * hourMs,
  week: 168 * hourMs,
  weekly: 168 * hourMs,
  month: 720 * hourMs,
  monthly: 720 * hourMs,
};

/** The period that stands at the end of a window's name: `minute`, `day`, `1h`; null where none does. */
function periodIn(name: string): number | null {
  const last = name.split("-").at(-1) ?? "";
  return units[last] !== undefined && last.length > 2 ? units[last] : periodMs(last);
}

function periodMs(text: string): number | null {
  const [, count, unit = ""] = /^(\d{1,3})([smhd])$/.exec(text) ?? [];
  const unitMs = units[unit];
  return count === undefined || unitMs === undefined ? null : Number(count) * unitMs;
}

function periodName(lengthMs: number): string {
  const minutes = Math.round(lengthMs / 60_000);
  if (minutes % 1_440 === 0) return `${minutes / 1_440}d`;
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`;
}

/** The windows of the IETF's `RateLimit` and `RateLimit-Policy`. */
function structuredWindows(headers: HeaderMap, wallNowMs: number): QuotaWindow[] {
  return readRateLimitFields(headers).flatMap(({ name, remaining, limit, lengthMs, resetsInMs }): QuotaWindow[] => {
    if (limit === undefined || limit === 0) return [];
    const isFar = resetsInMs === undefined || resetsInMs > longestMs;
    return [
      {
        name: name === "" ? "requests" : name,
        used: Math.max(0, 1 - remaining / limit),
        lengthMs: lengthMs ?? null,
        resetsAtMs: isFar ? null : wallNowMs + resetsInMs,
        heardAtMs: wallNowMs,
        remaining,
        limit,
      },
    ];
  });
}
