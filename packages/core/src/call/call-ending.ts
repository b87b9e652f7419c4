import type { Asker } from "./call-start.ts";
import type { Call } from "./call-types.ts";
import type { BalancerAttempt } from "./attempt.ts";
import type { CallTurns } from "./call-turns.ts";
import type { CcpbError } from "../base/errors.ts";
import type { AttemptTrace, CallTrace, TerminalState } from "../base/events.ts";
import type { HostGate } from "../health/host-gate.ts";
import type { Mutable } from "../base/mutable.ts";

/** End of a call for its client, with the attempt or the balancer's own error that ended it. */
export interface CallEnd {
  readonly state: TerminalState;
  readonly status: number;
  readonly attempt?: BalancerAttempt;
  readonly refusal?: CcpbError;
}

/** The call that has ended. */
export interface EndedCall {
  readonly call: Pick<Call, "id" | "requestedModel" | "dialect" | "stream">;
  readonly asker: Asker;
  readonly durationMs: number;
  readonly attempts: readonly AttemptTrace[];
  readonly turns: CallTurns;
  readonly host: HostGate;
}

/** Returns what `call-end` tells of a call. */
export function callTrace(ended: EndedCall, { state, status, attempt, refusal }: CallEnd): CallTrace {
  const { call, durationMs, attempts, turns, host } = ended;
  const { id: callId, requestedModel, dialect, stream } = call;
  const { client, sessionId, isSubagent } = ended.asker;
  const trace: Mutable<CallTrace> = { callId, requestedModel, dialect, stream, state, status, attempts, durationMs };
  if (client !== undefined) trace.client = client;
  if (sessionId !== undefined) trace.sessionId = sessionId;
  if (isSubagent !== undefined) trace.isSubagent = isSubagent;
  attempt?.describeAnswer(trace);
  if (turns.waitedMs > 0) trace.waitedMs = turns.waitedMs;
  if (turns.passedOver.length > 0) trace.passedOver = turns.passedOver;
  if (state !== "error") return trace;
  if (turns.limit !== undefined) trace.limit = turns.limit;
  if (refusal === undefined) return trace;
  trace.refusal = refusal.message;
  if (isHostsFault(attempts, host)) trace.suspect = "host";
  return trace;
}

/**
 * Decides whether this machine or its network kept a call from being served: no provider could be connected to, or
 * every attempt failed here.
 */
function isHostsFault(attempts: readonly AttemptTrace[], host: HostGate): boolean {
  return host.isSuspected || (attempts.length > 0 && attempts.every(({ suspect }) => suspect === "host"));
}
