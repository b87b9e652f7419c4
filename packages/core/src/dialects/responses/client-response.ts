import { isObject, type JsonObject } from "../../base/json.ts";
import type { ClientAnswerContext } from "../dialect.ts";

/** Progress of a response. */
export interface ResponseState {
  readonly status: "in_progress" | "completed" | "incomplete" | "failed";
  readonly output: readonly JsonObject[];
  readonly usage?: JsonObject;
  /** Reason why an incomplete response ended. */
  readonly incompleteReason?: string;
  readonly error?: { readonly code: string; readonly message: string };
  /** Wall clock of the end, in seconds since 1970. */
  readonly completedAt?: number;
}

/**
 * Returns the response object. It repeats the client's settings, with the API's defaults where the client said nothing: the official SDKs and the Open
 * Responses schema require every one of these members, also where it is null.
 */
export function responseObject(context: ClientAnswerContext, state: ResponseState): JsonObject {
  const { request } = context;
  const { status, output, usage, incompleteReason, error, completedAt } = state;
  return {
    id: context.id,
    object: "response",
    created_at: Math.floor(context.createdAtMs / 1000),
    status,
    background: false,
    completed_at: status === "completed" ? (completedAt ?? null) : null,
    error: error ?? null,
    incomplete_details: incompleteReason === undefined ? null : { reason: incompleteReason },
    instructions: textOr(request["instructions"], null),
    max_output_tokens: numberOr(request["max_output_tokens"], null),
    max_tool_calls: numberOr(request["max_tool_calls"], null),
    model: context.model,
    output,
    parallel_tool_calls: request["parallel_tool_calls"] !== false,
    previous_response_id: textOr(request["previous_response_id"], null),
    prompt_cache_key: textOr(request["prompt_cache_key"], null),
    prompt_cache_retention: textOr(request["prompt_cache_retention"], null),
    reasoning: reasoningOf(request["reasoning"]),
    safety_identifier: textOr(request["safety_identifier"], null),
    service_tier: serviceTier(request["service_tier"]),
    store: false,
    temperature: numberOr(request["temperature"], 1),
    text: textOf(request["text"]),
    tool_choice: toolChoice(request["tool_choice"]),
    tools: Array.isArray(request["tools"]) ? request["tools"].filter(isObject).map(toolOf) : [],
    top_logprobs: numberOr(request["top_logprobs"], 0),
    top_p: numberOr(request["top_p"], 1),
    presence_penalty: numberOr(request["presence_penalty"], 0),
    frequency_penalty: numberOr(request["frequency_penalty"], 0),
    truncation: textOr(request["truncation"], "disabled"),
    usage: usage ?? null,
    user: textOr(request["user"], null),
    metadata: isObject(request["metadata"]) ? request["metadata"] : {},
  };
}

/** Returns the counts of a Messages answer under the names of the Responses API, whose input counts include those of the cache. */
export function responseUsage(usage: JsonObject): JsonObject {
  const cached = countOf(usage["cache_read_input_tokens"]);
  const written = countOf(usage["cache_creation_input_tokens"]);
  const input = countOf(usage["input_tokens"]) + cached + written;
  const output = countOf(usage["output_tokens"]);
  const details = usage["output_tokens_details"];
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached, cache_write_tokens: written },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: isObject(details) ? countOf(details["thinking_tokens"]) : 0 },
    total_tokens: input + output,
  };
}

function countOf(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

function textOr<Default>(value: unknown, otherwise: Default): string | Default {
  return typeof value === "string" ? value : otherwise;
}

function numberOr<Default>(value: unknown, otherwise: Default): number | Default {
  return typeof value === "number" ? value : otherwise;
}

/** The API answers with the tier that was used, and `auto` is none. */
function serviceTier(tier: unknown): string {
  return typeof tier === "string" && tier !== "auto" ? tier : "default";
}

function reasoningOf(reasoning: unknown): JsonObject {
  const { effort = null, summary = null } = isObject(reasoning) ? reasoning : {};
  return { effort, summary };
}

function textOf(text: unknown): JsonObject {
  const { format, verbosity } = isObject(text) ? text : {};
  return { format: formatOf(format), verbosity: textOr(verbosity, "medium") };
}

function formatOf(format: unknown): JsonObject {
  if (!isObject(format)) return { type: "text" };
  if (format["type"] !== "json_schema") return format;
  return { ...format, description: format["description"] ?? null, strict: format["strict"] ?? false };
}

function toolChoice(choice: unknown): unknown {
  if (!isObject(choice)) return choice ?? "auto";
  return choice["type"] === "allowed_tools" ? { mode: "auto", ...choice } : choice;
}

function toolOf(tool: JsonObject): JsonObject {
  if (tool["type"] !== "function") return tool;
  const { description, parameters, strict } = tool;
  return { ...tool, description: description ?? null, parameters: parameters ?? null, strict: strict ?? true };
}
