import { countNames, noCounts, type UsageCounts, type UsageRow } from "./usage-row.ts";
import { readObject } from "../base/json-object.ts";

/** Writes a row as one line of JSON; counts that are 0 are left out. */
export function writeUsageLine(row: UsageRow): string {
  const { hour, client, provider, key, model, cost } = row;
  const line: Record<string, unknown> = { hour, client, provider, key, model };
  for (const name of countNames) if (row[name] !== 0) line[name] = row[name];
  if (Object.keys(cost).length > 0) line["cost"] = cost;
  return `${JSON.stringify(line)}\n`;
}

const hourForm = /^\d{4}-\d\d-\d\dT\d\d$/;

/** Reads one line; undefined where it is none of a ledger, such as one that was cut off when its process was killed. */
export function readUsageLine(line: string): UsageRow | undefined {
  const value = readObject(line);
  if (value === undefined) return undefined;
  const { hour, client, provider, key, model, cost, ...counts } = value;
  if (typeof hour !== "string" || !hourForm.test(hour)) return undefined;
  if (typeof client !== "string" || typeof provider !== "string" || typeof model !== "string") return undefined;
  if (typeof key !== "number" || !Number.isSafeInteger(key) || key < 1) return undefined;
  const read: Record<string, unknown> = { ...noCounts };
  for (const name of countNames) if (isCount(counts[name])) read[name] = counts[name];
  // Every member is there: `noCounts` has them all.
  return { hour, client, provider, key, model, ...(read as unknown as UsageCounts), cost: readCost(cost) };
}

function readCost(value: unknown): Readonly<Record<string, number>> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter(
      (entry): entry is [string, number] => /^[A-Z]{3}$/.test(entry[0]) && isCount(entry[1]),
    ),
  );
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
