import type { PriceDocument } from "@ccpb/core/config";
import { knownPrices, type PriceRow } from "./prices.ts";

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
