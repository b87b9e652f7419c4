import type { MessagesError } from "../../failures/messages-error.ts";
import type { JsonObject } from "../../base/json.ts";

/** An error in OpenAI's words. */
export interface ResponsesError {
  readonly message: string;
  readonly type: string;
  /** The path of the member that is wrong. */
  readonly param: string | null;
  readonly code: string | null;
}

interface Wording {
  readonly type: string;
  readonly code: string | null;
}

/** OpenAI's own types and codes (platform.openai.com, "Error codes"), by the error types of the Messages API. */
const wordings: Readonly<Record<MessagesError["error"]["type"], Wording>> = {
  invalid_request_error: { type: "invalid_request_error", code: null },
  authentication_error: { type: "invalid_request_error", code: "invalid_api_key" },
  billing_error: { type: "insufficient_quota", code: "insufficient_quota" },
  permission_error: { type: "invalid_request_error", code: "permission_denied" },
  not_found_error: { type: "invalid_request_error", code: "model_not_found" },
  rate_limit_error: { type: "rate_limit_error", code: "rate_limit_exceeded" },
  timeout_error: { type: "server_error", code: "timeout" },
  api_error: { type: "server_error", code: "server_error" },
  overloaded_error: { type: "server_error", code: "server_is_overloaded" },
  conflict_error: { type: "invalid_request_error", code: "conflict" },
  request_too_large: { type: "invalid_request_error", code: "request_too_large" },
};

// The words by which the errors of the Messages API tell of a prompt that is too long; those of other vendors were put into them before.
const overflow = /^prompt is too long|^input length and `max_tokens` exceed context limit/i;
// Errors about a member begin with its path: `input[2].content`, or `messages.2.content` in Anthropic's own.
const memberPath = /^(?<path>[a-z_]+(?:\.[a-z_]\w*|\.\d+|\[\d+\])*): /;

/**
 * Returns OpenAI's words for an error of the Messages API. The codes are those that clients act on: Codex compacts at `context_length_exceeded`, gives up
 * at `insufficient_quota`, and waits at `rate_limit_exceeded` and `server_is_overloaded`.
 */
export function responsesErrorOf({ error }: Pick<MessagesError, "error">): ResponsesError {
  const { message } = error;
  // A provider's stream may hold a type that is not known.
  const { type, code } = Object.hasOwn(wordings, error.type) ? wordings[error.type] : wordings.api_error;
  if (type !== "invalid_request_error" || code !== null) return { message, type, param: null, code };
  if (overflow.test(message)) return { message, type, param: "input", code: "context_length_exceeded" };
  const param = memberPath.exec(message)?.groups?.["path"] ?? null;
  return { message, type, param, code: param === "previous_response_id" ? "previous_response_not_found" : null };
}

/**
 * Writes the body of an error of the Responses API.
 *
 * @param error - error in the words of the Messages API, such as `toMessagesError` gives.
 * @returns the body.
 * @example
 * ```ts
 * const body = toResponsesError({ error: { type: "not_found_error", message: "no such model" } });
 * console.log(Object.keys(body)); // [ 'error' ]
 * ```
 */
export function toResponsesError(error: Pick<MessagesError, "error">): JsonObject {
  return { error: responsesErrorOf(error) };
}
