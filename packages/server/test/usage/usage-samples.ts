import type { TokenUsage } from "@ccpb/core";
import { noCounts, type UsageRow } from "../../src/usage/usage-row.ts";

/** A row of a ledger, for tests. */
export const sampleRow = (change: Partial<UsageRow> = {}): UsageRow => ({
  hour: "2026-11-29T03",
  client: "alice",
  provider: "a",
  key: 1,
  model: "m",
  ...noCounts,
  calls: 1,
  input: 10,
  cost: { USD: 30_000 },
  ...change,
});

/** Token counts of one call, for tests. */
export const used = (change: Partial<TokenUsage>): TokenUsage => ({
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheCreationTokens: 0,
  ...change,
});

/** Adds up the calls of rows and what they cost in billionths of a dollar, for tests. */
export const totals = (rows: readonly UsageRow[]): { calls: number; usd: number } => ({
  calls: rows.reduce((sum, { calls }) => sum + calls, 0),
  usd: rows.reduce((sum, { cost }) => sum + (cost["USD"] ?? 0), 0),
});
