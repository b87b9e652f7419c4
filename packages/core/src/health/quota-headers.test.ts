import { describe, expect, test } from "vitest";
import fc from "fast-check";
import type { HeaderMap } from "../base/outcome.ts";
import type { QuotaWindow } from "../base/quota-window.ts";
import { readQuota } from "./quota-headers.ts";

const now = Date.parse("2026-11-29T08:00:00Z");
const hour = 3_600_000;
const seconds = Math.round(now / 1_000);

type Shown = Pick<QuotaWindow, "name" | "used" | "lengthMs"> & {
  readonly inMs: number | null;
  readonly limit?: number;
  readonly remaining?: number;
  readonly family?: string;
};

function shown(windows: readonly QuotaWindow[]): Shown[] {
  return windows.map(({ resetsAtMs, heardAtMs, used, ...rest }) => {
    expect(heardAtMs).toBe(now);
    return {
      ...rest,
      used: Math.round(used * 10_000) / 10_000,
      inMs: resetsAtMs === null ? null : resetsAtMs - now,
    };
  });
}

const hours = (count: number): string => String(seconds + count * 3_600);

/** Header shapes as vendors document them, or as clients of theirs record them. */
const shapes: readonly (readonly [string, HeaderMap, { readonly account?: Shown[]; readonly model?: Shown[] }])[] = [
  [
    "a Claude subscription",
    {
      "anthropic-ratelimit-unified-status": "allowed",
      "anthropic-ratelimit-unified-reset": hours(2),
      "anthropic-ratelimit-unified-representative-claim": "five_hour",
      "anthropic-ratelimit-unified-fallback-percentage": "0.5",
      "anthropic-ratelimit-unified-5h-status": "allowed",
      "anthropic-ratelimit-unified-5h-reset": hours(2),
      "anthropic-ratelimit-unified-5h-utilization": "0.63",
      "anthropic-ratelimit-unified-7d-status": "allowed_warning",
      "anthropic-ratelimit-unified-7d-reset": hours(30),
      "anthropic-ratelimit-unified-7d-utilization": "0.9",
      "anthropic-ratelimit-unified-7d-surpassed-threshold": "0.9",
      "anthropic-ratelimit-unified-7d_opus-status": "allowed",
      "anthropic-ratelimit-unified-7d_opus-reset": hours(30),
      "anthropic-ratelimit-unified-7d_opus-utilization": "0.4",
      "anthropic-ratelimit-unified-overage-status": "rejected",
      "anthropic-ratelimit-unified-overage-disabled-reason": "org_level_disabled",
      "anthropic-ratelimit-unified-overage-reset": hours(300),
    },
    {
      account: [
        { name: "5h", used: 0.63, lengthMs: 5 * hour, inMs: 2 * hour },
        { name: "7d", used: 0.9, lengthMs: 168 * hour, inMs: 30 * hour },
        { name: "7d_opus", used: 0.4, lengthMs: 168 * hour, inMs: 30 * hour, family: "opus" },
      ],
    },
  ],
  [
    "a Claude subscription that refuses",
    {
      "anthropic-ratelimit-unified-5h-status": "rejected",
      "anthropic-ratelimit-unified-5h-reset": hours(1),
      "anthropic-ratelimit-unified-7d-status": "allowed",
      "anthropic-ratelimit-unified-7d-reset": hours(50),
      "anthropic-ratelimit-unified-7d-utilization": "0.25",
    },
    {
      account: [
        { name: "5h", used: 1, lengthMs: 5 * hour, inMs: hour },
        { name: "7d", used: 0.25, lengthMs: 168 * hour, inMs: 50 * hour },
      ],
    },
  ],
  [
    "the summary of a subscription alone",
    { "anthropic-ratelimit-unified-status": "rejected", "anthropic-ratelimit-unified-reset": hours(3) },
    { account: [{ name: "unified", used: 1, lengthMs: null, inMs: 3 * hour }] },
  ],
  [
    "an Anthropic API key",
    {
      "anthropic-ratelimit-requests-limit": "50",
      "anthropic-ratelimit-requests-remaining": "49",
      "anthropic-ratelimit-requests-reset": "2026-11-29T08:00:01Z",
      "anthropic-ratelimit-input-tokens-limit": "30000",
      "anthropic-ratelimit-input-tokens-remaining": "3000",
      "anthropic-ratelimit-input-tokens-reset": "2026-11-29T08:00:54Z",
    },
    {
      model: [
        { name: "requests", used: 0.02, lengthMs: null, inMs: 1_000, limit: 50, remaining: 49 },
        { name: "input-tokens", used: 0.9, lengthMs: null, inMs: 54_000, limit: 30_000, remaining: 3_000 },
      ],
    },
  ],
  [
    "OpenAI",
    {
      "x-ratelimit-limit-requests": "500",
      "x-ratelimit-remaining-requests": "499",
      "x-ratelimit-reset-requests": "120ms",
      "x-ratelimit-limit-tokens": "30000",
      "x-ratelimit-remaining-tokens": "15000",
      "x-ratelimit-reset-tokens": "6m0s",
    },
    {
      model: [
        { name: "requests", used: 0.002, lengthMs: null, inMs: 120, limit: 500, remaining: 499 },
        { name: "tokens", used: 0.5, lengthMs: null, inMs: 360_000, limit: 30_000, remaining: 15_000 },
      ],
    },
  ],
  [
    "Groq, whose requests are those of a day",
    {
      "x-ratelimit-limit-requests": "14400",
      "x-ratelimit-remaining-requests": "14370",
      "x-ratelimit-reset-requests": "2m59.56s",
    },
    { model: [{ name: "requests", used: 0.0021, lengthMs: null, inMs: 179_560, limit: 14_400, remaining: 14_370 }] },
  ],
  [
    "Cerebras",
    {
      "x-ratelimit-limit-requests-day": "14400",
      "x-ratelimit-remaining-requests-day": "7200",
      "x-ratelimit-reset-requests-day": "33011.382867097855",
      "x-ratelimit-limit-tokens-minute": "60000",
      "x-ratelimit-remaining-tokens-minute": "59000",
      "x-ratelimit-reset-tokens-minute": "11.382867097854614",
    },
    {
      model: [
        { name: "requests-day", used: 0.5, lengthMs: 24 * hour, inMs: 33_011_383, limit: 14_400, remaining: 7_200 },
        { name: "tokens-minute", used: 0.0167, lengthMs: 60_000, inMs: 11_383, limit: 60_000, remaining: 59_000 },
      ],
    },
  ],
  [
    "Mistral, which states no reset",
    {
      "x-ratelimit-limit-req-minute": "50",
      "x-ratelimit-remaining-req-minute": "49",
      "x-ratelimit-limit-tokens-month": "4000000",
      "x-ratelimit-remaining-tokens-month": "1000000",
      "x-ratelimit-tokens-query-cost": "1300",
    },
    {
      model: [
        { name: "requests-minute", used: 0.02, lengthMs: 60_000, inMs: null, limit: 50, remaining: 49 },
        { name: "tokens-month", used: 0.75, lengthMs: 720 * hour, inMs: null, limit: 4_000_000, remaining: 1_000_000 },
      ],
    },
  ],
  [
    "DigitalOcean",
    {
      "x-ratelimit-limit-tokens-per-day": "1000",
      "x-ratelimit-remaining-tokens-per-day": "100",
      "x-ratelimit-reset-tokens-per-day": hours(4),
    },
    { model: [{ name: "tokens-day", used: 0.9, lengthMs: 24 * hour, inMs: 4 * hour, limit: 1_000, remaining: 100 }] },
  ],
  [
    "Nous",
    {
      "x-ratelimit-limit-requests-1h": "400",
      "x-ratelimit-remaining-requests-1h": "100",
      "x-ratelimit-reset-requests-1h": "1800",
    },
    { model: [{ name: "requests-1h", used: 0.75, lengthMs: hour, inMs: 1_800_000, limit: 400, remaining: 100 }] },
  ],
  [
    "Fireworks",
    {
      "x-ratelimit-limit-tokens-prompt": "60000",
      "x-ratelimit-remaining-tokens-prompt": "45000",
      "x-ratelimit-over-limit": "no",
    },
    { model: [{ name: "tokens-prompt", used: 0.25, lengthMs: null, inMs: null, limit: 60_000, remaining: 45_000 }] },
  ],
  [
    "Together",
    {
      "x-ratelimit-limit": "10",
      "x-ratelimit-remaining": "5",
      "x-ratelimit-reset": "1",
      "x-tokenlimit-limit": "3000",
      "x-tokenlimit-remaining": "300",
    },
    {
      model: [
        { name: "requests", used: 0.5, lengthMs: null, inMs: 1_000, limit: 10, remaining: 5 },
        { name: "tokens", used: 0.9, lengthMs: null, inMs: null, limit: 3_000, remaining: 300 },
      ],
    },
  ],
  [
    "OpenRouter",
    { "x-ratelimit-limit": "20", "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(now + 60_000) },
    { model: [{ name: "requests", used: 1, lengthMs: null, inMs: 60_000, limit: 20, remaining: 0 }] },
  ],
  [
    "Azure, where nothing is left of a limit that is not stated",
    { "x-ratelimit-remaining-requests": "0", "x-ratelimit-remaining-tokens": "900" },
    { model: [{ name: "requests", used: 1, lengthMs: null, inMs: null, remaining: 0 }] },
  ],
  [
    "a ChatGPT plan",
    {
      "x-codex-plan-type": "pro",
      "x-codex-active-limit": "premium",
      "x-codex-primary-used-percent": "37.5",
      "x-codex-primary-window-minutes": "300",
      "x-codex-primary-reset-at": hours(4),
      "x-codex-primary-over-secondary-limit-percent": "0",
      "x-codex-secondary-used-percent": "12",
      "x-codex-secondary-window-minutes": "10080",
      "x-codex-secondary-reset-after-seconds": "86400",
      "x-codex-bengalfox-primary-used-percent": "100",
      "x-codex-bengalfox-primary-window-minutes": "300",
      "x-codex-bengalfox-limit-name": "GPT-5.3-Codex-Spark",
      "x-codex-credits-has-credits": "False",
    },
    {
      account: [
        { name: "5h", used: 0.375, lengthMs: 5 * hour, inMs: 4 * hour },
        { name: "7d", used: 0.12, lengthMs: 168 * hour, inMs: 24 * hour },
        { name: "5h bengalfox", used: 1, lengthMs: 5 * hour, inMs: null, family: "gpt-5.3-codex-spark" },
      ],
    },
  ],
  [
    "a ChatGPT plan without a second window",
    {
      "x-codex-primary-used-percent": "100",
      "x-codex-primary-window-minutes": "10080",
      "x-codex-primary-reset-at": hours(72),
      "x-codex-secondary-used-percent": "0",
      "x-codex-secondary-window-minutes": "0",
      "x-codex-secondary-reset-at": "",
    },
    { account: [{ name: "7d", used: 1, lengthMs: 168 * hour, inMs: 72 * hour }] },
  ],
  [
    "the IETF's draft",
    {
      ratelimit: '"default";r=50;t=30, "day";r=900;t=3600',
      "ratelimit-policy": '"default";q=100;w=60, "day";q=1000;w=86400',
    },
    {
      model: [
        { name: "default", used: 0.5, lengthMs: 60_000, inMs: 30_000, limit: 100, remaining: 50 },
        { name: "day", used: 0.1, lengthMs: 24 * hour, inMs: hour, limit: 1_000, remaining: 900 },
      ],
    },
  ],
  [
    "the draft's early forms",
    { ratelimit: "limit=100, remaining=25, reset=5" },
    { model: [{ name: "requests", used: 0.75, lengthMs: null, inMs: 5_000, limit: 100, remaining: 25 }] },
  ],
  [
    "the draft's single headers",
    { "ratelimit-limit": "100", "ratelimit-remaining": "25", "ratelimit-reset": "5" },
    { model: [{ name: "requests", used: 0.75, lengthMs: null, inMs: 5_000, limit: 100, remaining: 25 }] },
  ],
  [
    "a gateway that puts its own name in front",
    { "llm_provider-x-ratelimit-limit-tokens": "100", "llm_provider-x-ratelimit-remaining-tokens": "20" },
    { model: [{ name: "tokens", used: 0.8, lengthMs: null, inMs: null, limit: 100, remaining: 20 }] },
  ],
  ["no quota", { "content-type": "application/json", "request-id": "req_1" }, {}],
  [
    "junk",
    {
      "x-ratelimit-remaining-requests": "many",
      "x-ratelimit-limit-requests": "10",
      "x-ratelimit-remaining-tokens": "5",
      "x-ratelimit-limit-tokens": "0",
      "anthropic-ratelimit-unified-5h-utilization": "NaN",
      "x-codex-primary-used-percent": "a lot",
      ratelimit: '"default";r=many',
    },
    {},
  ],
];

describe("the quota windows of an answer", () => {
  test.each(shapes)("of %s", (_name, headers, { account = [], model = [] }) => {
    const read = readQuota(headers, now);
    expect({ account: shown(read.account), model: shown(read.model) }).toEqual({ account, model });
  });

  test("are counted from the answer's own clock", () => {
    const headers = {
      date: "Sun, 29 Nov 2026 07:00:00 GMT",
      "x-ratelimit-limit-requests": "10",
      "x-ratelimit-remaining-requests": "5",
      "x-ratelimit-reset-requests": "2026-11-29T07:00:30Z",
    };
    expect(shown(readQuota(headers, now).model)[0]?.inMs).toBe(30_000);
  });

  test("are finite and bounded, whatever the headers say", () => {
    const names = [
      ...["requests", "tokens-day", "1h", ""].flatMap((what) =>
        ["limit", "remaining", "reset"].map((word) => ["x-ratelimit", word, what].filter(Boolean).join("-")),
      ),
      ...["5h", "7d_opus"].flatMap((window) =>
        ["utilization", "status", "reset"].map((word) => `anthropic-ratelimit-unified-${window}-${word}`),
      ),
      ...["used-percent", "window-minutes", "reset-at", "reset-after-seconds"].map((word) => `x-codex-primary-${word}`),
      ...Array.from({ length: 40 }, (_, index) => `x-ratelimit-remaining-${index}`),
      ...Array.from({ length: 40 }, (_, index) => `x-ratelimit-limit-${index}`),
      "ratelimit",
      "ratelimit-policy",
      "date",
    ];
    const name = fc.constantFrom(...names);
    const value = fc.oneof(
      fc.string(),
      fc.integer().map(String),
      fc.double().map(String),
      fc.nat(200).map(String),
      fc.nat(200).map(String),
      fc.constantFrom(
        "rejected",
        "1e308",
        "1e300",
        "999999999999999",
        "-1",
        '"a";r=1;t=999999999999999',
        '"a";q=9;w=999999999999999',
        "6m0s",
        '"a";r=1;t=1',
        "limit=1, remaining=1",
      ),
      fc.array(fc.string(), { maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.dictionary(name, value, { maxKeys: 60 }), (headers) => {
        const { account, model } = readQuota(headers, now);
        expect(account.length).toBeLessThanOrEqual(16);
        expect(model.length).toBeLessThanOrEqual(16);
        for (const window of [...account, ...model]) {
          expect(window.name.length).toBeLessThanOrEqual(80);
          expect(window.used).toBeGreaterThanOrEqual(0);
          for (const number of [window.used, window.lengthMs ?? 0, window.resetsAtMs ?? 0])
            expect(Number.isFinite(number)).toBe(true);
          expect(() => new Date(window.resetsAtMs ?? 0).toISOString()).not.toThrow();
        }
      }),
      { numRuns: 500 },
    );
  });
});
