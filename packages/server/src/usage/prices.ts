import type { PriceDocument } from "@ccpb/core/config";

/** Price of a model, per million tokens. An absent member costs what `input` costs. */
export interface Price {
  readonly input: number;
  readonly output: number;
  readonly cacheRead?: number;
  /** Written to a cache that lives five minutes, or as long as the vendor keeps it. */
  readonly cacheWrite?: number;
  /** Written to a cache that lives one hour. Default: 1.6 times `cacheWrite` (Anthropic: 2 and 1.25 times the input). */
  readonly cacheWrite1h?: number;
  /** Above so many tokens of input, cached ones included, the whole call costs this. */
  readonly above?: { readonly inputTokens: number } & Omit<Price, "above" | "currency">;
  /** ISO 4217; default "USD". */
  readonly currency?: string;
}

/** A price and the models that it is for: a glob over the upstream's name of the model (`*` and `?`), in any case. */
export interface PriceRow {
  readonly model: string;
  /** Only at this provider; absent: at every one. */
  readonly provider?: string;
  readonly price: Price;
}

// Held against the public price lists on 2026-07-02 (models.dev, which quotes those of the vendors). Later models by what could be read of them on 2026-11-29:
// Claude from 5 on by platform.claude.com ("Pricing", overviews of the models), the cached input of Sonnet 5.5 by tools that quote it;
// `gpt-6.2-sol` by developers.openai.com; the other GPT models from 5.6 on and Kimi K3 by tools and gateways that quote the vendors' lists.

type Figures = readonly [input: number, output: number, cacheRead?: number, cacheWrite?: number];
type LongFigures = readonly [aboveTokens: number, ...figures: Figures];
type Row = readonly [models: string, figures: Figures, above?: LongFigures];

const anthropic = (input: number, cacheRead = input / 10): Figures => [input, 5 * input, cacheRead, 1.25 * input];

/** The names of a model as it is released: alone, with a date, and as Bedrock and Vertex AI write it. */
const releases = (model: string): string => `${model} ${model}-2* ${model}@* ${model}-v*`;

/** Returns the row of a model of OpenAI's that bills writes to the cache, and calls of more than 272,000 tokens of input at twice the input and 1.5 times the output. */
const openai = (model: string, input: number, output: number, cacheRead: number): Row => [
  `${model} ${model}-2*`,
  [input, output, cacheRead, 1.25 * input],
  [272_000, 2 * input, 1.5 * output, 2 * cacheRead, 2.5 * input],
];

/** Globs, separated by spaces, and USD per million tokens. The first row that covers a model counts: narrow globs stand before wide ones. */
const figures: readonly Row[] = [
  [`${releases("claude-fable-5-1")} ${releases("claude-mythos-5-1")}`, anthropic(10, 0.25)],
  [`${releases("claude-fable-5")} ${releases("claude-mythos-5")}`, anthropic(10)],
  [releases("claude-opus-5-5"), anthropic(4, 0.2)],
  [releases("claude-opus-5"), anthropic(5)],
  ["claude-opus-4-5* claude-opus-4-6* claude-opus-4-7* claude-opus-4-8*", anthropic(5)],
  ["claude-opus-4*", anthropic(15)],
  ["claude-3-opus*", anthropic(15)],
  [releases("claude-sonnet-5-5"), anthropic(2, 0.1)],
  [releases("claude-sonnet-5"), anthropic(2)],
  ["claude-sonnet-4*", anthropic(3)],
  ["claude-3-5-sonnet* claude-3-7-sonnet*", anthropic(3)],
  [releases("claude-haiku-5-5"), anthropic(0.1), [100_000, ...anthropic(0.5)]],
  ["claude-haiku-4-5*", anthropic(1)],
  ["claude-3-5-haiku*", anthropic(0.8)],
  ["claude-3-haiku*", [0.25, 1.25, 0.03, 0.3]],
  openai("gpt-6.2-astra", 8, 40, 0.4),
  openai("gpt-6.2-sol", 2, 10, 0.1),
  openai("gpt-6.1-sol", 2, 10, 0.1),
  openai("gpt-6-astra", 10, 50, 1),
  openai("gpt-6-sol", 2, 10, 0.2),
  openai("gpt-6-luna", 0.1, 0.5, 0.01),
  openai("gpt-5.6-sol", 4, 20, 0.4),
  openai("gpt-5.6-terra", 2, 12, 0.2),
  openai("gpt-5.6-luna", 0.2, 1.2, 0.02),
  ["gpt-5.5-pro*", [30, 180], [272_000, 60, 270]],
  ["gpt-5.5", [5, 30, 0.5], [272_000, 10, 45, 1]],
  ["gpt-5.4-pro*", [30, 180], [272_000, 60, 270]],
  ["gpt-5.4-mini*", [0.75, 4.5, 0.075]],
  ["gpt-5.4-nano*", [0.2, 1.25, 0.02]],
  ["gpt-5.4", [2.5, 15, 0.25], [272_000, 5, 22.5, 0.5]],
  ["gpt-5.2-pro*", [21, 168]],
  ["gpt-5.2* gpt-5.3*", [1.75, 14, 0.175]],
  ["gpt-5.1-codex-mini*", [0.25, 2, 0.025]],
  ["gpt-5-pro*", [15, 120]],
  ["gpt-5-mini*", [0.25, 2, 0.025]],
  ["gpt-5-nano*", [0.05, 0.4, 0.005]],
  ["gpt-5.1*", [1.25, 10, 0.125]],
  ["gpt-5", [1.25, 10, 0.125]],
  ["gpt-5-codex*", [1.25, 10, 0.125]],
  ["gpt-5-chat*", [1.25, 10, 0.125]],
  ["gpt-4.1-mini*", [0.4, 1.6, 0.1]],
  ["gpt-4.1-nano*", [0.1, 0.4, 0.025]],
  ["gpt-4.1*", [2, 8, 0.5]],
  ["gpt-4o-mini*", [0.15, 0.6, 0.075]],
  ["gpt-4o-2024-05-13", [5, 15]],
  ["gpt-4o*", [2.5, 10, 1.25]],
  ["o1-pro*", [150, 600]],
  ["o1", [15, 60, 7.5]],
  ["o3-mini*", [1.1, 4.4, 0.55]],
  ["o3-pro*", [20, 80]],
  ["o3", [2, 8, 0.5]],
  ["o4-mini", [1.1, 4.4, 0.275]],
  ["deepseek-v4-pro*", [0.435, 0.87, 0.003625]],
  ["deepseek-v4-flash*", [0.14, 0.28, 0.0028]],
  ["deepseek-chat", [0.14, 0.28, 0.0028]],
  ["deepseek-reasoner", [0.14, 0.28, 0.0028]],
  ["kimi-k3", [3, 15, 0.3]],
  ["kimi-k2.7-code-highspeed", [1.9, 8, 0.38]],
  ["kimi-k2.7*", [0.95, 4, 0.19]],
  ["kimi-k2.6*", [0.95, 4, 0.16]],
  ["kimi-k2.5*", [0.6, 3, 0.1]],
  ["kimi-k2-thinking-turbo", [1.15, 8, 0.15]],
  ["kimi-k2-turbo*", [2.4, 10, 0.6]],
  ["kimi-k2-*", [0.6, 2.5, 0.15]],
  ["glm-5.1 glm-5.2", [1.4, 4.4, 0.26]],
  ["glm-5-turbo", [1.2, 4, 0.24]],
  ["glm-5", [1, 3.2, 0.2]],
  ["glm-4.5 glm-4.6 glm-4.7", [0.6, 2.2, 0.11]],
  ["glm-4.5-air", [0.2, 1.1, 0.03]],
  ["glm-4.7-flashx", [0.07, 0.4, 0.01]],
  ["gemini-3.1-pro*", [2, 12, 0.2], [200_000, 4, 18, 0.4]],
  ["gemini-3-pro-preview", [2, 12, 0.2], [200_000, 4, 18, 0.4]],
  ["gemini-3.5-flash", [1.5, 9, 0.15]],
  ["gemini-3.1-flash-lite*", [0.25, 1.5, 0.025]],
  ["gemini-3-flash-preview", [0.5, 3, 0.05]],
  ["gemini-2.5-pro", [1.25, 10, 0.125], [200_000, 2.5, 15, 0.25]],
  ["gemini-2.5-flash-lite", [0.1, 0.4, 0.01]],
  ["gemini-2.5-flash", [0.3, 2.5, 0.03]],
  ["mistral-large-2411", [2, 6]],
  ["mistral-large-*", [0.5, 1.5]],
  ["mistral-medium-2604", [1.5, 7.5]],
  ["mistral-medium-*", [0.4, 2]],
  ["mistral-small-2506", [0.1, 0.3]],
  ["mistral-small-*", [0.15, 0.6]],
  ["devstral-small-25*", [0.1, 0.3]],
  ["devstral-*", [0.4, 2]],
  ["codestral-latest", [0.3, 0.9]],
  ["magistral-medium-*", [2, 5]],
  ["grok-4.20*", [1.25, 2.5, 0.2], [200_000, 2.5, 5, 0.4]],
  ["grok-4.3", [1.25, 2.5, 0.2], [200_000, 2.5, 5, 0.4]],
  ["grok-build-0.1", [1, 2, 0.2], [200_000, 2, 4, 0.4]],
  ["minimax-m3", [0.3, 1.2, 0.06], [512_000, 0.6, 2.4, 0.12]],
  ["minimax-m2.5-highspeed minimax-m2.7-highspeed", [0.6, 2.4, 0.06, 0.375]],
  ["minimax-m2.7", [0.3, 1.2, 0.06, 0.375]],
  ["minimax-m2.1 minimax-m2.5", [0.3, 1.2, 0.03, 0.375]],
  ["minimax-m2", [0.3, 1.2]],
];

/**
 * The prices that the product knows, of the vendors' own APIs. A gateway or a cloud may ask for another price: the section `prices` of the configuration
 * stands before this table.
 */
export const knownPrices: readonly PriceRow[] = figures.flatMap(([models, own, above]) => {
  const price: Price = {
    ...priceOf(own),
    ...(above !== undefined && {
      above: { inputTokens: above[0], ...priceOf(above.slice(1) as unknown as Figures) },
    }),
  };
  return models.split(" ").map((model) => ({ model, price }));
});

function priceOf([input, output, cacheRead, cacheWrite]: Figures): Omit<Price, "above" | "currency"> {
  return {
    input,
    output,
    ...(cacheRead !== undefined && { cacheRead }),
    ...(cacheWrite !== undefined && { cacheWrite }),
  };
}

/** Returns the prices that hold for a configuration: its own before those that the product knows. */
export function pricesFor(own: readonly PriceDocument[]): readonly PriceRow[] {
  return [...own.map(toRow), ...knownPrices];
}

function toRow(price: PriceDocument): PriceRow {
  const { model, provider, input, output, currency } = price;
  const { cache_read: cacheRead, cache_write: cacheWrite, cache_write_1h: cacheWrite1h } = price;
  return {
    model,
    ...(provider !== undefined && { provider }),
    price: {
      input,
      output,
      ...(cacheRead !== undefined && { cacheRead }),
      ...(cacheWrite !== undefined && { cacheWrite }),
      ...(cacheWrite1h !== undefined && { cacheWrite1h }),
      ...(currency !== undefined && { currency }),
    },
  };
}
