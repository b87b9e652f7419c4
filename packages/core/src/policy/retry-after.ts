import type { HeaderMap } from "./outcome.ts";
/** `Retry-After` and `retry-after-ms`, the longer; finite milliseconds ≥ 0, or undefined where absent or junk. */
export declare function readRetryAfterMs(headers: HeaderMap, wallNowMs: number): number | undefined;
/** The longest of `readRetryAfterMs`, the latest rejected unified reset and the resets of exhausted limits; finite ≥ 0 or undefined. */
export declare function readRateLimitResetMs(headers: HeaderMap, wallNowMs: number): number | undefined;
