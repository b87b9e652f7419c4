import { describe, expect, it } from "vitest";
import type { PromptWeight } from "../tokens/prompt-weight.ts";
import { TokenFactors } from "./token-factors.ts";

const weight: PromptWeight = {
  content: 10_000,
  tools: 0,
  toolCount: 0,
  messageCount: 1,
  callCount: 0,
  demandsTool: false,
  demandsFormat: false,
  demandsCitations: false,
  fixed: 500,
  runsAtProvider: false,
};
const at = { provider: "a", model: "some-model" };
const fixed = 504; // with what a message takes of its own

describe("TokenFactors", () => {
  it("knows nothing before the first answer", () => {
    const factors = new TokenFactors();
    expect(factors.factorFor("a", "some-model")).toBeUndefined();
    expect(factors.estimate(weight, "a", "some-model")).toBe(10_000 + fixed);
    expect(factors.isDue("a", "some-model", 0)).toBe(true);
  });

  it("learns what the answers say of what a tokeniser counts, apart from what is fixed", () => {
    const factors = new TokenFactors();
    for (let answer = 0; answer < 30; answer += 1) {
      factors.learn(at, weight, { realTokens: 14_000 + fixed, nowMs: answer });
    }
    expect(factors.factorFor("a", "some-model")).toBeCloseTo(1.4, 2);
    expect(factors.estimate(weight, "a", "some-model") / (14_000 + fixed)).toBeCloseTo(1, 2);
  });

  it("keeps providers and models apart", () => {
    const factors = new TokenFactors();
    factors.learn(at, weight, { realTokens: 20_000, nowMs: 0 });
    expect(factors.factorFor("b", "some-model")).toBeUndefined();
    expect(factors.factorFor("a", "other-model")).toBeUndefined();
  });

  it("asks for an answer in ten seconds", () => {
    const factors = new TokenFactors();
    factors.learn(at, weight, { realTokens: 20_000, nowMs: 1_000 });
    expect(factors.isDue("a", "some-model", 10_999)).toBe(false);
    expect(factors.isDue("a", "some-model", 11_000)).toBe(true);
    expect(factors.isDue("a", "other-model", 1_000)).toBe(true);
  });

  it("learns nothing from short prompts, nor where tools ran at the provider", () => {
    const factors = new TokenFactors();
    factors.learn(at, { ...weight, content: 100 }, { realTokens: 20_000, nowMs: 0 });
    factors.learn(at, { ...weight, runsAtProvider: true }, { realTokens: 20_000, nowMs: 0 });
    expect(factors.factorFor("a", "some-model")).toBeUndefined();
  });

  it("does not believe a usage that no tokeniser could explain", () => {
    const factors = new TokenFactors();
    for (const realTokens of [0, 9, fixed, fixed + 2_400, fixed + 40_001]) {
      factors.learn(at, weight, { realTokens, nowMs: 0 });
    }
    expect(factors.factorFor("a", "some-model")).toBeUndefined();
  });

  it("gives the same factors after the same history", () => {
    const [one, other] = [new TokenFactors(), new TokenFactors()].map((factors) => {
      for (const realTokens of [9_000, 16_000, 12_345, 11_000]) factors.learn(at, weight, { realTokens, nowMs: 0 });
      return factors.factorFor("a", "some-model");
    });
    expect(one).toBe(other);
  });

  it("keeps what it knows of the providers that stay", () => {
    const factors = new TokenFactors();
    factors.learn(at, weight, { realTokens: 20_000, nowMs: 0 });
    factors.learn({ ...at, provider: "b" }, weight, { realTokens: 20_000, nowMs: 0 });
    const known = factors.factorFor("a", "some-model");
    factors.retain(new Set(["a"]));
    expect(factors.factorFor("a", "some-model")).toBe(known);
    expect(factors.factorFor("b", "some-model")).toBeUndefined();
  });

  it("stays bounded, whatever names clients send", () => {
    const factors = new TokenFactors();
    for (let name = 0; name < 2_500; name += 1) {
      factors.learn({ provider: "a", model: `m${name}` }, weight, { realTokens: 20_000, nowMs: 0 });
    }
    const known = Array.from({ length: 2_500 }, (_, name) => factors.factorFor("a", `m${name}`));
    expect(known.filter((factor) => factor !== undefined).length).toBeLessThanOrEqual(1_000);
  });

  it("waits as long after an answer that tells nothing", () => {
    const factors = new TokenFactors();
    factors.learn(at, weight, { realTokens: 1, nowMs: 0 });
    expect(factors.factorFor("a", "some-model")).toBeUndefined();
    expect(factors.isDue("a", "some-model", 9_999)).toBe(false);
    expect(factors.isDue("a", "some-model", 10_000)).toBe(true);
  });
});
