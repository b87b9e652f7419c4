import type { AttemptTrace, Balancer, BalancerEvents, CallLimit, CallTrace, CircuitChange, Reason } from "@ccpb/core";
import { reasonInFull, reasonText } from "../base/reason-text.ts";
import { sessionMark } from "../base/session-mark.ts";
import type { Log, LogData } from "./log-types.ts";

/** Computes the cost of a call, in billionths of a currency; undefined if it is unknown. */
export type CostOf = (trace: CallTrace) => { readonly amount: number; readonly currency: string } | undefined;

/**
 * Writes log lines about the calls and circuits of `balancer` until the result is disposed. A call has one line at INFO, `request_completed`, which holds
 * everything that its lines at DEBUG say, and what it cost as `costOf` tells; a failure adds lines at WARNING or ERROR.
 */
export function logCalls(balancer: Balancer, log: Log, costOf: CostOf = () => undefined): Disposable {
  const listeners = [
    balancer.on("call-start", (start) => {
      if (log.isEnabled("DEBUG")) logCallStart(start, log);
    }),
    balancer.on("attempt-start", (start) => {
      if (log.isEnabled("DEBUG")) logAttemptStart(start, log);
    }),
    balancer.on("attempt-end", (trace) => logTranslation(trace, log)),
    balancer.on("failover-served", ({ callId, failed }) => logAttempts(callId, failed, "WARNING", log)),
    balancer.on("circuit-change", (change) => logCircuit(change, log)),
    balancer.on("profile-learned", (learned) => logLesson(learned, log)),
    balancer.on("call-end", (trace) => logCall(trace, log, costOf)),
  ];
  return { [Symbol.dispose]: () => listeners.forEach((listener) => listener[Symbol.dispose]()) };
}

/** Once at INFO: the process that has learned a lesson says so, the others at DEBUG. */
function logLesson({ provider, model, lesson, line, isShared }: BalancerEvents["profile-learned"], log: Log): void {
  const data = { provider, upstream_model: model, lesson, profile: line, ...(isShared && { shared: true }) };
  const level = isShared === true ? "DEBUG" : "INFO";
  const whose = isShared === true ? ", as another process has learned" : "";
  const message = `${provider} refused part of a request for ${model} (${lesson})${whose}: requests are made without it for 24 hours; this line in providers.yaml makes that permanent: ${line}`;
  log.write(level, "profile_learned", message, data);
}

function logCallStart({ callId, requestedModel, stream }: BalancerEvents["call-start"], log: Log): void {
  const data = { request_id: callId, model: requestedModel, stream };
  log.write("DEBUG", "request_received", stream ? `${requestedModel}, streamed` : requestedModel, data);
}

function logAttemptStart(start: BalancerEvents["attempt-start"], log: Log): void {
  const { callId, number, provider, model, probe } = start;
  const data = { request_id: callId, attempt: number, provider, upstream_model: model, probe };
  if (number > 1) log.write("DEBUG", "provider_switched", `attempt ${number} goes to ${provider}`, data);
  else log.write("DEBUG", "model_selection", `${provider} serves it with ${model}`, data);
  log.write("DEBUG", "provider_request", probe ? `${model} at ${provider}, a probe` : `${model} at ${provider}`, data);
}

/** Decides whether the client got no answer of a provider, or only a part of one. */
function hasFailed({ state, status }: CallTrace): boolean {
  return state === "truncated" || (state === "error" && status >= 500);
}

/** The attempts of a call that were not told of when another one had content. */
function untold({ attempts }: CallTrace): readonly AttemptTrace[] {
  const served = attempts.findIndex(({ firstContentMs }) => firstContentMs !== undefined);
  return served === -1 ? attempts : attempts.slice(served);
}

function logAttempts(callId: string, attempts: readonly AttemptTrace[], level: "WARNING" | "ERROR", log: Log): void {
  for (const trace of attempts) {
    if (trace.outcome !== "failed" && trace.outcome !== "retried") continue;
    const reason = trace.reason === undefined ? "unknown reason" : reasonInFull(trace.reason);
    const data = { request_id: callId, ...attemptData(trace) };
    log.write(level, "provider_request_failed", `${trace.provider}: ${reason}`, data);
  }
}

function logTranslation({ callId, warnings }: BalancerEvents["attempt-end"], log: Log): void {
  // The model answers without the tool: what it then says of the web is not what it found there.
  for (const warning of warnings.filter((one) => /^server tool .* dropped$/.test(one)))
    log.write("WARNING", "provider_request", `translation: ${warning}`, { request_id: callId });
  if (warnings.length === 0 || !log.isEnabled("DEBUG")) return;
  log.write("DEBUG", "provider_request", `translation: ${warnings.join("; ")}`, { request_id: callId });
}

function logCircuit(change: CircuitChange, log: Log): void {
  const { scope, provider, from, to, reason, cooldownMs, isShared } = change;
  log.write(circuitLevel(change), "circuit_change", circuitText(change), {
    provider,
    scope,
    from,
    to,
    ...(cooldownMs !== undefined && { cooldown_s: seconds(cooldownMs) }),
    ...(reason !== undefined && reasonData(reason)),
    ...(isShared === true && { shared: true }),
  });
}

/** A provider that leaves service is one ERROR line. A failed probe says only that it is still out; the process that found it out has told of it. */
function circuitLevel({ from, to, isShared, isLogin }: CircuitChange): "ERROR" | "WARNING" | "INFO" {
  if (to !== "open" || isShared === true) return "INFO";
  return from === "closed" && isLogin !== true ? "ERROR" : "WARNING";
}

function circuitText(change: CircuitChange): string {
  const { scope, provider, from, to, reason, cooldownMs = 0, isShared, isLogin } = change;
  const whose = isLogin === true ? scope.replace("login", "one client's own login") : scope;
  const who = scope === "provider" ? provider : `${provider} (${whose})`;
  const where = isShared === true ? ", as another process says" : "";
  const why = reason === undefined ? "" : ` after ${reasonInFull(reason)}`;
  if (to === "half-open") return `${who}: its cooldown is over, a request probes it${where}`;
  if (to === "closed") return `${who} is back in service${where}`;
  const verb = from === "closed" ? "leaves service" : "stays out of service, since the probe failed,";
  return `${who} ${verb} for ${seconds(cooldownMs)} s${why}${where}`;
}

function logCall(trace: CallTrace, log: Log, costOf: CostOf): void {
  const isFailed = hasFailed(trace);
  if (trace.attempts.length > 0) logAttempts(trace.callId, untold(trace), isFailed ? "ERROR" : "WARNING", log);
  if (trace.state !== "error" && !log.isEnabled("WARNING")) return;
  if (trace.state === "complete" && !log.isEnabled("INFO")) return;
  const data = callData(trace, costOf(trace));
  const last = trace.attempts.at(-1);
  const where = last === undefined ? "no provider" : last.provider;
  const what = `${trace.requestedModel} at ${where}: ${trace.status} ${trace.state} in ${Math.round(trace.durationMs)} ms${passedOverText(trace)}`;
  const level = isFailed ? "ERROR" : "WARNING";
  if (trace.state === "error") log.write(level, "request_failure", `${what}${failureText(trace)}`, data);
  if (trace.state === "truncated") log.write(level, "stream_interrupted", what, data);
  log.write("INFO", "request_completed", what, data);
}

/**
 * Writes the providers that were passed over. Merely offering web search moves a request to another provider, which a
 * reader of the log must be able to find out.
 */
function passedOverText({ passedOver = [] }: CallTrace): string {
  return passedOver.map(({ provider, lacks }) => `; ${provider} was passed over: no ${lacks.join(", no ")}`).join("");
}

const limits: Readonly<Record<CallLimit, string>> = {
  "queue-timeout": "it has waited for queue_timeout",
  "queue-full": "too many requests wait already",
  "retry-budget": "the budget for further attempts is empty",
  "attempt-limit": "it has made as many attempts as a request may",
  "call-deadline": "timeouts.call is over",
};

/** Explains why a call failed, beyond its attempts, which have lines of their own. */
function failureText({ suspect, limit, refusal, attempts }: CallTrace): string {
  if (suspect === "host") return `: this machine or its network is at fault${hostCause(attempts)}`;
  if (limit !== undefined) return `: ${limits[limit]}`;
  return attempts.length === 0 && refusal !== undefined ? `: ${refusal}` : "";
}

function hostCause(attempts: readonly AttemptTrace[]): string {
  const details = new Set(attempts.flatMap(({ reason }) => reason?.detail ?? []));
  return details.size === 0 ? ", as requests before this one have shown" : `: ${[...details].join("; ")}`;
}

function callData(trace: CallTrace, cost: ReturnType<CostOf>): LogData {
  const last = trace.attempts.at(-1);
  const { usage } = trace;
  return {
    request_id: trace.callId,
    model: trace.requestedModel,
    client: trace.client,
    session: trace.sessionId === undefined ? undefined : sessionMark(trace.sessionId),
    subagent: trace.isSubagent,
    upstream_model: last?.model ?? null,
    provider: last?.provider ?? null,
    stream: trace.stream,
    status: trace.status,
    state: trace.state,
    duration_ms: Math.round(trace.durationMs),
    first_content_ms: trace.firstContentMs === undefined ? undefined : Math.round(trace.firstContentMs),
    stop_reason: trace.stopReason,
    waited_ms: trace.waitedMs === undefined ? undefined : Math.round(trace.waitedMs),
    limit: trace.limit,
    suspect: trace.suspect,
    refusal: trace.refusal,
    passed_over: trace.passedOver,
    input_tokens: usage?.inputTokens,
    output_tokens: usage?.outputTokens,
    cache_read_tokens: usage?.cacheReadTokens,
    cache_creation_tokens: usage?.cacheCreationTokens,
    cache_creation_1h_tokens: usage?.cacheCreation1hTokens,
    thinking_tokens: usage?.thinkingTokens,
    attempts: trace.attempts.map(attemptData),
    cost: cost && { [cost.currency]: cost.amount / 1e9 },
  };
}

/** Keys that are undefined do not get into the line. */
function attemptData(trace: AttemptTrace): LogData {
  const { reason } = trace;
  return {
    attempt: trace.number,
    provider: trace.provider,
    upstream_model: trace.model,
    outcome: trace.outcome,
    duration_ms: Math.round(trace.durationMs),
    key: trace.keyIndex > 0 ? trace.keyIndex + 1 : undefined,
    status: trace.status,
    deadline: trace.phase,
    ...(reason !== undefined && reasonData(reason)),
    suspect: trace.suspect,
    retry: trace.retry,
    cooldown_s: trace.cooldownMs > 0 ? seconds(trace.cooldownMs) : undefined,
    probe: trace.probe ? true : undefined,
  };
}

function reasonData(reason: Reason): LogData {
  return { reason: reasonText(reason), words: reason.words, upstream_request_id: reason.requestId };
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}
