import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { TokenUsage } from "@ccpb/core";
import { pricedCounts, findPrice } from "./cost.ts";
import type { PriceRow } from "./prices.ts";
import { hourOf, noCounts, type UsageRow, UsageSums } from "./usage-row.ts";
import { unnamedClient } from "./ledger.ts";
import { isObject, type JsonObject, readObject } from "../base/json-object.ts";

/**
 * Adds up the usage that a log (`balancer.jsonl`) tells in its lines `request_completed`, also of versions that had no ledger. Lines that are none of a
 * log are passed over.
 *
 * @throws The system's error where the file cannot be read.
 */
export async function readLogUsage(path: string, prices: readonly PriceRow[]): Promise<readonly UsageRow[]> {
  const sums = new UsageSums();
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    // Most lines of a log are about something else; parsing them all would take minutes for a log of months.
    if (text.includes('"request_completed"')) addLine(text, prices, sums);
  }
  return sums.rows();
}

function addLine(text: string, prices: readonly PriceRow[], sums: UsageSums): void {
  const line = readObject(text);
  if (line?.["event"] !== "request_completed") return;
  const timeMs = Date.parse(String(line["timestamp"]));
  if (Number.isNaN(timeMs)) return;
  const hour = hourOf(timeMs);
  const client = typeof line["client"] === "string" ? line["client"] : unnamedClient;
  const attempts = Array.isArray(line["attempts"]) ? line["attempts"].filter(isObject) : [];
  for (const attempt of attempts) {
    if (attempt["outcome"] !== "failed") continue;
    sums.add({ hour, client, ...placeOf(attempt) }, { ...noCounts, failures: 1 });
  }
  if (typeof line["provider"] !== "string") return;
  const last = attempts.at(-1) ?? line;
  const { provider, model, key } = placeOf({ ...last, provider: line["provider"] });
  sums.add(
    { hour, client, provider, model, key },
    { ...noCounts, calls: 1, ...countsOf(line, { provider, model, prices }) },
  );
}

function placeOf(line: JsonObject): { readonly provider: string; readonly model: string; readonly key: number } {
  const { provider, upstream_model: model, key } = line;
  return {
    provider: typeof provider === "string" ? provider : "",
    model: typeof model === "string" ? model : "",
    key: typeof key === "number" && key >= 1 ? key : 1,
  };
}

function countsOf(
  line: JsonObject,
  {
    provider,
    model,
    prices,
  }: { readonly provider: string; readonly model: string; readonly prices: readonly PriceRow[] },
): Partial<Omit<UsageRow, "hour">> {
  if (typeof line["input_tokens"] !== "number" && typeof line["output_tokens"] !== "number") return {};
  const usage: TokenUsage = {
    inputTokens: count(line["input_tokens"]),
    outputTokens: count(line["output_tokens"]),
    cacheReadTokens: count(line["cache_read_tokens"]),
    cacheCreationTokens: count(line["cache_creation_tokens"]),
    cacheCreation1hTokens: count(line["cache_creation_1h_tokens"]),
    thinkingTokens: count(line["thinking_tokens"]),
  };
  return pricedCounts(usage, findPrice(prices, provider, model));
}

function count(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}
