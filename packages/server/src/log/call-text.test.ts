import { describe, expect, it } from "vitest";
import { callText } from "./call-text.ts";

const call = {
  event: "request_completed",
  model: "opus",
  state: "complete",
  status: 200,
  duration_ms: 1_240,
  input_tokens: 1_000,
  cache_read_tokens: 24_000,
  cache_creation_tokens: 600,
  output_tokens: 1_320,
  cost: { USD: 0.0812 },
  attempts: [
    { attempt: 1, provider: "anthropic", outcome: "failed", status: 429 },
    { attempt: 2, provider: "kimi", outcome: "complete", status: 200 },
  ],
};

describe("a call on the terminal", () => {
  it.each([
    [{}, "opus → anthropic ✗ 429 → kimi ✓ 1.2 s, 26k → 1.3k, $0.08"],
    [{ client: "alice", cost: { CNY: 1 } }, "alice: opus → anthropic ✗ 429 → kimi ✓ 1.2 s, 26k → 1.3k, 1.00 CNY"],
    [{ cost: undefined, attempts: [call.attempts[1]] }, "opus → kimi ✓ 1.2 s, 26k → 1.3k"],
    [
      { cost: { USD: 0.00042 }, duration_ms: 88.4, attempts: [call.attempts[1]] },
      "opus → kimi ✓ 88 ms, 26k → 1.3k, $0.0004",
    ],
    [{ state: "error", status: 503, input_tokens: undefined, cost: undefined, attempts: [] }, "opus ✗ 503 1.2 s"],
    [
      { state: "truncated", attempts: [{ provider: "kimi", outcome: "failed", reason: "idle timeout" }] },
      "opus → kimi ✗ idle timeout 1.2 s, 26k → 1.3k, $0.08, truncated",
    ],
    [
      { state: "client_cancelled", attempts: [{ provider: "kimi", outcome: "aborted" }] },
      "opus → kimi – 1.2 s, 26k → 1.3k, $0.08, the client left",
    ],
    [{ input_tokens: 2_400_000, output_tokens: 999 }, "opus → anthropic ✗ 429 → kimi ✓ 1.2 s, 2.4M → 999, $0.08"],
  ])("with %j is one short line", (change, text) => {
    expect(callText({ ...call, ...change })).toBe(text);
  });

  it("is left as it is where it is another line", () => {
    expect(callText({ ...call, event: "request_failure" })).toBe(undefined);
    expect(callText({ event: "request_completed", message: "x" })).toBe(undefined);
  });
});
