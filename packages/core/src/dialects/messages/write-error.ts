import type { ForwardedAnswer } from "../../base/forwarded-answer.ts";
import { isNative, type ProviderConfig } from "../../base/config-types.ts";
import type { CcpbError } from "../../base/errors.ts";
import type { HeaderMap, StreamFailure } from "../../base/outcome.ts";
import type { Reply } from "../../base/reply.ts";
import { type Failure, readFailure } from "../../failures/failure.ts";
import { overflowMessage } from "../../failures/limits.ts";
import { messagesErrorOf, toFailureError } from "../../failures/messages-error.ts";
import { parseJson, isObject } from "../../base/json.ts";
import { answerHeaders, withoutKeys } from "../headers.ts";
import { jsonType } from "../reader.ts";

// Claude Code gives up at once above a minute, and reads whole seconds only.
const maxRetryAfterSeconds = 60;

/**
 * The client's answer to an upstream's 4xx that concerns the request: verbatim where an anthropic provider sent an Anthropic error object (Claude
 * Code adapts to the exact wording), but for the provider's own key; in Anthropic's shape with status and message kept everywhere else. A
 * context overflow is told in Anthropic's words, whoever tells it.
 */
export function forwardedAnswer(
  provider: ProviderConfig,
  response: { readonly status: number; readonly headers: HeaderMap; readonly body: string; readonly failure?: Failure },
  requestId: string,
): ForwardedAnswer {
  const failure = response.failure ?? readFailure(response);
  const own = isNative(provider.type) && failure.shape === "anthropic";
  const { status, body } = own
    ? ownError(failure, response)
    : wrapped(provider.type, failure, response.status, requestId);
  return {
    status,
    headers: { ...answerHeaders(response.headers, provider.auth), "content-type": jsonType },
    body: new TextEncoder().encode(withoutKeys(body, provider.auth)),
    provider: provider.name,
  };
}

/** An Anthropic error object as it stands, but for another vendor's words for a context overflow, which are put into Anthropic's. */
function ownError(
  failure: Failure,
  response: { readonly status: number; readonly body: string },
): { readonly status: number; readonly body: string } {
  const reworded = overflowMessage(failure.text);
  if (reworded === undefined && (failure.overflow === undefined || response.status === 400)) return response;
  const whole = parseJson(response.body.replace(/^\uFEFF/, ""));
  const error = isObject(whole) ? whole["error"] : undefined;
  if (!isObject(whole) || !isObject(error)) return response;
  const message = reworded ?? failure.text.message;
  return {
    status: 400,
    body: JSON.stringify({ ...whole, error: { ...error, type: "invalid_request_error", message } }),
  };
}

/** The client's answer to an error of the request's that came inside a 2xx. */
export function forwardedFailure(provider: ProviderConfig, failure: StreamFailure, requestId: string): ForwardedAnswer {
  const { status, type, message } = toFailureError(failure);
  const body = envelope({ type, message: withoutKeys(message, provider.auth) }, requestId);
  return { status, headers: { "content-type": jsonType }, body, provider: provider.name };
}

function wrapped(
  type: ProviderConfig["type"],
  failure: Failure,
  upstreamStatus: number,
  requestId: string,
): { readonly status: number; readonly body: string } {
  const { status, error } = messagesErrorOf(failure);
  const isReworded = failure.overflow !== undefined || error.message !== failure.text.message;
  // A 501 that everybody gave stays one, although the translator alone would call it a 502.
  const isKept = isNative(type) || status >= 500;
  return { status: isKept && !isReworded ? upstreamStatus : status, body: envelopeText(error, requestId) };
}

/** The HTTP answer for an error of ours: Anthropic's envelope, with `retry-after` in whole seconds (1 to 60) and `x-should-retry` where they help. */
export function errorReply(error: CcpbError, requestId: string): Reply {
  const headers: Record<string, string> = { "content-type": jsonType };
  if (error.retryAfterMs !== undefined) {
    headers["retry-after"] = String(Math.min(maxRetryAfterSeconds, Math.max(1, Math.ceil(error.retryAfterMs / 1_000))));
  }
  if (error.shouldRetry === false) headers["x-should-retry"] = "false";
  const { type, message, details } = error;
  const body = envelope({ type, message, ...(details && { details }) }, requestId);
  return { status: error.status, headers, body, provider: "", attempts: error.attempts.length };
}

function envelope(error: Readonly<Record<string, unknown>>, requestId: string): Uint8Array {
  return new TextEncoder().encode(envelopeText(error, requestId));
}

function envelopeText(error: Readonly<Record<string, unknown>>, requestId: string): string {
  return JSON.stringify({ type: "error", error, request_id: requestId });
}
