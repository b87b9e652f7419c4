import type { ForwardedAnswer } from "../call-types.ts";
import type { Clock } from "../clock.ts";
import type { ProviderConfig } from "../config-types.ts";
import type { AnthropicErrorType, CcpbError } from "../errors.ts";
import type { HeaderMap, StreamFailure } from "../policy/outcome.ts";
import type { Reply } from "./reply.ts";
import { readErrorText } from "../failures/error-text.ts";
import { overflowMessage, readContextOverflow } from "../failures/limits.ts";
import { toFailureError, toMessagesError } from "../failures/messages-error.ts";
import { answerHeaders, withoutKeys } from "../upstream/headers.ts";
import { concatBytes } from "../upstream/splice-model.ts";
import type { BodySource } from "./body-source.ts";
import { isObject } from "../json.ts";
import { jsonType } from "./reader.ts";

const maxErrorBytes = 64 * 1024;
const errorBodyMs = 1_000;
// Claude Code gives up at once above a minute, and reads whole seconds only.
const maxRetryAfterSeconds = 60;

/** Reads an error body as text, up to 64 kB and one second; what came until then is used. */
export async function readErrorBody(source: BodySource, clock: Clock): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  using _deadline = clock.setTimer(errorBodyMs, () => source.interrupt("error-body"));
  while (length < maxErrorBytes) {
    const arrival = await source.next();
    if (arrival.type !== "chunk") break;
    parts.push(arrival.bytes);
    length += arrival.bytes.length;
  }
  return new TextDecoder().decode(concatBytes(parts).subarray(0, maxErrorBytes));
}

/**
 * The client's answer to an upstream's 4xx that concerns the request: verbatim where an anthropic provider sent an Anthropic error object (Claude
 * Code adapts to the exact wording), but for the provider's own key; in Anthropic's shape with status and message kept everywhere else. A
 * context overflow is told in Anthropic's words, whoever tells it.
 */
export function forwardedAnswer(
  provider: ProviderConfig,
  response: { readonly status: number; readonly headers: HeaderMap; readonly body: string },
  requestId: string,
): ForwardedAnswer {
  const text = withoutKeys(response.body, provider.auth);
  const own = provider.type === "anthropic" ? readAnthropicError(text) : undefined;
  const reworded = own && rewordOverflow(own);
  const wrapped = own ? undefined : wrap(provider, { ...response, body: text });
  return {
    status: reworded === undefined ? (wrapped?.status ?? response.status) : 400,
    headers: { ...answerHeaders(response.headers, provider.auth), "content-type": jsonType },
    body: wrapped ? envelope(wrapped.error, requestId) : new TextEncoder().encode(reworded ?? text),
    provider: provider.name,
  };
}

/** The client's answer to an error of the request's that came inside a 2xx. */
export function forwardedFailure(provider: ProviderConfig, failure: StreamFailure, requestId: string): ForwardedAnswer {
  const { status, type, message } = toFailureError(failure);
  const body = envelope({ type, message: withoutKeys(message, provider.auth) }, requestId);
  return { status, headers: { "content-type": jsonType }, body, provider: provider.name };
}

function wrap(
  provider: ProviderConfig,
  response: { readonly status: number; readonly body: string },
): { readonly status: number; readonly error: { readonly type: AnthropicErrorType; readonly message: string } } {
  const mapped = toMessagesError(response);
  if (mapped.status === 400 && readContextOverflow(mapped.error.message)) return mapped;
  // A 501 that everybody gave stays one, although the translator alone would call it a 502.
  if (provider.type === "openai") return { ...mapped, status: mapped.status < 500 ? mapped.status : response.status };
  return {
    status: response.status,
    error: { ...mapped.error, message: readErrorText(response.body).message || mapped.error.message },
  };
}

/** An error object of Anthropic's form. */
interface AnthropicError {
  readonly whole: Readonly<Record<string, unknown>>;
  readonly error: Readonly<Record<string, unknown>>;
  readonly message: string;
}

function readAnthropicError(text: string): AnthropicError | undefined {
  try {
    const whole: unknown = JSON.parse(text);
    const error = isObject(whole) && whole["type"] === "error" ? whole["error"] : undefined;
    if (!isObject(whole) || !isObject(error) || typeof error["message"] !== "string") return undefined;
    return { whole, error, message: error["message"] };
  } catch {
    return undefined; // not JSON: it is wrapped
  }
}

/** The same error with another vendor's words for a context overflow put into Anthropic's; undefined where they stand. */
function rewordOverflow({ whole, error, message: original }: AnthropicError): string | undefined {
  const message = overflowMessage(original, typeof error["code"] === "string" ? error["code"] : "");
  if (message === undefined) return undefined;
  return JSON.stringify({ ...whole, error: { ...error, type: "invalid_request_error", message } });
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
  return new TextEncoder().encode(JSON.stringify({ type: "error", error, request_id: requestId }));
}
