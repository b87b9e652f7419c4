import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ProviderAuth } from "../base/config-types.ts";
import { answerHeaders } from "./headers.ts";

const auth: ProviderAuth = { type: "api_key", keys: ["k1"] };

function bytesOf(headers: Readonly<Record<string, string>>): number {
  return Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
}

const names = fc.oneof(
  fc.constantFrom("content-type", "request-id", "retry-after", "retry-after-ms", "x-should-retry", "set-cookie"),
  fc.stringMatching(/^anthropic-[a-z0-9-]{1,40}$/),
);
const values = fc.oneof(
  fc.string({ unit: fc.constantFrom("a", "é", "k1", ","), maxLength: 40 }),
  fc.integer({ min: 0, max: 20_000 }).map((length) => "v".repeat(length)),
  // Redaction makes a text longer.
  fc.integer({ min: 0, max: 4_000 }).map((times) => "k1".repeat(times)),
  fc.array(fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 900 }), { maxLength: 30 }),
);

describe("the headers of an answer that are passed on", () => {
  it("never have more than 16 kB in all, whatever the upstream sends", () => {
    fc.assert(
      fc.property(fc.dictionary(names, values, { maxKeys: 400 }), (upstream) => {
        const headers = answerHeaders(upstream, auth);
        expect(bytesOf(headers)).toBeLessThanOrEqual(16_000);
        expect(headers).not.toHaveProperty("set-cookie");
        expect(JSON.stringify(headers)).not.toContain("k1k1");
      }),
    );
  });

  it("keep what clients act on, however many others come with it", () => {
    const upstream: Record<string, string | string[]> = {};
    for (let index = 0; index < 5_000; index += 1) upstream[`anthropic-ratelimit-${index}`] = "x".repeat(100);
    Object.assign(upstream, { "retry-after": "17", "request-id": "req_1", "content-type": "application/json" });
    expect(answerHeaders(upstream, auth)).toMatchObject({
      "retry-after": "17",
      "request-id": "req_1",
      "content-type": "application/json",
      "anthropic-ratelimit-0": "x".repeat(100),
    });
  });

  it("leave out one value that is too long, and not the others", () => {
    const upstream = { "anthropic-big": "x".repeat(9_000), "request-id": "y".repeat(9_000), "anthropic-small": "1" };
    expect(answerHeaders(upstream, auth)).toEqual({ "anthropic-small": "1" });
  });

  it("are unchanged for an ordinary answer", () => {
    const upstream = {
      "content-type": "text/event-stream",
      "anthropic-ratelimit-requests-remaining": "99",
      "anthropic-organization-id": "org",
      "request-id": "req_2",
      "x-should-retry": "true",
    };
    expect(answerHeaders({ ...upstream, server: "cloudflare", "set-cookie": "a=b" }, auth)).toEqual(upstream);
  });
});
