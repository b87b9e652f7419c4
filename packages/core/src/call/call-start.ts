import type { BalancerEvents, CallTrace } from "../base/events.ts";
import type { Mutable } from "../base/mutable.ts";
import type { CallParts } from "./call-parts.ts";
import type { Call } from "./call-types.ts";
import { traceContextOf } from "./trace-context.ts";

/** Sender of a request, as far as the request names it. */
export type Asker = Pick<CallTrace, "client" | "sessionId" | "isSubagent">;

/** Header that a subagent of Claude Code sends. */
const subagentHeader = "x-claude-code-agent-id";

/** Events keep ids; a longer one would have them keep what a client made up. */
const longestSessionId = 256;

/** Returns who sent the request of a call. */
export function askerOf({ client, request }: Pick<CallParts, "client" | "request">): Asker {
  const { sessionId, headers } = request;
  const asker: Mutable<Asker> = {};
  if (client !== undefined) asker.client = client;
  if (sessionId !== undefined && sessionId.length <= longestSessionId) asker.sessionId = sessionId;
  if (headers[subagentHeader] !== undefined) asker.isSubagent = true;
  return asker;
}

/** Returns what `call-start` tells of a call. */
export function callStart(
  { id: callId, requestedModel, dialect, stream }: Pick<Call, "id" | "requestedModel" | "dialect" | "stream">,
  asker: Asker,
  { request }: Pick<CallParts, "request">,
): BalancerEvents["call-start"] {
  return { callId, requestedModel, dialect, stream, ...asker, ...traceContextOf(request.headers) };
}
