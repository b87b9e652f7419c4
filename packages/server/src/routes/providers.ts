import { providersView } from "../providers-view.ts";
import type { Handler } from "../server-context.ts";
import { jsonReply } from "../server-reply.ts";

/** `GET /providers`: every provider with its health; never a secret. */
export const getProviders: Handler = (_inbound, { balancer }) => jsonReply(200, providersView(balancer.status()));

/** `POST /providers/reload`: reads the configuration again; `?reset=true` also closes every circuit. */
export const postReload: Handler = async (inbound, context) => {
  const reset = new URLSearchParams(inbound.query).get("reset") === "true";
  const result = await context.reload({ reset });
  if (result.type === "rejected") {
    return jsonReply(422, { status: "error", error: result.message, problems: result.problems });
  }
  const { added, removed, changed, kept, restartNeeded, warnings } = result;
  return jsonReply(200, {
    message: result.message,
    status: "ok",
    timestamp: new Date().toISOString(),
    reset,
    added,
    removed,
    changed,
    kept,
    restart_needed: restartNeeded,
    warnings,
  });
};
