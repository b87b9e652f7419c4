import { describe, expect, it } from "vitest";
import { countTextTokens } from "./o200k.ts";

describe("countTextTokens", () => {
  it("counts as o200k does", () => {
    expect(countTextTokens("hello world")).toBe(2);
    expect(countTextTokens("")).toBe(0);
    expect(countTextTokens("export const answer = 42;\n")).toBe(7);
  });

  it("takes what looks like a special token for text", () => {
    expect(countTextTokens("<|endoftext|>")).toBeGreaterThan(1);
  });

  it.each([
    ["CJK", "好", 1],
    ["letters", "a", 0.125],
    ["white space", " ", 0.02],
    ["base64", "AbC1/+", 4],
  ])("is not slowed down by a long run of %s", (_what, piece, tokensEach) => {
    const text = piece.repeat(20_000);
    const start = cpuMs();
    const tokens = countTextTokens(text);
    expect(cpuMs() - start).toBeLessThan(1_500);
    expect(tokens / 20_000).toBeGreaterThan(tokensEach * 0.2);
    expect(tokens / 20_000).toBeLessThan(tokensEach * 1.2);
  });

  it("hardly differs for being cut", () => {
    const prose = "The quick brown fox jumps over the lazy dog.\n".repeat(40);
    const cut = countTextTokens(`${prose}${"x".repeat(201)}${prose}`);
    const parts = 2 * countTextTokens(prose) + countTextTokens("x".repeat(200)) + 1;
    expect(Math.abs(cut - parts)).toBeLessThan(4);
  });
});

/** The processor time of this process, in milliseconds: what a busy machine does not change. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
