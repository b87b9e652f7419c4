import { type BalancerStatus, CcpbError } from "@ccpb/core";
import { clientNames } from "../http/access-rules.ts";
import { refuseBodyType } from "../http/guard.ts";
import type { InboundRequest } from "../http/inbound-request.ts";
import { jsonReply, type ServerReply } from "../http/server-reply.ts";
import { askProvider, type LiveResult } from "../control/ask-provider.ts";
import { type ControlAction, type ControlOutcome, type ControlTarget, targetText } from "../control/control.ts";
import {
  type ControlOptions,
  type ControlPath,
  parseControlBody,
  readControlPath,
  targetOf,
} from "../control/parse-command.ts";
import { controlView } from "../views/control-view.ts";
import type { Handler, ServerContext } from "./server-context.ts";

// A reason of 200 bytes and a model of 512 fit in many times over.
const maxControlBytes = 16_384;

/** `GET /controls`: what operators keep out now. */
export const getControls: Handler = async (_inbound, context) => {
  const { controls = [] } = await context.overview();
  return jsonReply(200, { controls: controls.map(controlView) }, { "cache-control": "no-store" });
};

/**
 * `POST /providers/{name}/disable|drain|enable|reset|test`, `/clients/{name}/block|unblock` and `/sessions/{id}/block|unblock`: what an operator does at
 * run time. The body is a JSON object or nothing: `key` (from 1) and `model` of a provider, `for` (such as `2h`) and `reason`.
 */
export const postControl: Handler = async (inbound, context, caller) => {
  const path = readControlPath(inbound.path);
  if (path === undefined)
    throw new CcpbError("invalid_request", "There is nothing here.", { status: 404, type: "not_found_error" });
  const options = await readOptions(inbound, context);
  const target = targetOf(path, options, { config: context.config, clients: clientNames(context.settings) });
  const by = caller.name ?? "local";
  if (path.action === "test") return test(target, options, { by, inbound, context });
  const { action } = path;
  const { forMs, reason } = options;
  const outcome = await context.steering.act({ action, target, by, reason, ...(forMs !== undefined && { forMs }) });
  const message = outcomeText({ ...path, action }, target, { outcome, forMs });
  audit({ action, target, by, inbound, context, reason }, message, { ...outcome, for_ms: forMs ?? null });
  const { status } = await context.overview();
  return jsonReply(200, {
    status: "ok",
    message,
    action,
    ...targetView(target),
    before: outcome.before,
    after: outcome.after,
    for: forMs === undefined ? null : forMs / 1_000,
    reason,
    // After disabling the last provider an operator is to see at once what that means.
    warning: canServe(status) ? null : "No provider can serve a request now.",
  });
};

async function readOptions(inbound: InboundRequest, context: ServerContext): Promise<ControlOptions> {
  if (inbound.contentLength === 0) return parseControlBody("");
  const error = refuseBodyType(inbound.headers);
  if (error !== undefined) throw error;
  if ((inbound.contentLength ?? 0) > maxControlBytes) throw tooLong();
  return context.bodies.withBody(inbound, ({ chunks }) => {
    const body = Buffer.concat(chunks);
    if (body.length > maxControlBytes) throw tooLong();
    return Promise.resolve(parseControlBody(body.toString()));
  });
}

function tooLong(): CcpbError {
  const message = `The body of such a request is ${maxControlBytes} bytes at most.`;
  return new CcpbError("invalid_request", message, { status: 413, type: "request_too_large" });
}

const done: Readonly<Record<ControlAction, string>> = {
  disable: "is disabled",
  drain: "is draining: it keeps the sessions that are bound to it",
  enable: "is enabled",
  reset: "is reset: its circuits are closed",
  block: "is blocked",
  unblock: "is unblocked",
};

function outcomeText(
  { action }: { readonly action: ControlAction },
  target: ControlTarget,
  { outcome, forMs }: { readonly outcome: ControlOutcome; readonly forMs: number | undefined },
): string {
  const name = targetText(target);
  if ((action === "enable" || action === "unblock") && outcome.freed === 0)
    return `${name} was not held; nothing was changed.`;
  const others = outcome.freed > 1 ? `, and ${outcome.freed - 1} of its parts` : "";
  return `${name} ${done[action]}${others}${forMs === undefined ? "" : ` for ${spanText(forMs)}`}.`;
}

function spanText(ms: number): string {
  for (const [unit, length] of [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["min", 60_000],
  ] as const) {
    if (ms >= length && ms % length === 0) return `${ms / length} ${unit}`;
  }
  return `${ms / 1_000} s`;
}

function targetView(target: ControlTarget): Readonly<Record<string, string | number | null>> {
  switch (target.type) {
    case "provider":
      return {
        provider: target.provider,
        key: target.keyIndex === undefined ? null : target.keyIndex + 1,
        model: target.model ?? null,
      };
    case "client":
      return { client: target.client };
    case "session":
      return { session: target.session };
  }
}

function canServe(status: BalancerStatus): boolean {
  return status.providers.some(({ healthy }) => healthy);
}

interface Act {
  readonly action: ControlPath["action"];
  readonly target: ControlTarget;
  readonly by: string;
  readonly reason: string | null;
  readonly inbound: InboundRequest;
  readonly context: ServerContext;
}

/** One line a command: who, what, when, and what it was before. */
function audit(act: Act, message: string, more: Readonly<Record<string, unknown>>): void {
  const { action, target, by, reason, inbound, context } = act;
  const because = reason === null ? "" : ` (${reason})`;
  context.log.write("INFO", "control", `${by}: ${message}${because}`, {
    request_id: inbound.id,
    action,
    ...targetView(target),
    by,
    via: viaOf(inbound),
    reason,
    ...more,
  });
}

function viaOf({ headers }: InboundRequest): "page" | "command" | "http" {
  if (headers.origin !== undefined) return "page";
  return headers["user-agent"]?.startsWith("ccpb/") === true ? "command" : "http";
}

/** Largest number of tests at once. Each is a call that a vendor counts. */
const maxTests = 4;

async function test(
  target: ControlTarget,
  { model, keyIndex, reason }: ControlOptions,
  { by, inbound, context }: Pick<Act, "by" | "inbound" | "context">,
): Promise<ServerReply> {
  const provider = context.config.providers.find(({ name }) => target.type === "provider" && name === target.provider);
  if (provider === undefined) throw new TypeError("a test is of a configured provider");
  const { steering } = context;
  if (steering.testsUnderWay >= maxTests) {
    const message = `${maxTests} tests are under way; wait for one of them to end.`;
    throw new CcpbError("invalid_request", message, { status: 429, type: "rate_limit_error", retryAfterMs: 2_000 });
  }
  steering.testsUnderWay += 1;
  let results: readonly LiveResult[];
  try {
    const { transport, authorize, config } = context;
    results = await askProvider(provider, config, { transport, authorize, model, keyIndex });
  } finally {
    steering.testsUnderWay -= 1;
  }
  const failed = results.filter(({ outcome }) => outcome === "failed");
  const message = testText(provider.name, results);
  audit({ action: "test", target, by, reason, inbound, context }, message, { failed: failed.length });
  return jsonReply(200, {
    status: failed.length === 0 ? "ok" : "failed",
    message,
    action: "test",
    ...targetView(target),
    results: results.map(({ key, model: asked, outcome, durationMs, detail }) => ({
      key,
      model: asked,
      outcome,
      duration_ms: durationMs === undefined ? null : Math.round(durationMs),
      detail,
    })),
  });
}

function testText(name: string, results: readonly LiveResult[]): string {
  const failed = results.filter(({ outcome }) => outcome === "failed");
  if (failed.length > 0) {
    const which = results.length === 1 ? "" : ` with ${failed.length} of ${results.length} keys`;
    return `${name} failed${which}: ${failed[0]?.detail ?? ""}`;
  }
  const answered = results.find(({ outcome }) => outcome === "answered");
  if (answered === undefined) return `${name} was ${results[0]?.detail ?? "not asked"}.`;
  return `${name} answered in ${Math.round(answered.durationMs ?? 0)} ms.`;
}
