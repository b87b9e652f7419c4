import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { HeaderMap } from "../base/outcome.ts";
import { errorFailure } from "../conversation/answer/answer-body.ts";
import type { JsonObject } from "../base/json.ts";
import { readFailure } from "./failure.ts";

// Sunday, 29 November 2026, 12:00:00.
const nowMs = Date.UTC(2026, 10, 29, 12, 0, 0);
const nowSeconds = nowMs / 1_000;
const rpc = "type.googleapis.com/google.rpc";

const bodies: readonly (readonly [vendor: string, body: JsonObject, seconds: number | undefined])[] = [
  [
    "Gemini and Vertex",
    {
      error: {
        code: 429,
        message: "Resource exhausted.",
        details: [{ "@type": `${rpc}.RetryInfo`, retryDelay: "41s" }],
      },
    },
    41,
  ],
  [
    "Google's Code Assist",
    {
      error: {
        code: 429,
        message: "You have exhausted your capacity on this model.",
        details: [
          { "@type": `${rpc}.ErrorInfo`, metadata: { model: "x", quotaResetDelay: "161h39m41.300432511s" } },
          { "@type": `${rpc}.RetryInfo`, retryDelay: "581981.300432511s" },
        ],
      },
    },
    581_981.3,
  ],
  ["ChatGPT's plans", { error: { type: "usage_limit_reached", message: "no", resets_at: nowSeconds + 7_200 } }, 7_200],
  ["ChatGPT's plans, from now", { error: { type: "usage_limit_reached", message: "no", resets_in_seconds: 90 } }, 90],
  [
    "OpenRouter",
    {
      error: {
        code: 429,
        message: "no",
        metadata: { headers: { "X-RateLimit-Limit": "50", "X-RateLimit-Reset": String(nowMs + 3_600_000) } },
      },
    },
    3_600,
  ],
  ["a relay", { error: "Daily cost limit exceeded", message: "no", resetAt: "2026-11-29T17:00:00.000Z" }, 18_000],
  ["a gateway", { error: { message: "no", retry_after: 7.5 } }, 7.5],
  ["a gateway, beside the error", { error: { message: "no" }, retryAfter: 7 }, 7],
  ["a gateway, in milliseconds", { error: { message: "no", retry_after_ms: 4_000 } }, 4],
  ["a gateway that states nothing", { error: { message: "no", retry_after: null } }, undefined],
  ["a member of a request that is repeated", { error: { message: "no", input: { retry_after: 900 } } }, undefined],
  [
    "a validator that repeats the request",
    { detail: [{ loc: ["body", "x"], msg: "no", input: { retry_after: 900 }, ctx: { resets_at: 9e9 } }] },
    undefined,
  ],
];

test.each(bodies)("%s states a wait in its error, as a reply and inside a 200", (_vendor, body, seconds) => {
  const expected = seconds === undefined ? undefined : seconds * 1_000;
  const reply = readFailure({ status: 429, headers: {}, body: JSON.stringify(body) });
  const inside = errorFailure(body);
  if (inside.type !== "error") throw new Error("no error was read");
  for (const failure of [reply, readFailure({ status: undefined, error: inside.error })]) {
    expect(failure.rateLimitWaitMs(nowMs)).toBe(expected);
    expect(failure.retryAfterMs(nowMs)).toBe(expected);
  }
});

test.each<[words: string, seconds: number | undefined]>([
  ["You have exhausted your capacity on this model. Your quota will reset after 4h28m20s.", 16_100],
  ["Rate limit exceeded, resets in 45 seconds", 45],
  ["Resource has been exhausted (reset after 24h)", 86_400],
  ["已达到请求次数限制 (10 次)，将在 12 分钟后重置", 720],
  ["请求过于频繁，请 20 秒后重试", 20],
  ["Weekly/Monthly Limit Exhausted. Your limit will reset at 2026-12-01 10:00:00", 136_800],
  ["已达到 5 小时的使用上限。您的限额将在 2026-11-29 22:30:00 重置。", 9_000],
  // A time without a zone is UTC where it is over in China.
  ["Your limit will reset at 2026-11-29 12:05:00", 300],
  ["You have exceeded the 5-hour usage quota. It will reset at 2026-11-29 22:30:00 +0800 CST. Request id: 1", 9_000],
  ["Rate limit exceeded. Limit resets at: 2026-11-29 12:05:00 UTC", 300],
  ["Slow down. Try again at 2026-11-29T12:05:00Z.", 300],
  ["Slow down. Try again at 2026-11-29T12:05:00.123+00:00.", 300],
  ["Your limit will reset at noon", undefined],
  ["Your limit will reset at 2026-99-99 10:00:00", undefined],
  ["The tool 'wait 900 seconds' failed", undefined],
])("the words %j state a wait of %j s", (words, seconds) => {
  const failure = readFailure({ status: 429, headers: {}, body: JSON.stringify({ error: { message: words } }) });
  expect(failure.rateLimitWaitMs(nowMs)).toBe(seconds === undefined ? undefined : seconds * 1_000);
});

test.each<[what: string, headers: HeaderMap, seconds: number | undefined]>([
  ["epoch seconds", { "retry-after": String(nowSeconds + 90) }, 90],
  ["epoch seconds that are over", { "retry-after": String(nowSeconds - 90) }, 0],
  ["a wait of years", { "retry-after": "999999999" }, 999_999_999],
  ["RFC 3339", { "retry-after": "2026-11-29T12:01:30Z" }, 90],
  ["a duration", { "retry-after": "1m30s" }, 90],
  ["a quoted number", { "retry-after": '"30"' }, 30],
  ["Azure's milliseconds", { "x-ms-retry-after-ms": "12000" }, 12],
  ["a reset from now", { "x-ratelimit-reset-after": "12.5", "x-ratelimit-remaining": "0" }, 12.5],
  ["the IETF's fields", { ratelimit: '"burst";r=0;t=30, "day";r=5;t=900', "ratelimit-policy": '"burst";q=5;w=60' }, 30],
  ["the IETF's early field", { ratelimit: "limit=100, remaining=0, reset=30" }, 30],
  ["the IETF's fields with requests left", { ratelimit: '"day";r=5;t=900' }, undefined],
])("headers state a wait as %s", (_what, headers, seconds) => {
  const failure = readFailure({ status: 429, headers, body: "" });
  expect(failure.rateLimitWaitMs(nowMs)).toBe(seconds === undefined ? undefined : seconds * 1_000);
});

test("whatever the members of an error hold, the wait is finite and not negative, or unknown", () => {
  const names = fc.constantFrom(
    "retry_after",
    "retryAfterMs",
    "resets_at",
    "resetAt",
    "retryDelay",
    "error",
    "details",
  );
  const values = fc.oneof(fc.string(), fc.double(), fc.integer(), fc.constant(null), fc.object(), fc.boolean());
  fc.assert(
    fc.property(fc.dictionary(names, values), fc.dictionary(names, values), (inner, outer) => {
      const body = JSON.stringify({ ...outer, error: { message: "no", ...inner, details: [outer] } });
      const wait = readFailure({ status: 429, headers: {}, body }).rateLimitWaitMs(nowMs);
      expect(wait === undefined || (Number.isFinite(wait) && wait >= 0)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});
