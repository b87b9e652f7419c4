import { describe, expect, it } from "vitest";
import { type Standing, unavailable } from "./call-failure.ts";
import type { ReasonClass } from "../base/outcome.ts";

const nowMs = 1_000;
const open = (provider: string, reasonClass: ReasonClass, forMs = 5_000): Standing => ({
  provider,
  availability: {
    type: "open",
    untilMs: nowMs + forMs,
    reason: { class: reasonClass, detail: "" },
    probeAtMs: Infinity,
  },
});
const closed = (provider: string): Standing => ({ provider, availability: { type: "closed" } });
const failure = (...standing: readonly Standing[]) => unavailable(standing, new Map(), { attempts: [], nowMs });

describe("the 503 of a call that nobody served", () => {
  it("tells clients not to retry only where every key of every provider is refused", () => {
    expect(failure(open("one", "auth"), open("one", "auth"), open("two", "auth")).shouldRetry).toBe(false);
    expect(failure(open("one", "auth"), open("one", "rate-limit")).shouldRetry).toBeUndefined();
    expect(failure(open("one", "rate-limit"), open("one", "auth")).shouldRetry).toBeUndefined();
    expect(failure(open("one", "auth"), closed("two")).shouldRetry).toBeUndefined();
    expect(failure().shouldRetry).toBeUndefined();
  });

  it("names each provider once, and the soonest recovery of all", () => {
    const error = failure(
      open("one", "auth", 600_000),
      open("one", "rate-limit", 20_000),
      open("two", "connect", 30_000),
    );
    expect(error.message).toMatch(/\(one: cooling down after auth; two: cooling down after connect\)$/);
    expect(error.retryAfterMs).toBe(20_000);
    expect(failure(closed("one")).retryAfterMs).toBe(1_000);
  });
});
