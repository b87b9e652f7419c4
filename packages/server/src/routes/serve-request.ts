import { CcpbError, dialectOfPath } from "@ccpb/core";
import { admit } from "../http/access-rules.ts";
import { type Action, type Caller, refuseAction } from "../http/permissions.ts";
import { ClientGoneError, ServerStoppingError, type InboundRequest } from "../http/inbound-request.ts";
import { writeReply } from "../http/reply-writer.ts";
import { findRoute } from "./routes.ts";
import type { ServerContext } from "./server-context.ts";
import { refusalReply, type ServerReply } from "../http/server-reply.ts";

/** Answers one request from its head to its last byte. Never rejects: what goes wrong in a handler becomes a 500 and one line in the log. */
export async function serveRequest(inbound: InboundRequest, context: ServerContext): Promise<void> {
  try {
    const outcome = await answer(inbound, context);
    await writeReply(inbound, outcome.reply, outcome.mustClose || context.isDraining);
  } catch (error) {
    if (!(error instanceof ClientGoneError)) logFault(inbound, context, error);
    inbound.response.destroy();
  }
}

interface Answer {
  readonly reply: ServerReply;
  readonly mustClose: boolean;
}

async function answer(inbound: InboundRequest, context: ServerContext): Promise<Answer> {
  const entry = admit(inbound, context.access);
  if (entry.type === "refused") return refusal(entry.error, inbound, context);
  const { caller, isExempt } = entry;
  const destination = findRoute(inbound);
  if (destination.type === "refusal") return refusal(destination.error, inbound, context, destination);
  const { action, handler } = destination;
  const forbidden = isExempt ? undefined : refuseAction(caller, action);
  if (forbidden !== undefined) return refusal(forbidden, inbound, context, { caller });
  try {
    const headers = admitClient(inbound, context, { caller, action });
    const reply = await handler(inbound, context, caller);
    return {
      reply: headers === undefined ? reply : { ...reply, headers: { ...reply.headers, ...headers } },
      mustClose: false,
    };
  } catch (error) {
    return failure(error, inbound, context, caller);
  }
}

/**
 * Counts a request of a client with a name until its answer is written, and returns the headers that warn of a budget.
 *
 * @throws `CcpbError` where the client is blocked (400), has reached a limit (429) or used up a budget (400).
 */
function admitClient(
  inbound: InboundRequest,
  { steering, clients }: ServerContext,
  { caller, action }: { readonly caller: Caller; readonly action: Action },
): Readonly<Record<string, string>> | undefined {
  if (action !== "ask-models" && action !== "count-tokens") return undefined;
  const blocked = steering.inForce.refuseClient(caller.name);
  if (blocked !== undefined) throw blocked;
  if (caller.settings === undefined) return undefined;
  const admission = clients.admit(caller.settings, action === "ask-models");
  if (admission.type === "refused") throw admission.error;
  if (inbound.response.closed) admission.release();
  else inbound.release = admission.release;
  return admission.headers;
}

function failure(error: unknown, inbound: InboundRequest, context: ServerContext, caller: Caller): Answer {
  if (error instanceof ClientGoneError) throw error;
  if (error instanceof CcpbError) return refusal(error, inbound, context, { caller });
  const message =
    error instanceof ServerStoppingError ? "The balancer is stopping; send the request again." : "Internal error.";
  if (!(error instanceof ServerStoppingError)) logFault(inbound, context, error);
  const status = error instanceof ServerStoppingError ? 503 : 500;
  return {
    reply: refusalReply(
      new CcpbError("provider_error", message, { status, type: "api_error" }),
      inbound.id,
      dialectOfPath(inbound.path),
    ),
    mustClose: true,
  };
}

function refusal(
  error: CcpbError,
  inbound: InboundRequest,
  { log }: ServerContext,
  { allow, caller }: { readonly allow?: string; readonly caller?: Caller } = {},
): Answer {
  const reply = refusalReply(error, inbound.id, dialectOfPath(inbound.path));
  const headers: Record<string, string> = { ...reply.headers };
  if (allow !== undefined) headers["allow"] = allow;
  if (error.status === 401) headers["www-authenticate"] = "Bearer";
  // A request that no provider served was a call, which has its own log lines.
  if (error.code !== "providers_unavailable") {
    log.write(
      "INFO",
      "request_refused",
      `${inbound.method} ${inbound.path.slice(0, 100)}: ${error.status} ${error.message}`,
      {
        request_id: inbound.id,
        client: caller?.name,
        status: error.status,
        type: error.type,
      },
    );
  }
  return { reply: { ...reply, headers }, mustClose: error.status === 400 || error.status === 413 };
}

function logFault(inbound: InboundRequest, { log }: ServerContext, error: unknown): void {
  const fault = error instanceof Error ? error : new Error(String(error));
  log.write("ERROR", "server_error", `${inbound.method} ${inbound.path.slice(0, 100)}: ${fault.message}`, {
    request_id: inbound.id,
    error: fault.name,
    stack: fault.stack,
  });
}
