import type { AttemptView, CallView } from "./call-history.ts";
import { isObject, type JsonObject, readObject } from "../base/json-object.ts";

const longest = 600;
const mostAttempts = 24;

/** Reads a call back from its line in the log, `request_completed`; undefined for any other line. Lines of other versions may lack members. */
export function loggedCall(text: string): CallView | undefined {
  // Most lines are about something else.
  if (!text.includes('"request_completed"')) return undefined;
  const line = readObject(text);
  if (line?.["event"] !== "request_completed") return undefined;
  const { request_id: id, model, timestamp } = line;
  const endedAtMs = typeof timestamp === "string" ? Date.parse(timestamp) : Number.NaN;
  const state = states.find((one) => one === line["state"]);
  if (typeof id !== "string" || typeof model !== "string" || Number.isNaN(endedAtMs) || state === undefined)
    return undefined;
  const durationMs = numberOf(line["duration_ms"]) ?? 0;
  return {
    id: id.slice(0, longest),
    model: model.slice(0, longest),
    client: textOf(line["client"]),
    session: textOf(line["session"]),
    subagent: line["subagent"] === true,
    stream: line["stream"] === true,
    started_at: endedAtMs - durationMs,
    state,
    phase: null,
    tokens_per_second: null,
    status: numberOf(line["status"]),
    duration_ms: durationMs,
    first_content_ms: numberOf(line["first_content_ms"]),
    tokens: tokensOf(line),
    refusal: textOf(line["refusal"]),
    attempts: attemptsOf(line["attempts"]),
  };
}

const states = ["complete", "error", "truncated", "client_cancelled"] as const;
const outcomes = ["complete", "forwarded", "failed", "retried", "aborted", "abandoned"] as const;
const suspects = ["provider", "credential", "request", "host", "unclear"] as const;

function tokensOf(line: JsonObject): CallView["tokens"] {
  const input = numberOf(line["input_tokens"]);
  const output = numberOf(line["output_tokens"]);
  if (input === null && output === null) return null;
  return {
    input: input ?? 0,
    output: output ?? 0,
    cache_read: numberOf(line["cache_read_tokens"]) ?? 0,
    cache_creation: numberOf(line["cache_creation_tokens"]) ?? 0,
  };
}

function attemptsOf(value: unknown): readonly AttemptView[] {
  return Array.isArray(value) ? value.filter(isObject).slice(0, mostAttempts).map(attemptOf) : [];
}

function attemptOf(line: JsonObject, index: number): AttemptView {
  const provider = textOf(line["provider"]) ?? "";
  const key = numberOf(line["key"]);
  return {
    number: numberOf(line["attempt"]) ?? index + 1,
    provider: key !== null && key > 1 ? `${provider} (key ${key})` : provider,
    model: textOf(line["upstream_model"]) ?? "",
    probe: line["probe"] === true,
    outcome: outcomes.find((one) => one === line["outcome"]) ?? "failed",
    status: numberOf(line["status"]),
    reason: textOf(line["reason"]),
    words: textOf(line["words"]),
    upstream_request_id: textOf(line["upstream_request_id"]),
    suspect: suspects.find((one) => one === line["suspect"]) ?? null,
    cooldown: Math.round(numberOf(line["cooldown_s"]) ?? 0),
    duration_ms: numberOf(line["duration_ms"]),
    first_content_ms: null,
  };
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value.slice(0, longest) : null;
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
