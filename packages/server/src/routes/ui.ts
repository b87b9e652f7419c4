import { CcpbError } from "@ccpb/core";
import { clientNames } from "../http/access-rules.ts";
import { permissionOf } from "../http/permissions.ts";
import { partsOf } from "../control/parse-command.ts";
import { controlView } from "../views/control-view.ts";
import { type CallOutcome, callOutcomes } from "../views/find-calls.ts";
import { chooseLines } from "../views/log-tail.ts";
import { providersView } from "../views/providers-view.ts";
import type { Handler } from "./server-context.ts";
import { jsonReply } from "../http/server-reply.ts";
import { visibleData } from "../base/visible-text.ts";

/** `GET /ui`: the status page. It holds nothing of this server; what it shows it asks for at `/ui/state`. */
export const getPage: Handler = async (inbound) => {
  const { pageLanguage, readStatusPage } = await import("../ui/page.ts");
  return { status: 200, ...readStatusPage(pageLanguage(inbound.headers["accept-language"])) };
};

/** `GET /ui/`: leads to the page, also below the path of a proxy. */
export const redirectToPage: Handler = () => ({
  status: 308,
  headers: { location: "../ui", "content-type": "text/plain" },
  body: Buffer.from("The page is at ../ui\n"),
});

/**
 * `GET /ui/state`: the providers, the last calls, and what may be steered, for the page, which shows texts as they are. `targets`: how many keys and which
 * upstream models each provider has.
 */
export const getState: Handler = async (_inbound, context, caller) => {
  const { status, calls, controls = [] } = await context.overview({ isWatched: true });
  const { config } = context;
  const state = {
    version: context.version,
    now: Date.now(),
    ...providersView(status),
    controls: controls.map(controlView),
    may_control: permissionOf(caller, "control") === "all",
    targets: config.providers.map((provider) => ({ name: provider.name, ...partsOf(provider, config) })),
    clients: clientNames(context.settings) ?? [],
    has_log: context.settings.logFile !== null,
    calls,
  };
  return jsonReply(200, visibleData(state), { "cache-control": "no-store" });
};

/**
 * `GET /ui/calls`: the last 2,000 calls that ended, also before this process was started. `text`: words that each call must have; `outcome`: all, complete,
 * failed, failover or cancelled; `limit`: how many are answered, 100 to 500.
 */
export const getCalls: Handler = async (inbound, context) => {
  const query = new URLSearchParams(inbound.query);
  const found = await context.search.find({
    words: wordsOf(query),
    outcome: outcomeOf(query.get("outcome") ?? "all"),
    limit: numberIn(query, "limit", { least: 100, most: 500 }),
  });
  return jsonReply(200, visibleData(found), { "cache-control": "no-store" });
};

/** `GET /ui/log`: the last lines of the log, the newest first. `level`: the least that is shown; `text`: words that each must have; `limit`: 50 to 500. */
export const getLog: Handler = async (inbound, context) => {
  const query = new URLSearchParams(inbound.query);
  const tail = await context.search.tail();
  const lines = chooseLines(tail, {
    level: query.get("level") ?? "DEBUG",
    words: wordsOf(query),
    limit: numberIn(query, "limit", { least: 50, most: 500 }),
  });
  return jsonReply(200, visibleData({ lines, searched: tail.lines.length }), { "cache-control": "no-store" });
};

const longestText = 200;

function wordsOf(query: URLSearchParams): readonly string[] {
  const text = (query.get("text") ?? "").slice(0, longestText).toLowerCase();
  return text.split(/\s+/).filter((word) => word !== "");
}

function outcomeOf(text: string): CallOutcome {
  const found = callOutcomes.find((one) => one === text);
  if (found !== undefined) return found;
  const message = `outcome is ${JSON.stringify(text.slice(0, longestText))}; write ${callOutcomes.join(", ")}`;
  throw new CcpbError("invalid_request", message, { status: 400, type: "invalid_request_error" });
}

/** The number that a query names, within its bounds; the least where it names none. */
function numberIn(
  query: URLSearchParams,
  name: string,
  { least, most }: { readonly least: number; readonly most: number },
): number {
  const value = Number(query.get(name) ?? least);
  return Number.isSafeInteger(value) ? Math.min(most, Math.max(least, value)) : least;
}
