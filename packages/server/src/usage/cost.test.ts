import type { TokenUsage } from "@ccpb/core";
import { describe, expect, it } from "vitest";
import { costOf, findPrice } from "./cost.ts";
import { knownPrices, type Price } from "./prices.ts";
import { used } from "../../test/usage/usage-samples.ts";

describe("cost", () => {
  // Each worked out by hand from the vendor's rules; USD.
  const cases: readonly (readonly [what: string, model: string, usage: Partial<TokenUsage>, usd: number])[] = [
    ["plain tokens", "claude-opus-4-8", { inputTokens: 1_000_000, outputTokens: 100_000 }, 5 + 2.5],
    ["a cache read, a tenth of the input", "claude-sonnet-4-6", { cacheReadTokens: 1_000_000 }, 0.3],
    ["a cache write of 5 minutes, 1.25 of the input", "claude-sonnet-4-6", { cacheCreationTokens: 1_000_000 }, 3.75],
    [
      "a cache write of one hour, twice the input",
      "claude-sonnet-4-6",
      { cacheCreationTokens: 1_000_000, cacheCreation1hTokens: 400_000 },
      0.6 * 3.75 + 0.4 * 6,
    ],
    ["cached tokens of OpenAI", "gpt-5.2", { inputTokens: 200_000, cacheReadTokens: 800_000 }, 0.35 + 0.14],
    ["a long prompt at another price", "gpt-5.5", { inputTokens: 100_000, cacheReadTokens: 200_000 }, 1 + 0.2],
    ["a prompt that is just not long", "gpt-5.5", { inputTokens: 72_000, cacheReadTokens: 200_000 }, 0.36 + 0.1],
    ["DeepSeek's cached input", "deepseek-v4-flash", { inputTokens: 1_000, cacheReadTokens: 1_000_000 }, 0.00294],
    ["cached input of Opus 5", "claude-opus-5", { inputTokens: 100_000, cacheReadTokens: 1_000_000 }, 0.5 + 0.5],
    ["cached input of Opus 5.5", "anthropic/claude-opus-5.5", { cacheReadTokens: 1_000_000 }, 0.2],
    ["cached input of Sonnet 5.5", "us.anthropic.claude-sonnet-5-5-20260928-v1:0", { cacheReadTokens: 1_000_000 }, 0.1],
    ["cached input of Fable 5", "claude-fable-5", { cacheReadTokens: 1_000_000 }, 1],
    ["cached input of Fable 5.1", "claude-fable-5-1@20260901", { cacheReadTokens: 1_000_000 }, 0.25],
    [
      "Haiku 5.5 up to 100,000 tokens",
      "claude-haiku-5-5",
      { inputTokens: 20_000, cacheReadTokens: 80_000, outputTokens: 10_000 },
      0.002 + 0.0008 + 0.005,
    ],
    [
      "Haiku 5.5 above, writes to the cache included",
      "claude-haiku-5-5",
      { inputTokens: 20_000, cacheReadTokens: 70_000, cacheCreationTokens: 20_000, cacheCreation1hTokens: 10_000 },
      0.01 + 0.0035 + 0.00625 + 0.01,
    ],
    [
      "GPT-6.2 above 272,000 tokens",
      "gpt-6.2-sol",
      { inputTokens: 100_000, cacheReadTokens: 200_000, outputTokens: 10_000 },
      0.4 + 0.04 + 0.15,
    ],
    ["writes to OpenAI's cache", "gpt-6.1-sol-2026-09-29", { cacheCreationTokens: 100_000 }, 0.25],
    ["a vendor without a price of cached tokens", "mistral-large-latest", { cacheReadTokens: 1_000_000 }, 0.5],
    ["a name of OpenRouter", "anthropic/claude-opus-4.5", { inputTokens: 1_000_000 }, 5],
    ["a name of Bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", { outputTokens: 1_000_000 }, 15],
    ["Gemini above 200,000 tokens", "gemini-2.5-pro", { inputTokens: 300_000, outputTokens: 10_000 }, 0.75 + 0.15],
  ];
  it.each(cases)("%s", (_what, model, usage, usd) => {
    const price = findPrice(knownPrices, "any", model) as Price;
    expect(costOf(used(usage), price)).toEqual({ amount: Math.round(usd * 1e9), currency: "USD" });
  });

  it("is unknown, and not 0, where no price is known", () => {
    expect(findPrice(knownPrices, "any", "my-fine-tune")).toBeUndefined();
    expect(findPrice(knownPrices, "any", "claude-opus-9")).toBeUndefined();
    expect(findPrice(knownPrices, "any", "claude-opus-5-6")).toBeUndefined();
  });

  it("takes an operator's price first, of one provider or of all", () => {
    const own = [
      { model: "claude-*", provider: "flat", price: { input: 0, output: 0 } },
      { model: "my-*", price: { input: 7, output: 8, currency: "CNY" } },
      ...knownPrices,
    ];
    const million = used({ inputTokens: 1_000_000 });
    expect(costOf(million, findPrice(own, "flat", "claude-opus-4-8") as Price).amount).toBe(0);
    expect(costOf(million, findPrice(own, "other", "claude-opus-4-8") as Price).amount).toBe(5e9);
    expect(costOf(million, findPrice(own, "other", "my-model") as Price)).toEqual({ amount: 7e9, currency: "CNY" });
  });
});
