import { CcpbError, type AnthropicErrorType } from "../base/errors.ts";
import type { StreamFailure, UpstreamErrorText } from "../base/outcome.ts";
import { type Failure, readFailure } from "./failure.ts";
import { overflowMessage } from "./limits.ts";

/** Error of an upstream: its body as text, or what was read of it already. */
export interface UpstreamErrorReply {
  /** HTTP status. Below 400 (an error inside a 200) the error's own code decides. */
  readonly status: number;
  /** Body as text. */
  readonly body?: string;
  /** Error that was read already. */
  readonly error?: UpstreamErrorText;
}

/** Error in the words of the Messages API. */
export interface MessagesError {
  /** HTTP status for the client. */
  readonly status: number;
  /** Inner object of Anthropic's envelope. */
  readonly error: { readonly type: AnthropicErrorType; readonly message: string };
}

/**
 * Translates an error of an OpenAI-compatible upstream to the Messages API. Types outside Anthropic's set are never
 * copied; a context overflow in any vendor's wording becomes the one that Claude Code understands; the vendor's
 * message is kept, without secrets.
 *
 * @param reply - status and body of the upstream.
 * @returns status and error for the client.
 * @see https://docs.anthropic.com/en/api/errors
 * @example
 * ```ts
 * console.log(toMessagesError({ status: 404, body: '{"error":{"message":"no such model"}}' }).error.type); // not_found_error
 * ```
 */
export function toMessagesError(reply: UpstreamErrorReply): MessagesError {
  return messagesErrorOf(readFailure(reply));
}

/** Translates like `toMessagesError`, for an error that was read already. */
export function messagesErrorOf(failure: Failure): MessagesError {
  const { text } = failure;
  if (failure.overflow) {
    return { status: 400, error: { type: "invalid_request_error", message: overflowMessage(text) ?? text.message } };
  }
  const reworded =
    failure.status === undefined || overflowStatuses.has(failure.status) ? overflowMessage(text) : undefined;
  if (reworded !== undefined) return { status: 400, error: { type: "invalid_request_error", message: reworded } };
  const kind = kindOf(failure);
  return { status: kind.status, error: { type: kind.type, message: text.message } };
}

/**
 * Makes the error for an HTTP client of a failed stream or answer of which nothing was sent: 502 `api_error`, or the
 * upstream's own error.
 */
export function toFailureError(failure: StreamFailure): CcpbError {
  const mapped =
    failure.type === "error"
      ? toMessagesError({ status: failure.status ?? 200, error: failure.error })
      : ({ status: 502, error: { type: "api_error", message: failureMessage(failure) } } as const);
  return new CcpbError("provider_error", mapped.error.message, {
    status: mapped.status,
    type: mapped.error.type,
    cause: failure,
  });
}

/** Returns the sentence for a person about a failed stream or answer. */
export function failureMessage(failure: StreamFailure): string {
  switch (failure.type) {
    case "error":
      return failure.error.message;
    case "truncated":
      return "the provider's stream ended before its answer was complete";
    case "junk":
      return `the provider's stream holds something that is no part of an answer: ${failure.detail}`;
    case "not-an-answer":
    case "too-large":
      return failure.detail;
  }
}

/** Decides whether the upstream reported overload, the one type besides `api_error` that a broken stream ends with. */
export function isOverloadedError(error: UpstreamErrorText): boolean {
  return readFailure({ status: undefined, error }).isOverloaded;
}

const overflowStatuses: ReadonlySet<number> = new Set([400, 413, 422, 500]);

/** The table of status and type, from the more telling words down to the bare status. */
function kindOf(failure: Failure): { readonly status: number; readonly type: AnthropicErrorType } {
  const status = failure.status ?? 502;
  if (status === 402 || (accountStatuses.has(status) && isAccountFailure(failure))) {
    return { status: 402, type: "billing_error" };
  }
  if (status === 401 || (isRequestStatus(status) && failure.isKeyRefused)) {
    return { status: 401, type: "authentication_error" };
  }
  if (status === 404 || (isRequestStatus(status) && failure.isUnknownModel))
    return { status: 404, type: "not_found_error" };
  if (status === 503 || status === 529 || ((status === 429 || status >= 500) && failure.isOverloaded))
    return { status: 529, type: "overloaded_error" };
  if (status === 408 || status === 504) return { status: 504, type: "timeout_error" };
  if (status === 500) return { status: 500, type: "api_error" };
  if (status > 500) return { status: 502, type: "api_error" };
  return { status, type: requestTypes.get(status) ?? "invalid_request_error" };
}

/** Google says "exceeded your current quota, please check your plan and billing details" for a limit per minute. */
function isAccountFailure({ account, text: { type = "", code = "" } }: Failure): boolean {
  return account === "unpaid" || (account === "quota" && !/RESOURCE_EXHAUSTED/i.test(`${type} ${code}`));
}

function isRequestStatus(status: number): boolean {
  return status === 400 || status === 422;
}

const accountStatuses: ReadonlySet<number> = new Set([400, 403, 422, 429]);

const requestTypes: ReadonlyMap<number, AnthropicErrorType> = new Map([
  [403, "permission_error"],
  [409, "conflict_error"],
  [413, "request_too_large"],
  [429, "rate_limit_error"],
]);
