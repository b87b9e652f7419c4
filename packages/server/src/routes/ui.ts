import { clientNames } from "../http/access-rules.ts";
import { permissionOf } from "../http/permissions.ts";
import { partsOf } from "../control/parse-command.ts";
import { controlView } from "../views/control-view.ts";
import { providersView } from "../views/providers-view.ts";
import type { Handler } from "./server-context.ts";
import { jsonReply } from "../http/server-reply.ts";
import { visibleData } from "../base/visible-text.ts";

/** `GET /ui`: the status page. It holds nothing of this server; what it shows it asks for at `/ui/state`. */
export const getPage: Handler = async (inbound) => {
  const { pageLanguage, readStatusPage } = await import("../ui/page.ts");
  return { status: 200, ...readStatusPage(pageLanguage(inbound.headers["accept-language"])) };
};

/**
 * `GET /ui/state`: the providers, the last calls, and what may be steered, for the page, which shows texts as they are. `targets`: how many keys and which
 * upstream models each provider has.
 */
export const getState: Handler = async (_inbound, context, caller) => {
  const { status, calls, controls = [] } = await context.overview();
  const { config } = context;
  const state = {
    version: context.version,
    now: Date.now(),
    ...providersView(status),
    controls: controls.map(controlView),
    may_control: permissionOf(caller, "control") === "all",
    targets: config.providers.map((provider) => ({ name: provider.name, ...partsOf(provider, config) })),
    clients: clientNames(context.settings) ?? [],
    calls,
  };
  return jsonReply(200, visibleData(state), { "cache-control": "no-store" });
};
