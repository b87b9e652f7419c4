import type { AttemptTrace, Balancer, BalancerEvents, CallTrace, CircuitChange } from "@ccpb/core";
import type { Log, LogData } from "./log-types.ts";

/** Writes what `balancer` tells as log lines, until the answer is disposed. */
export function logCalls(balancer: Balancer, log: Log): Disposable {
  const listeners = [
    balancer.on("call-start", ({ callId, requestedModel, stream }) => {
      if (!log.isEnabled("INFO")) return;
      const data = { request_id: callId, model: requestedModel, stream };
      log.write("INFO", "request_received", stream ? `${requestedModel}, streamed` : requestedModel, data);
    }),
    balancer.on("attempt-start", (start) => {
      if (log.isEnabled("INFO")) logAttemptStart(start, log);
    }),
    balancer.on("attempt-end", (trace) => logAttempt(trace, log)),
    balancer.on("circuit-change", (change) => logCircuit(change, log)),
    balancer.on("call-end", (trace) => logCall(trace, log)),
  ];
  return { [Symbol.dispose]: () => listeners.forEach((listener) => listener[Symbol.dispose]()) };
}

function logAttemptStart(start: BalancerEvents["attempt-start"], log: Log): void {
  const { callId, number, provider, model, probe } = start;
  const data = { request_id: callId, attempt: number, provider, upstream_model: model, probe };
  if (number > 1) log.write("INFO", "provider_switched", `attempt ${number} goes to ${provider}`, data);
  else if (log.isEnabled("DEBUG")) log.write("DEBUG", "model_selection", `${provider} serves it with ${model}`, data);
  log.write("INFO", "provider_request", probe ? `${model} at ${provider}, a probe` : `${model} at ${provider}`, data);
}

function logAttempt(trace: AttemptTrace & { readonly callId: string }, log: Log): void {
  if (trace.warnings.length > 0 && log.isEnabled("DEBUG")) {
    log.write("DEBUG", "provider_request", `translation: ${trace.warnings.join("; ")}`, { request_id: trace.callId });
  }
  if (trace.outcome !== "failed" && trace.outcome !== "retried") return;
  const reason = trace.reason === undefined ? "unknown reason" : `${trace.reason.class}: ${trace.reason.detail}`;
  log.write("WARNING", "provider_request_failed", `${trace.provider}: ${reason}`, {
    request_id: trace.callId,
    ...attemptData(trace),
  });
}

function logCircuit(change: CircuitChange, log: Log): void {
  const { scope, provider, from, to, reason, cooldownMs, isShared } = change;
  const until = cooldownMs === undefined ? "" : ` for ${seconds(cooldownMs)} s`;
  const where = isShared === true ? ", as another process says" : "";
  // Who found it out has warned already.
  const level = to === "open" && isShared !== true ? "WARNING" : "INFO";
  log.write(level, "circuit_change", `${scope}: ${from} → ${to}${until}${where}`, {
    provider,
    scope,
    from,
    to,
    ...(cooldownMs !== undefined && { cooldown_s: seconds(cooldownMs) }),
    ...(reason !== undefined && { reason: `${reason.class}: ${reason.detail}` }),
    ...(isShared === true && { shared: true }),
  });
}

function logCall(trace: CallTrace, log: Log): void {
  if (trace.state !== "error" && !log.isEnabled("WARNING")) return;
  if (trace.state === "complete" && !log.isEnabled("INFO")) return;
  const data = callData(trace);
  const last = trace.attempts.at(-1);
  const where = last === undefined ? "no provider" : last.provider;
  const what = `${trace.requestedModel} at ${where}: ${trace.status} ${trace.state} in ${Math.round(trace.durationMs)} ms`;
  if (trace.state === "error") log.write(trace.status >= 500 ? "ERROR" : "WARNING", "request_failure", what, data);
  if (trace.state === "truncated") log.write("WARNING", "stream_interrupted", what, data);
  log.write("INFO", "request_completed", what, data);
}

function callData(trace: CallTrace): LogData {
  const last = trace.attempts.at(-1);
  const { usage } = trace;
  return {
    request_id: trace.callId,
    model: trace.requestedModel,
    upstream_model: last?.model ?? null,
    provider: last?.provider ?? null,
    stream: trace.stream,
    status: trace.status,
    state: trace.state,
    duration_ms: Math.round(trace.durationMs),
    first_content_ms: trace.firstContentMs === undefined ? undefined : Math.round(trace.firstContentMs),
    stop_reason: trace.stopReason,
    input_tokens: usage?.inputTokens,
    output_tokens: usage?.outputTokens,
    cache_read_tokens: usage?.cacheReadTokens,
    cache_creation_tokens: usage?.cacheCreationTokens,
    attempts: trace.attempts.map(attemptData),
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
    key: trace.keyIndex > 0 ? trace.keyIndex : undefined,
    status: trace.status,
    deadline: trace.phase,
    reason: reason === undefined ? undefined : `${reason.class}: ${reason.detail}`,
    retry: trace.retry,
    cooldown_s: trace.cooldownMs > 0 ? seconds(trace.cooldownMs) : undefined,
    probe: trace.probe ? true : undefined,
  };
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}
