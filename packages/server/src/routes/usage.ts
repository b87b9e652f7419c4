import { CcpbError } from "@ccpb/core";
import { permissionOf } from "../http/permissions.ts";
import { jsonReply, type ServerReply } from "../http/server-reply.ts";
import { usageView } from "../views/usage-view.ts";
import {
  dayIn,
  reportCsv,
  reportGroups,
  sinceHour,
  type UsageGrouping,
  usageGroupings,
  UsageGroups,
  type UsageQuery,
} from "../usage/usage-report.ts";
import type { Handler } from "./server-context.ts";

/**
 * `GET /usage`: tokens and cost by `by` (client, provider, model, key, day or hour; default client), since `since` (such as 24h, 7d or 2026-11-01; default
 * 7d), with days in `timezone` (default the server's own), as JSON or, with `format=csv`, as CSV. With `shared_state` it adds up all servers;
 * `other_servers` says whether the others could be read. A client sees its own usage alone.
 */
export const getUsage: Handler = async (inbound, context, caller) => {
  const { ledger, clients } = context;
  const params = new URLSearchParams(inbound.query);
  const query = readQuery(params);
  const isShown = (client: string): boolean => permissionOf(caller, "read-usage") === "all" || client === caller.name;
  const groups = new UsageGroups(query, dayIn(query.timeZone));
  for (const row of await ledger.rows(query.since)) groups.add(row);
  const others = await context.usageOfOthers(query);
  const all = [...groups.groups(), ...(others?.groups ?? [])].filter(({ client }) => isShown(client));
  const report = reportGroups(all, query);
  if (params.get("format") === "csv") return csvReply(reportCsv(report));
  const servers = { other_servers: others?.state ?? null };
  return jsonReply(200, { ...usageView(report), ...servers, budgets: clients.budgets(isShown) });
};

function readQuery(params: URLSearchParams): UsageQuery {
  const by = grouping(params.get("by") ?? "client");
  const since = sinceHour(params.get("since") ?? "7d", Date.now());
  if (since === undefined)
    throw badQuery("since", params.get("since"), "a span such as 24h, 7d, 4w or 3m, or a date such as 2026-11-01");
  const timeZone = params.get("timezone") ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!isTimeZone(timeZone)) throw badQuery("timezone", timeZone, "a name such as Europe/Berlin or UTC");
  return { by, since, timeZone };
}

function grouping(text: string): UsageGrouping {
  const found = usageGroupings.find((one) => one === text);
  if (found === undefined) throw badQuery("by", text, usageGroupings.join(", "));
  return found;
}

function isTimeZone(text: string): boolean {
  try {
    dayIn(text);
    return true;
  } catch {
    return false;
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
