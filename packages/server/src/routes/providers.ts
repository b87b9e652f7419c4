import { CcpbError } from "@ccpb/core";
import { controlView } from "../views/control-view.ts";
import { explanationView } from "../views/explanation-view.ts";
import { providersView } from "../views/providers-view.ts";
import type { Handler } from "./server-context.ts";
import { jsonReply } from "../http/server-reply.ts";
import { sharedStateView } from "../views/shared-state-view.ts";

/** `GET /providers`: every provider with its health; never a secret. */
export const getProviders: Handler = async (_inbound, context) => {
  const { status, sharedState = null, controls = [] } = await context.overview();
  return jsonReply(200, {
    ...providersView(status),
    controls: controls.map(controlView),
    shared_state: sharedStateView(sharedState),
  });
};

/** `GET /providers/explain?model=NAME`: who would be asked for a model now, in which order, and why the others would not; never a secret. */
export const getExplanation: Handler = (inbound, { balancer }) => {
  const model = new URLSearchParams(inbound.query).get("model") ?? "";
  if (model === "") {
    throw new CcpbError("invalid_request", "Name a model: /providers/explain?model=claude-opus-5", {
      status: 400,
      type: "invalid_request_error",
    });
  }
  return jsonReply(200, explanationView(balancer.explain(model)));
};

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
