import { CcpbError } from "@ccpb/core";
import { permissionOf } from "../http/permissions.ts";
import { jsonReply, type ServerReply } from "../http/server-reply.ts";
import { usageView } from "../views/usage-view.ts";
import { dayIn, reportCsv, reportUsage, sinceHour, type UsageGrouping, usageGroupings } from "../usage/usage-report.ts";
import type { Handler } from "./server-context.ts";

/**
 * `GET /usage`: tokens and cost by `by` (client, provider, model, key, day or hour; default client), since `since` (such as 24h, 7d or 2026-11-01; default
 * 7d), with days in `timezone` (default the server's own), as JSON or, with `format=csv`, as CSV. A client sees its own usage
 * alone.
 */
export const getUsage: Handler = async (inbound, { ledger, clients }, caller) => {
  const query = new URLSearchParams(inbound.query);
  const by = grouping(query.get("by") ?? "client");
  const since = sinceHour(query.get("since") ?? "7d", Date.now());
  if (since === undefined)
    throw badQuery("since", query.get("since"), "a span such as 24h, 7d, 4w or 3m, or a date such as 2026-11-01");
  const isShown = (client: string): boolean => permissionOf(caller, "read-usage") === "all" || client === caller.name;
  const rows = (await ledger.rows(since)).filter(({ client }) => isShown(client));
  const report = reportUsage(rows, { by, since, dayOf: dayOf(query.get("timezone")) });
  if (query.get("format") === "csv") return csvReply(reportCsv(report));
  return jsonReply(200, { ...usageView(report), budgets: clients.budgets(isShown) });
};

function grouping(text: string): UsageGrouping {
  const found = usageGroupings.find((one) => one === text);
  if (found === undefined) throw badQuery("by", text, usageGroupings.join(", "));
  return found;
}

function dayOf(timeZone: string | null): (hour: string) => string {
  try {
    return dayIn(timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone);
  } catch {
    throw badQuery("timezone", timeZone, "a name such as Europe/Berlin or UTC");
  }
}

function badQuery(name: string, value: string | null, wanted: string): CcpbError {
  const shown = JSON.stringify((value ?? "").slice(0, 100));
  return new CcpbError("invalid_request", `${name} is ${shown}; write ${wanted}`, {
    status: 400,
    type: "invalid_request_error",
  });
}

function csvReply(text: string): ServerReply {
  return {
    status: 200,
    headers: { "content-type": "text/csv; charset=utf-8", "cache-control": "no-store" },
    body: new TextEncoder().encode(text),
  };
}
