import { controlView } from "../views/control-view.ts";
import { providersView } from "../views/providers-view.ts";
import type { Handler } from "./server-context.ts";
import { jsonReply } from "../http/server-reply.ts";
import { visibleData } from "../base/visible-text.ts";

/** `GET /ui`: the status page. It holds nothing of this server; what it shows it asks for at `/ui/state`. */
export const getPage: Handler = async () => {
  const { readStatusPage } = await import("../ui/page.ts");
  return { status: 200, ...readStatusPage() };
};

/** `GET /ui/state`: the providers and the last calls, for the page, which shows texts as they are. */
export const getState: Handler = async (_inbound, context) => {
  const { status, calls, controls = [] } = await context.overview();
  const state = { version: context.version, now: Date.now(), ...providersView(status) };
  return jsonReply(200, visibleData({ ...state, controls: controls.map(controlView), calls }), {
    "cache-control": "no-store",
  });
};
