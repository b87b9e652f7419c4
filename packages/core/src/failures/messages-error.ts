import { CcpbError, type AnthropicErrorType } from "../errors.ts";
import type { StreamFailure, UpstreamErrorText } from "../policy/outcome.ts";
import { isAccountError } from "./account-error.ts";
import { overflowMessage, readContextOverflow } from "./limits.ts";
import { readErrorStatus, readErrorText } from "./error-text.ts";
import { parseJson } from "../translate/json-object.ts";

/** What an upstream answered: its body as text, or what was read of it already. */
export interface UpstreamErrorReply {
  /** HTTP status. Below 400 (an error inside a 200) the error's own code decides. */
  readonly status: number;
  readonly body?: string;
  readonly error?: UpstreamErrorText;
}

/** An error in the words of the Messages API: the HTTP status for the client and the inner object of Anthropic's envelope. */
export interface MessagesError {
  readonly status: number;
  readonly error: { readonly type: AnthropicErrorType; readonly message: string };
}

/**
 * Maps an OpenAI-compatible upstream's error to the Messages API: types outside Anthropic's set are never copied, a context overflow in any
 * vendor's wording becomes the one that Claude Code understands, and the vendor's message is kept, without secrets.
 */
export function toMessagesError(reply: UpstreamErrorReply): MessagesError {
  const text = reply.error ?? readErrorText(reply.body ?? "");
  const isInsideAnswer = reply.status < 400;
  const status = isInsideAnswer ? (readErrorStatus(parseJson(reply.body ?? "")) ?? 502) : reply.status;
  if (isInsideAnswer || overflowStatuses.has(status)) {
    const more = `${text.type ?? ""} ${text.code ?? ""}`;
    const reworded = overflowMessage(text.message, more);
    if (reworded !== undefined || readContextOverflow(`${more} ${text.message}`)) {
      return { status: 400, error: { type: "invalid_request_error", message: reworded ?? text.message } };
    }
  }
  const kind = kindOf(status, text);
  return { status: kind.status, error: { type: kind.type, message: text.message } };
}

/** What a failed stream or answer is for an HTTP client, before anything was sent: 502 `api_error`, or what the upstream's own error says. */
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

/** The sentence for a person about a failed stream or answer. */
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

/** Whether the upstream itself said that it was overloaded; the one word besides `api_error` that a broken stream ends with. */
export function isOverloadedError(error: UpstreamErrorText): boolean {
  return /overloaded/i.test(`${error.type ?? ""} ${error.code ?? ""} ${error.message}`);
}

// llama.cpp and some gateways say 500 to a prompt that is too long.
const overflowStatuses: ReadonlySet<number> = new Set([400, 413, 422, 500]);
const badKey =
  /(?:incorrect|invalid|wrong) (?:x-)?api[- _]?key|api[- _]?key (?:is )?(?:not valid|invalid)|invalid_api_key|authentication_error/i;
const unknownModel = /model_not_found|DeploymentNotFound|model_not_exist/i;

/** The table of status and type, from the more telling words down to the bare status. */
function kindOf(
  status: number,
  text: UpstreamErrorText,
): { readonly status: number; readonly type: AnthropicErrorType } {
  const words = `${text.type ?? ""} ${text.code ?? ""}`;
  if (status === 402 || (accountStatuses.has(status) && isAccountError(text)))
    return { status: 402, type: "billing_error" };
  if (status === 401 || (status === 400 && badKey.test(`${words} ${text.message}`)))
    return { status: 401, type: "authentication_error" };
  if (status === 404 || (status === 400 && unknownModel.test(words))) return { status: 404, type: "not_found_error" };
  if (status === 503 || status === 529 || ((status === 429 || status >= 500) && isOverloadedError(text)))
    return { status: 529, type: "overloaded_error" };
  if (status === 408 || status === 504) return { status: 504, type: "timeout_error" };
  if (status === 500) return { status: 500, type: "api_error" };
  if (status > 500) return { status: 502, type: "api_error" };
  return { status, type: requestTypes.get(status) ?? "invalid_request_error" };
}

const accountStatuses: ReadonlySet<number> = new Set([400, 403, 422, 429]);

const requestTypes: ReadonlyMap<number, AnthropicErrorType> = new Map([
  [403, "permission_error"],
  [409, "conflict_error"],
  [413, "request_too_large"],
  [429, "rate_limit_error"],
]);
