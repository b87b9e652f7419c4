import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { HeaderMap } from "../base/outcome.ts";
import { readRateLimitResetMs, readRetryAfterMs } from "./retry-after.ts";
import { readRetryHintMs } from "./retry-hint.ts";

// Sunday, 6 November 1994, 08:49:00.
const wallNowMs = Date.UTC(1994, 10, 6, 8, 49, 0);

test.each<[string, number | undefined]>([
  ["120", 120_000],
  ["1.5", 1_500],
  [" 7 ", 7_000],
  ["0", 0],
  ["-5", undefined],
  ["1e999", undefined],
  ["1e3", 1_000_000],
  ["NaN", undefined],
  ["Infinity", undefined],
  ["0x10", undefined],
  ["soon", undefined],
  ["", undefined],
  ["10 seconds", 10_000],
  ["10 Seconds", 10_000],
  ["30 s", 30_000],
  ["30sec", 30_000],
  ["2 minutes", 120_000],
  ["1 hour", 3_600_000],
  ["1m30s", 90_000],
  ["1m 30s", 90_000],
  ["2m59.56s", 179_560],
  ["370ms", 370],
  ["850µs", 1],
  ["1 minute and 30 seconds", 90_000],
  ["1h5m", 3_900_000],
  ["PT30S", 30_000],
  ["PT1M30.5S", 90_500],
  ["P1DT2H", 93_600_000],
  ["00:01:30", 90_000],
  ["1.00:00:30", 86_430_000],
  ["Sun, 6 Nov 1994 08:49:37 GMT", 37_000],
  ["Sun, 06 Nov 1994 08:49:37 UTC", 37_000],
  ["Sun, 06 Nov 1994 09:49:37 +0100", 37_000],
  ["Sun, 06-Nov-1994 08:49:37 GMT", 37_000],
  ["06 Nov 1994 08:49:37 GMT", 37_000],
  ["Sun Nov 06 1994 08:49:37 GMT+0000 (Coordinated Universal Time)", 37_000],
  ["Sun Nov 06 1994 16:49:37 GMT+0800 (China Standard Time)", 37_000],
  ["1994-11-06 08:49:37 +0000 UTC", 37_000],
  ["1994-11-06 08:49:37.5 +0000 UTC m=+30.000012345", 37_500],
  ["1994-11-06 16:49:37.5 +0800 CST", 37_500],
  ["1994-11-06 08:49:37 UTC", 37_000],
  ["1994-11-06T08:49:37.250000+00:00", 37_250],
  ["1994-11-06T08:49:37", undefined],
  ["1994-11-06", undefined],
  ["P", undefined],
  ["PT", undefined],
  ["01:30", undefined],
  ["10 requests", undefined],
  ["10 seconds later", undefined],
  ["5 more", undefined],
  ["about 5", undefined],
  ["10 -5s", undefined],
  ["seconds", undefined],
  ["Sun, 06 Nov 1994 08:49:37 GMT", 37_000],
  ["Sunday, 06-Nov-94 08:49:37 GMT", 37_000],
  ["Sun Nov  6 08:49:37 1994", 37_000],
  ["Sun, 06 Nov 1994 08:48:37 GMT", 0],
  ["Sun, 06 Foo 1994 08:49:37 GMT", undefined],
  ["Sun, 99 Nov 1994 08:49:37 GMT", undefined],
  ["120, 60", 120_000],
  ["Sun, 06 Nov 1994 08:49:37 GMT, 60", 37_000],
])("U10: Retry-After %o is %o ms", (text, expected) => {
  expect(readRetryAfterMs({ "retry-after": text }, wallNowMs)).toBe(expected);
});

test("U10: a repeated Retry-After counts the first time, and retry-after-ms counts if it is longer", () => {
  expect(readRetryAfterMs({ "retry-after": ["3", "90"] }, wallNowMs)).toBe(3_000);
  expect(readRetryAfterMs({ "retry-after": "3", "retry-after-ms": "2500" }, wallNowMs)).toBe(3_000);
  expect(readRetryAfterMs({ "retry-after": "3", "retry-after-ms": "3500.5" }, wallNowMs)).toBe(3_501);
  expect(readRetryAfterMs({ "retry-after": "soon", "retry-after-ms": "20" }, wallNowMs)).toBe(20);
  expect(readRetryAfterMs({ "retry-after-ms": "1.5s" }, wallNowMs)).toBe(1_500);
  expect(readRetryAfterMs({ "x-ms-retry-after-ms": "370ms" }, wallNowMs)).toBe(370);
  expect(readRetryAfterMs({}, wallNowMs)).toBeUndefined();
});

const nowSeconds = wallNowMs / 1_000;

test.each<[string, HeaderMap, number | undefined]>([
  ["nothing", {}, undefined],
  [
    "a duration with a limit used up",
    { "x-ratelimit-reset-requests": "6m0s", "x-ratelimit-remaining-requests": "0" },
    360_000,
  ],
  [
    "a limit that is not used up",
    { "x-ratelimit-reset-requests": "6m0s", "x-ratelimit-remaining-requests": "5" },
    undefined,
  ],
  ["a reset whose remaining is not told", { "x-ratelimit-reset-requests": "6m0s" }, undefined],
  ["one second", { "x-ratelimit-reset-tokens": "1s", "x-ratelimit-remaining-tokens": "0" }, 1_000],
  ["milliseconds", { "x-ratelimit-reset-tokens": "20ms", "x-ratelimit-remaining-tokens": "0" }, 20],
  ["a fraction", { "x-ratelimit-reset-tokens": "1m30.5s", "x-ratelimit-remaining-tokens": "0" }, 90_500],
  [
    "RFC 3339",
    { "anthropic-ratelimit-requests-reset": "1994-11-06T08:50:00Z", "anthropic-ratelimit-requests-remaining": "0" },
    60_000,
  ],
  [
    "RFC 3339 with an offset",
    {
      "anthropic-ratelimit-input-tokens-reset": "1994-11-06T10:50:00.250+02:00",
      "anthropic-ratelimit-input-tokens-remaining": "0",
    },
    60_250,
  ],
  [
    "epoch seconds",
    { "x-ratelimit-reset": "1784160060", "x-ratelimit-remaining": "0" },
    (1_784_160_060 - nowSeconds) * 1_000,
  ],
  [
    "epoch milliseconds",
    { "x-ratelimit-reset": String(1_784_160_060_000), "x-ratelimit-remaining": "0" },
    1_784_160_060_000 - wallNowMs,
  ],
  ["seconds", { "ratelimit-reset": "30", "ratelimit-remaining": "0" }, 30_000],
  ["junk", { "ratelimit-reset": "tomorrow", "ratelimit-remaining": "0" }, undefined],
  [
    "the longest of several",
    {
      "retry-after": "5",
      "x-ratelimit-reset-requests": "10s",
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-reset-tokens": "20s",
      "x-ratelimit-remaining-tokens": "0",
    },
    20_000,
  ],
])("U10: resets of exhausted limits: %s", (_, headers, expected) => {
  expect(readRateLimitResetMs(headers, wallNowMs)).toBe(expected);
});

test("only a rejected window of a subscription counts, the latest of them", () => {
  const unified = "anthropic-ratelimit-unified";
  const headers = {
    [`${unified}-status`]: "rejected",
    [`${unified}-reset`]: String(nowSeconds + 600),
    [`${unified}-5h-status`]: "rejected",
    [`${unified}-5h-reset`]: String(nowSeconds + 600),
    [`${unified}-7d-status`]: "allowed_warning",
    [`${unified}-7d-reset`]: String(nowSeconds + 86_400),
    [`${unified}-overage-status`]: "rejected",
    [`${unified}-overage-reset`]: String(nowSeconds + 2_000_000),
  };
  expect(readRateLimitResetMs(headers, wallNowMs)).toBe(600_000);
  expect(readRateLimitResetMs({ ...headers, [`${unified}-7d-status`]: "rejected" }, wallNowMs)).toBe(86_400_000);
  expect(readRateLimitResetMs({ [`${unified}-reset`]: String(nowSeconds + 9) }, wallNowMs)).toBe(9_000);
  expect(
    readRateLimitResetMs({ [`${unified}-status`]: "allowed", [`${unified}-reset`]: String(nowSeconds + 9) }, wallNowMs),
  ).toBeUndefined();
});

test.each<[string, number | undefined]>([
  ["Please try again in 6m12.5s.", 372_500],
  ["Please retry in 32.3s. More text", 32_300],
  ["retry after 20 seconds", 20_000],
  ["Try again in 2 minutes", 120_000],
  ["Please try again in 12ms. Visit", 12],
  ["try again in 1 hour", 3_600_000],
  ["Try again in 1 minute and 30 seconds.", 90_000],
  ["Please wait 1 hour 5 minutes", 3_900_000],
  ["try again in 4 days, 2 hours and 1 minute", 352_860_000],
  ["retry after 1m 30s.", 90_000],
  ["wait 5 s", 5_000],
  ["retry in 5 models", undefined],
  ["retry 3 more", undefined],
  ["try again later", undefined],
  ["retry in a while", undefined],
])("the wait in the words %o is %o ms", (text, expected) => {
  expect(readRetryHintMs(text)).toBe(expected);
});

test("dates agree with the platform's calendar", () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date("2399-12-31T23:59:59Z"), noInvalidDate: true }), (date) => {
      const wholeSeconds = Math.floor(date.getTime() / 1_000) * 1_000;
      expect(readRetryAfterMs({ "retry-after": date.toUTCString() }, 0)).toBe(wholeSeconds);
      expect(readRetryAfterMs({ "retry-after": date.toUTCString().replace("GMT", "+0000") }, 0)).toBe(wholeSeconds);
      const headers = { "ratelimit-reset": date.toISOString(), "ratelimit-remaining": "0" };
      expect(readRateLimitResetMs(headers, 0)).toBe(date.getTime());
    }),
  );
});

test("whatever the headers hold, the wait is finite and not negative, or unknown", () => {
  const values = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom(...Array.from("0123456789eE+-.:TPZ smhd,")) }),
    fc.double().map(String),
    fc.array(fc.string(), { maxLength: 2 }),
  );
  const names = fc.constantFrom(
    "retry-after",
    "retry-after-ms",
    "x-ratelimit-reset-requests",
    "ratelimit-reset",
    "anthropic-ratelimit-unified-5h-reset",
    "anthropic-ratelimit-unified-reset",
  );
  const fixed = {
    "x-ratelimit-remaining-requests": "0",
    "ratelimit-remaining": "0",
    "anthropic-ratelimit-unified-5h-status": "rejected",
  };
  fc.assert(
    fc.property(fc.dictionary(names, values), fc.string(), (headers, text) => {
      const waits = [
        readRetryAfterMs(headers, wallNowMs),
        readRateLimitResetMs({ ...headers, ...fixed }, wallNowMs),
        readRetryHintMs(text),
      ];
      for (const wait of waits) expect(wait === undefined || (Number.isFinite(wait) && wait >= 0)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});
