import { createColors } from "picocolors";
import { exitCodes } from "../base/exit-codes.ts";
import { visible, visibleJson } from "../base/visible-text.ts";
import { knownPrices } from "../usage/prices.ts";
import { readLogUsage } from "../usage/log-usage.ts";
import {
  dayIn,
  reportCsv,
  reportUsage,
  sinceHour,
  type UsageGrouping,
  type UsageReport,
} from "../usage/usage-report.ts";
import { type CountsView, usageView, type UsageView } from "../views/usage-view.ts";
import { askServer, errorText } from "./ask-server.ts";
import { complain, hasColor, widthOf } from "./output.ts";
import { serverAddress, type ServerOptions } from "./server-address.ts";
import { renderTable, type TableCell } from "./text-table.ts";

interface UsageOptions extends ServerOptions {
  readonly by?: UsageGrouping;
  readonly since?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly log?: string;
}

const timeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/**
 * `ccpb usage`: tokens and cost of a running server, or (`--log`) of a log file. Answers 0, 1 where it cannot be told, 2 for a `--since` that is none, 3 where
 * no server answers.
 */
export async function usage(options: UsageOptions): Promise<number> {
  const { by = "client", since = "7d", log } = options;
  const first = sinceHour(since, Date.now());
  if (first === undefined) {
    const message = `--since is ${visible(JSON.stringify(since))}; write a span such as 24h, 7d, 4w or 3m, or a date such as 2026-11-01`;
    return complain(message, exitCodes.usage);
  }
  return log === undefined ? byServer(options, by, since) : byLog(log, options, { by, since: first });
}

async function byLog(
  path: string,
  options: UsageOptions,
  { by, since }: { readonly by: UsageGrouping; readonly since: string },
): Promise<number> {
  let report: UsageReport;
  try {
    const rows = await readLogUsage(path, knownPrices);
    report = reportUsage(rows, { by, since, dayOf: dayIn(timeZone()) });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return complain(`the log ${path} cannot be read: ${why}`, exitCodes.failed);
  }
  if (options.csv === true) process.stdout.write(reportCsv(report));
  else show(usageView(report), path, options);
  return exitCodes.ok;
}

async function byServer(options: UsageOptions, by: UsageGrouping, since: string): Promise<number> {
  const address = serverAddress(options);
  const query = new URLSearchParams({ by, since, timezone: timeZone() });
  const answer = await askServer(address, "GET", `/usage?${query.toString()}`);
  if (answer.type === "failure") return complain(answer.message, answer.code);
  const view = answer.status === 200 ? readView(answer.data) : undefined;
  if (view === undefined) {
    return complain(`${address.url} answers ${answer.status}: ${errorText(answer.data)}`, exitCodes.failed);
  }
  if (options.csv === true) process.stdout.write(viewCsv(view));
  else show(view, address.url, options);
  const missing = missingText(answer.data["other_servers"]);
  if (missing !== undefined) process.stderr.write(`${missing}\n`);
  return exitCodes.ok;
}

/** Says that usage of other servers is missing; undefined where it is not. */
function missingText(others: unknown): string | undefined {
  if (others === "unavailable") return "Usage of the other servers is missing: Redis does not answer this server.";
  if (others !== "incomplete") return undefined;
  return "Some usage of the other servers is missing: Redis holds more of a day than is read (docs/operations.md).";
}

/** The answer of a server, as far as it is one; a newer server may say more. */
function readView(data: Readonly<Record<string, unknown>>): UsageView | undefined {
  const isView = Array.isArray(data["groups"]) && typeof data["total"] === "object" && typeof data["by"] === "string";
  // Its own server wrote it, and only numbers and names are shown of it.
  return isView ? (data as unknown as UsageView) : undefined;
}

function show(view: UsageView, source: string, { json }: UsageOptions): void {
  process.stdout.write(
    json === true ? `${visibleJson(JSON.stringify(view, null, 2))}\n` : renderUsage(view, source, process.stdout),
  );
}

/** Turns the answer of a server back into a report, so that both sources give the same CSV. */
function viewCsv({ by, since, groups, total }: UsageView): string {
  const counts = (view: CountsView): UsageReport["total"] => ({
    calls: view.calls,
    failures: view.failures,
    input: view.input_tokens,
    output: view.output_tokens,
    cacheRead: view.cache_read_tokens,
    cacheWrite: view.cache_creation_tokens,
    cacheWrite1h: view.cache_creation_1h_tokens,
    thinking: view.thinking_tokens,
    unpriced: view.unpriced_calls,
    cost: Object.fromEntries(
      Object.entries(view.cost).map(([currency, amount]) => [currency, Math.round(amount * 1e9)]),
    ),
  });
  return reportCsv({
    by: by as UsageGrouping, // the server's own word for what it was asked
    since,
    groups: groups.map((group) => ({ name: group.name, ...counts(group) })),
    total: counts(total),
  });
}

function renderUsage({ by, since, groups, total }: UsageView, source: string, stream: NodeJS.WriteStream): string {
  const colors = createColors(hasColor(stream));
  const head = `Usage since ${since.slice(0, 16).replace("T", " ")} UTC, by ${by} (${visible(source)})`;
  if (groups.length === 0) return `${colors.bold(head)}\n\nNo call has ended since then.\n`;
  const titles = [by.toUpperCase(), "CALLS", "FAILED", "INPUT", "CACHED", "WRITTEN", "OUTPUT", "COST"];
  const header = titles.map((text, index): TableCell => ({
    text,
    paint: colors.dim,
    ...(index > 0 && { align: "right" as const }),
  }));
  const rows = groups.map((group) => cells(group.name, group));
  const sum = cells("total", total).map((cell) => ({ ...cell, paint: colors.bold }));
  return `${colors.bold(head)}\n\n${renderTable([header, ...rows, sum], widthOf(stream))}`;
}

function cells(name: string, view: CountsView): TableCell[] {
  const numbers = [
    view.calls,
    view.failures,
    view.input_tokens,
    view.cache_read_tokens,
    view.cache_creation_tokens,
    view.output_tokens,
  ];
  return [
    { text: name },
    ...numbers.map((number): TableCell => ({ text: number.toLocaleString("en-US"), align: "right" })),
    { text: costText(view), align: "right" },
  ];
}

/** The cost in each currency; `unknown` where no call had a price, and how many had none where some had one. */
function costText({ cost, unpriced_calls: unpriced }: CountsView): string {
  const known = Object.entries(cost).map(([currency, amount]) =>
    currency === "USD" ? `$${amount.toFixed(amount < 1 ? 4 : 2)}` : `${amount.toFixed(2)} ${currency}`,
  );
  if (known.length === 0) return unpriced > 0 ? "unknown" : "$0";
  return unpriced > 0 ? `${known.join(" + ")} + ${unpriced} calls unknown` : known.join(" + ");
}
