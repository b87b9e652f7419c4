import type { ForwardedAnswer } from "../base/forwarded-answer.ts";
import { isNative, type ProviderConfig } from "../base/config-types.ts";
import type { CcpbError } from "../base/errors.ts";
import type { HeaderMap, StreamFailure } from "../base/outcome.ts";
import type { Reply } from "../base/reply.ts";
import { type Failure, readFailure } from "../failures/failure.ts";
import { overflowMessage } from "../failures/limits.ts";
import { messagesErrorOf, toFailureError } from "../failures/messages-error.ts";
import { parseJson, isObject } from "../base/json.ts";
import { errorText } from "./client-side.ts";
import type { DialectName } from "./dialect.ts";
import { answerHeaders, withoutKeys } from "./headers.ts";
import { jsonType } from "./reader.ts";

// Claude Code gives up at once above a minute, and reads whole seconds only.
const maxRetryAfterSeconds = 60;

/** Client that an error is written for. */
export interface ErrorClient {
  /** The API that the client speaks; default: Messages. */
  readonly dialect?: DialectName;
  readonly requestId: string;
}

/**
 * Makes the client's answer to an upstream's 4xx about the request. It is verbatim, without the provider's key, if
 * the provider sent an error object of the client's own API family, because Claude Code adapts to the exact wording.
 * Otherwise it has the shape of the client's API, with the same status and message. A context overflow is always told
 * in the words of the client's API.
 */
export function forwardedAnswer(
  provider: ProviderConfig,
  response: { readonly status: number; readonly headers: HeaderMap; readonly body: string; readonly failure?: Failure },
  client: ErrorClient,
): ForwardedAnswer {
  const { dialect = "messages" } = client;
  const failure = response.failure ?? readFailure(response);
  const { status, body } =
    ownErrorFor(dialect, provider, { failure, ...response }) ??
    wrapped(provider.type, { failure, ...response }, client);
  return {
    status,
    headers: { ...answerHeaders(response.headers, provider.auth, dialect), "content-type": jsonType },
    body: new TextEncoder().encode(withoutKeys(body, provider.auth)),
    provider: provider.name,
  };
}

interface FailedResponse {
  readonly failure: Failure;
  readonly status: number;
  readonly body: string;
}

interface ErrorAnswer {
  readonly status: number;
  readonly body: string;
}

/** The provider's error as it stands, where it is one of the client's own API family. */
function ownErrorFor(
  dialect: DialectName,
  provider: ProviderConfig,
  response: FailedResponse,
): ErrorAnswer | undefined {
  const { failure } = response;
  if (dialect === "messages")
    return isNative(provider.type) && failure.shape === "anthropic" ? ownError(failure, response) : undefined;
  if (provider.type !== "openai") return undefined;
  const whole = parseJson(response.body);
  const error = isObject(whole) ? whole["error"] : undefined;
  if (!isObject(error) || typeof error["message"] !== "string") return undefined;
  // Clients compact their conversation at this code, and some vendors only write a sentence.
  const isUncoded = failure.overflow !== undefined && error["code"] !== "context_length_exceeded";
  return isUncoded ? undefined : response;
}

/** An Anthropic error object as it stands, but for another vendor's words for a context overflow, which are put into Anthropic's. */
function ownError(failure: Failure, response: ErrorAnswer): ErrorAnswer {
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

/** Returns the client's answer to an error of the request's that came inside a 2xx. */
export function forwardedFailure(
  provider: ProviderConfig,
  failure: StreamFailure,
  client: ErrorClient,
): ForwardedAnswer {
  const { dialect = "messages", requestId } = client;
  const { status, type, message } = toFailureError(failure);
  const text = errorText(
    dialect,
    { status, error: { type, message: withoutKeys(message, provider.auth) } },
    { requestId },
  );
  return {
    status,
    headers: { "content-type": jsonType },
    body: new TextEncoder().encode(text),
    provider: provider.name,
  };
}

function wrapped(
  type: ProviderConfig["type"],
  { failure, status: upstreamStatus }: FailedResponse,
  { dialect = "messages", requestId }: ErrorClient,
): ErrorAnswer {
  const { status, error } = messagesErrorOf(failure);
  const isReworded = failure.overflow !== undefined || error.message !== failure.text.message;
  // A 501 that everybody gave stays one, although the translator alone would call it a 502.
  const isKept = isNative(type) || status >= 500;
  const kept = isKept && !isReworded ? upstreamStatus : status;
  return { status: kept, body: errorText(dialect, { status: kept, error }, { requestId }) };
}

/**
 * Makes the HTTP answer for an error of ccpb. `retry-after` (whole seconds, 1 to 60) and `x-should-retry` are added
 * where they help.
 *
 * @param error - error of `open`, `send` or `failure`.
 * @param requestId - id that the client can quote; usually the call's.
 * @param dialect - API whose error shape is used; default Messages.
 * @returns the reply, with `provider` `""`.
 * @example
 * ```ts
 * const error = new CcpbError("invalid_request", "the body is no JSON", { status: 400, type: "invalid_request_error" });
 * console.log(errorReply(error, "req_1").status); // 400
 * ```
 */
export function errorReply(error: CcpbError, requestId: string, dialect: DialectName = "messages"): Reply {
  const headers: Record<string, string> = { "content-type": jsonType };
  if (error.retryAfterMs !== undefined) {
    headers["retry-after"] = String(Math.min(maxRetryAfterSeconds, Math.max(1, Math.ceil(error.retryAfterMs / 1_000))));
  }
  if (error.shouldRetry === false) headers["x-should-retry"] = "false";
  const { status, type, message, details } = error;
  const text = errorText(dialect, { status, error: { type, message } }, { requestId, details });
  const body = new TextEncoder().encode(text);
  return { status, headers, body, provider: "", attempts: error.attempts.length };
}
